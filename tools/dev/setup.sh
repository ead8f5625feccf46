#!/usr/bin/env bash
# Installs everything that building and testing need: Debian packages, and a Python environment in .venv.
# Made for Debian 12; safe to call again, and quick when nothing is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

packages=(
  ca-certificates git g++ cmake ninja-build ccache python3-venv
  llvm-22-dev libmlir-22-dev mlir-22-tools clang-22 liblld-22-dev
  libprotobuf-dev protobuf-compiler zlib1g-dev libgtest-dev
)
requirements=tools/dev/requirements.txt

fail() { echo "setup: error: $*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || echo "$package"
  done
}

install_packages() {
  command -v apt-get >/dev/null || fail "no apt-get here; install the counterparts of: $*"
  local root=()
  if [[ "$(id -u)" != 0 ]]; then
    command -v sudo >/dev/null ||
      fail "not root, and no sudo; run as root: apt-get update && apt-get install -y --no-install-recommends $*"
    root=(sudo)
  fi
  echo "setup: installing $*"
  "${root[@]}" apt-get update
  local candidate
  candidate="$(LC_ALL=C apt-cache policy llvm-22-dev | sed -n 's/^ *Candidate: //p')"
  [[ -n "$candidate" && "$candidate" != "(none)" ]] ||
    fail "apt offers no llvm-22-dev; Debian 12 has LLVM 22 in its security suite: enable bookworm-security and run this again"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# Debian's own python3 is the one whose venv module was just installed; another that comes first on PATH may lack it.
find_python() {
  local python
  for python in /usr/bin/python3 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  fail "no python3 of version 3.11 or later with venv; install python3-venv"
}

# A half-made environment (no pip, or a Python that has gone) is made again.
make_environment() {
  if ! .venv/bin/python3 -m pip --version >/dev/null 2>&1; then
    local python
    python="$(find_python)"
    echo "setup: making .venv with $python"
    "$python" -m venv --clear .venv
  fi
  if ! cmp -s "$requirements" .venv/requirements.installed; then
    echo "setup: installing into .venv: $(sed 's/#.*//' "$requirements" | xargs)"
    .venv/bin/python3 -m pip install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" .venv/requirements.installed
  fi
}

cmake_is_new_enough() {
  local version
  version="$("$1" --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')"
  [[ -n "$version" && "$(printf '%s\n3.20\n' "$version" | sort -V | head -n 1)" == 3.20 ]]
}

mapfile -t missing < <(missing_packages)
if [[ ${#missing[@]} -gt 0 ]]; then
  install_packages "${missing[@]}"
fi
make_environment
if ! cmake_is_new_enough cmake && ! cmake_is_new_enough .venv/bin/cmake; then
  echo "setup: installing into .venv: cmake (the system's is older than 3.20)"
  .venv/bin/python3 -m pip install --quiet --disable-pip-version-check 'cmake>=3.25'
fi
echo "setup: everything is there"
