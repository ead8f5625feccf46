#!/usr/bin/env bash
# Installs what is missing, builds, and compares the demo network in float and in integers with ONNX Runtime.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools/dev/setup.sh
tools/dev/build.sh quantization-opt quantization-run
exec .venv/bin/python3 tools/dev/demo.py "$@"
