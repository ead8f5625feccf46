#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. The last line reads `N passed, N failed, N skipped`.
#   tools/dev/test.sh [--quick] [PATH or REGEX ...]
# --quick leaves out the tests on real models; a path (test/Fold, test/Fold/fold-scales.mlir) or a regular expression over
# test names chooses among all others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for argument in "$@"; do
  case "$argument" in -h | --help) exec sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" ;; esac
done
tools/dev/setup.sh
if ! tools/dev/build.sh; then
  # No test ran: say so in the form that readers of the last line expect.
  echo "error: the build failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
exec .venv/bin/python3 tools/dev/check.py "$@"
