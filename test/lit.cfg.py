# The lit configuration of all test folders. build/test/lit.site.cfg.py, written by CMake, sets the paths and loads it.
#
# Substitutions: %python (with onnx, numpy and the rest), %data (the real models and data), %root (the repository).
# Features: quantization-data (%data is there and --quick was not asked for), onnxruntime, and host-<architecture>.

import os
import platform
import subprocess

import lit.formats

config.name = "quantization"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".py", ".onnxtxt", ".ll"]
config.excludes = ["Inputs", "unit", "fuzz", "benchmark", "CMakeLists.txt", "lit.cfg.py", "lit.local.cfg"]
config.test_source_root = os.path.join(config.quantization_source, "test")
config.test_exec_root = os.path.join(config.quantization_build, "test")

data = os.environ.get("QUANTIZATION_DATA") or os.path.join(config.quantization_source, "..", "shared", "data")
data = os.path.abspath(data)

config.environment["PATH"] = os.pathsep.join(
    [config.quantization_bin, config.llvm_tools, os.environ.get("PATH", "")])
config.environment["QUANTIZATION_DATA"] = data
config.environment["QUANTIZATION_PYTHON"] = config.quantization_python
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
for name in ("HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%python", config.quantization_python),
    ("%data", data),
    ("%root", config.quantization_source),
    # A triple of another architecture than this machine's.
    ("%foreign", "x86_64-linux-gnu" if platform.machine() == "aarch64" else "aarch64-linux-gnu"),
]

config.available_features.add("host-" + platform.machine())
if os.path.isfile(os.path.join(data, "zoo.py")):
    if not lit_config.params.get("quick"):
        config.available_features.add("quantization-data")
else:
    lit_config.note(f"no real models at {data}: the tests on them are skipped (QUANTIZATION_DATA names another place)")

probe = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ('onnx', 'numpy', 'onnxruntime'))))"
if subprocess.run([config.quantization_python, "-c", probe], capture_output=True).returncode == 0:
    config.available_features.add("onnxruntime")
else:
    lit_config.note(f"{config.quantization_python} has no onnxruntime: tests that compare with it are skipped")
