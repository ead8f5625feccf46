# Every outside part is found here. See third_party/README.md.

list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
# `find_package(MLIR 22)` is refused by Debian's strict version file; 22.1 works.
find_package(MLIR 22.1 REQUIRED CONFIG)
find_package(LLD 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_program(QUANTIZATION_CLANG NAMES clang clang-22 HINTS ${LLVM_TOOLS_BINARY_DIR} NO_DEFAULT_PATH REQUIRED)

# The project's virtual environment brings ONNX's schema (and the Python of the tests).
find_program(QUANTIZATION_PYTHON NAMES python3 PATHS ${CMAKE_SOURCE_DIR}/.venv/bin NO_DEFAULT_PATH)
if(NOT QUANTIZATION_PYTHON)
  find_program(QUANTIZATION_PYTHON NAMES python3 REQUIRED)
endif()
if(NOT ONNX_PROTO)
  execute_process(
    COMMAND ${QUANTIZATION_PYTHON} -c
      "import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec('onnx').origin).parent / 'onnx-ml.proto')"
    OUTPUT_VARIABLE ONNX_PROTO OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(ONNX_PROTO "${ONNX_PROTO}" CACHE FILEPATH "onnx-ml.proto of the PyPI package onnx")
endif()
if(NOT EXISTS "${ONNX_PROTO}")
  message(FATAL_ERROR "onnx-ml.proto not found: run tools/dev/setup.sh, or pass -DONNX_PROTO=<path to onnx-ml.proto of the PyPI package onnx>")
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()

# g++ only finds ld.lld when told where Debian keeps it.
if(EXISTS ${LLVM_TOOLS_BINARY_DIR}/ld.lld)
  add_link_options(-B${LLVM_TOOLS_BINARY_DIR} -fuse-ld=lld)
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter -fno-exceptions)
# Ranges and codes must not depend on what the build machine can fuse.
add_compile_options(-ffp-contract=off)
if(NOT LLVM_ENABLE_RTTI)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
endif()
option(QUANTIZATION_ASSERTIONS "Keep assert() in optimised builds" OFF)
if(QUANTIZATION_ASSERTIONS)
  add_compile_options(-UNDEBUG)
endif()
