"""This module lists the engines and makes what each of them runs."""

import dataclasses
import hashlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import textwrap
import time
from typing import Callable

HERE = pathlib.Path(__file__).parent
LONGEST = 1200  # seconds that a preparation may take
MOST_MEMORY = 12 << 30  # bytes of address space that it may take: IREE's compiler would fill any machine with an encoder

# What pip installs for each peer; the names are those of --peers.
PACKAGES = {
    "onnxruntime": ["onnxruntime"],
    "openvino": ["openvino", "nncf"],
    "iree": ["iree-base-compiler", "iree-base-runtime"],
    "executorch": ["executorch", "torch", "torchao"],
}
COMMON_PACKAGES = ["numpy", "onnx"]
IMPORTS = {"onnxruntime": "onnxruntime", "openvino": "openvino, nncf", "iree": "iree.runtime, iree.compiler",
           "executorch": "torch, torchao, executorch.extension.pybindings.portable_lib"}

IREE_FLAGS = ["--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
              "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3", "--iree-opt-data-tiling",
              "--iree-llvmcpu-stack-allocation-limit=262144",  # more than the default, at which some networks fail
              "--iree-global-opt-use-im2col-for-convs"]  # without it, convolutions are several times slower


class NotRun(Exception):
    """Why an engine takes no part."""


@dataclasses.dataclass
class Engine:
    """A column of the report. `prepare` takes (tools, network, threads) and returns a Prepared."""

    name: str
    family: str  # of worker.py
    label: str
    integer: bool
    prepare: Callable
    peer: str = ""  # the name in --peers; empty for the project's own
    networks: tuple = ()  # that have this column; all if empty


@dataclasses.dataclass
class Prepared:
    """What an engine runs, and what it cost to make."""

    file: pathlib.Path
    seconds: float | None = None
    also: tuple = ()  # files that belong to it

    @property
    def bytes(self):
        return sum(os.path.getsize(path) for path in (self.file, *self.also))


@dataclasses.dataclass
class Tools:
    compiler: pathlib.Path
    python: pathlib.Path  # of the engines' environment
    folder: pathlib.Path
    failures: dict = dataclasses.field(default_factory=dict)  # of this run: what failed once is not tried again

    def make(self, output, inputs, *commands):
        """Runs commands that make `output` from `inputs`, unless an earlier run has; returns the seconds that they took."""
        record = pathlib.Path(f"{output}.made.json")
        words = [[str(word) for word in command] for command in commands]
        state = [[str(path), os.stat(path).st_mtime_ns] for path in inputs]
        key = hashlib.sha256(json.dumps([words, state]).encode()).hexdigest()
        if record.exists() and pathlib.Path(output).exists():
            old = json.loads(record.read_text())
            if old["key"] == key:
                return old["seconds"]
        if key in self.failures:
            raise NotRun(self.failures[key])
        start = time.monotonic()
        for command in words:
            self._run(command, key)
        seconds = time.monotonic() - start
        record.write_text(json.dumps({"key": key, "seconds": seconds}))
        return seconds

    def watch(self, processors, command):
        """What a program takes on some processors: a dictionary as of watched.py."""
        words = [str(word) for word in command]
        small = [sys.executable, "-I", "-S", str(HERE / "watched.py")]
        text = self._run(["taskset", "-c", ",".join(map(str, processors)), *small, *words], json.dumps(words))
        return json.loads(text.splitlines()[-1])

    def _run(self, command, key):
        """What the command printed."""
        # A group of its own: some programs are scripts whose children would outlive them.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, errors="replace", process_group=0, preexec_fn=limit_memory)
        why = ""
        try:
            text, _ = process.communicate(timeout=LONGEST)
            if process.returncode:
                why = reason(text) or f"ended with status {process.returncode}"
        except subprocess.TimeoutExpired:
            why = f"{pathlib.Path(command[0]).name} took over {LONGEST} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if why:
            self.failures[key] = why
            raise NotRun(why)
        return text

    def path(self, network, suffix):
        return self.folder / f"{network.name}.{suffix}"


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def reason(text):
    """The line of an error's text that says most: that of the compiler's error, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return textwrap.shorten(next((line for line in lines if "error:" in line), lines[-1] if lines else ""), 200)


def compiled(name, flags, source=None):
    def prepare(tools, network, threads):
        model = network.model if source is None else source(tools, network, threads).file
        options = [flag.format(calibration=network.calibration) for flag in flags] + ["--emit=lib", "--quiet", f"--threads={threads}"]
        # The name of the file becomes that of the functions in it.
        output = tools.folder / f"{network.name}_{name}_{threads}.so"
        command = [tools.compiler, model, *options, "-o", output]
        return Prepared(output, tools.make(output, [tools.compiler, model, network.calibration], command))

    return prepare


def as_it_is(tools, network, threads):
    return Prepared(pathlib.Path(network.model))


def by_script(kind, suffix):
    """By prepare.py."""

    def prepare(tools, network, threads):
        output = tools.path(network, f"{kind}{suffix}")
        command = [tools.python, HERE / "prepare.py", kind, network.model, network.calibration, network.batch, output]
        seconds = tools.make(output, [HERE / "prepare.py", network.model, network.calibration], command)
        return Prepared(output, seconds, (output.with_suffix(".bin"),) if suffix == ".xml" else ())

    return prepare


def by_iree(name, source):
    def prepare(tools, network, threads):
        model = source(tools, network, threads).file
        text, output = tools.path(network, f"{name}.mlir"), tools.path(network, f"{name}.vmfb")
        programs = tools.python.parent
        seconds = tools.make(output, [model],
                             [programs / "iree-import-onnx", model, "-o", text, "--opset-version", "21"],
                             [programs / "iree-compile", text, "-o", output, *IREE_FLAGS])
        text.unlink(missing_ok=True)
        return Prepared(output, seconds)

    return prepare


u8s8, s8s8 = by_script("ort_u8s8", ".onnx"), by_script("ort_s8s8", ".onnx")

NARROW = ("convs64", "matrices")  # networks of one kind of layer, which are measured with fewer bits too
ENGINES = [
    Engine("ours_int8", "compiled", "quantization-opt int8", True,
           compiled("ours_int8", ["--policy=int8", "--calibrate-with={calibration}"])),
    Engine("ours_qdq", "compiled", "quantization-opt, ONNX Runtime's U8S8 file", True,
           compiled("ours_qdq", [], u8s8)),
    Engine("ours_float", "compiled", "quantization-opt float", False, compiled("ours_float", ["--policy=float"])),
    *(Engine(f"ours_{name}", "compiled", f"quantization-opt, {label}", True,
             compiled(f"ours_{name}", [f"--policy={HERE}/policies/{name}.yaml", "--calibrate-with={calibration}"]), networks=NARROW)
      for name, label in (("int4", "weights of 4 bits"), ("ternary", "ternary weights"), ("ternary4", "ternary weights, 4 channels to a factor"),
                          ("binary", "weights of 1 bit"), ("bits", "weights and values of 1 bit"))),
    Engine("ours_ternary_network", "compiled", "quantization-opt, ternary weights but in the first layer", True,
           compiled("ours_ternary_network", [f"--policy={HERE}/policies/ternary-but-first.yaml", "--calibrate-with={calibration}"]),
           networks=("alexnet", "cifar10_quick", "resnet18", "vgg16")),
    Engine("ort_float", "onnxruntime", "ONNX Runtime float", False, as_it_is, "onnxruntime"),
    Engine("ort_u8s8", "onnxruntime", "ONNX Runtime U8S8", True, u8s8, "onnxruntime"),
    Engine("ort_s8s8", "onnxruntime", "ONNX Runtime S8S8", True, s8s8, "onnxruntime"),
    Engine("ov_float", "openvino", "OpenVINO float", False, as_it_is, "openvino"),
    Engine("ov_qdq", "openvino", "OpenVINO, ONNX Runtime's U8S8 file", True, u8s8, "openvino"),
    Engine("ov_nncf", "openvino", "OpenVINO NNCF", True, by_script("ov_nncf", ".xml"), "openvino"),
    Engine("iree_float", "iree", "IREE float", False, by_iree("iree_float", as_it_is), "iree"),
    Engine("iree_int8", "iree", "IREE, ONNX Runtime's S8S8 file", True, by_iree("iree_int8", s8s8), "iree"),
    Engine("et_float", "executorch", "ExecuTorch float", False, by_script("et_float", ".pte"), "executorch"),
    Engine("et_int8", "executorch", "ExecuTorch int8", True, by_script("et_int8", ".pte"), "executorch"),
]
OURS, REFERENCE = "ours_int8", "ort_float"


def install(venv, peers):
    """Makes the environment and installs peers into it; returns {peer: why not} for those that could not be."""
    python = venv / "bin" / "python3"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    failed = {}
    for peer, packages in [("", COMMON_PACKAGES)] + [(peer, PACKAGES[peer]) for peer in peers]:
        probe = f"import {IMPORTS[peer]}" if peer else "import numpy, onnx"
        if subprocess.run([python, "-c", probe], capture_output=True).returncode == 0:
            continue
        print(f"bench: installing {' '.join(packages)} into {venv}", file=sys.stderr, flush=True)
        result = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
                                capture_output=True, text=True)
        if result.returncode:
            failed[peer] = f"not installed: {reason(result.stderr)}"
        else:
            check = subprocess.run([python, "-c", probe], capture_output=True, text=True)
            if check.returncode:
                failed[peer] = f"installed, but cannot be imported: {reason(check.stderr)}"
    return failed
