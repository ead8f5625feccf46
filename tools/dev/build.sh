#!/usr/bin/env bash
# Configures and builds everything into build/. Arguments go to ninja: tools/dev/build.sh -j4 quantization-opt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cmake=cmake
[[ -x .venv/bin/cmake ]] && cmake=.venv/bin/cmake
[[ -x .venv/bin/python3 ]] || { echo "build: error: no .venv; run tools/dev/setup.sh first" >&2; exit 1; }

# CMake itself configures again when one of its files has changed.
if [[ ! -f build/build.ninja ]]; then
  "$cmake" -G Ninja -S . -B build
fi
exec ninja -C build "$@"
