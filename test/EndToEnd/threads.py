# RUN: %python %s %t
"""This test runs networks that were compiled for several threads: threads.py SCRATCH.

The outputs are those of one thread, bit for bit: with the library's own threads, with a pool of the caller's, in the child of a fork,
in two runs at once, and after the library was loaded again. No thread outlives its library.
"""

import ctypes
import hashlib
import os
import sys
import threading
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its threads come and go with a fork, and would be counted

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

SEED, THREADS, SAMPLES = 3, (2, 3, 5), 4


class Model(ctypes.Structure):
    _fields_ = [("abi_version", ctypes.c_int32), ("num_inputs", ctypes.c_int32), ("num_outputs", ctypes.c_int32),
                ("batch", ctypes.c_int32), ("name", ctypes.c_char_p), ("inputs", ctypes.c_void_p), ("outputs", ctypes.c_void_p),
                ("arena_bytes", ctypes.c_int64), ("weight_bytes", ctypes.c_int64), ("target", ctypes.c_char_p),
                ("threads", ctypes.c_int32)]


TASK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t)
PARALLEL_FOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, TASK, ctypes.c_void_p, ctypes.c_size_t)


class Pool(ctypes.Structure):
    _fields_ = [("parallel_for", PARALLEL_FOR)]


class Library:
    def __init__(self, path, samples):
        self.handle = ctypes.CDLL(str(path))
        describe, self.function = self.handle[f"{path.stem}_model"], self.handle[f"{path.stem}_run"]
        describe.restype = ctypes.POINTER(Model)
        self.function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
        self.model, self.samples = describe().contents, samples

    def run(self, pool=None):
        """The status, and the outputs' digest."""
        arena = np.zeros(self.model.arena_bytes + 64, np.uint8)
        at = -arena.ctypes.data % 64
        output = np.zeros((len(self.samples), 10), np.float32)
        inputs, outputs = ctypes.c_void_p(self.samples.ctypes.data), ctypes.c_void_p(output.ctypes.data)
        status = self.function(ctypes.byref(inputs), ctypes.byref(outputs), len(self.samples), arena.ctypes.data + at,
                               ctypes.byref(pool) if pool else None)
        return status, hashlib.sha256(output.tobytes()).hexdigest()

    def close(self):
        import _ctypes
        _ctypes.dlclose(self.handle._handle)


def write_model(path):
    """Convolutions with odd sizes, a pool, a residual sum, a product: each kind of loop that threads share."""
    random = np.random.default_rng(SEED)
    weights, nodes = [], []

    def weight(*shape):
        values = random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        weights.append(numpy_helper.from_array(values.astype(np.float32), f"w{len(weights)}"))
        return weights[-1].name

    def add(kind, *inputs, **attributes):
        nodes.append(helper.make_node(kind, list(inputs), [f"v{len(nodes)}"], f"n{len(nodes)}", **attributes))
        return nodes[-1].output[0]

    x = add("Relu", add("Conv", "x", weight(37, 3, 3, 3), pads=[1, 1, 1, 1]))
    y = add("Conv", x, weight(37, 1, 3, 3), group=37, pads=[1, 1, 1, 1])
    x = add("MaxPool", add("Add", x, add("Relu", y)), kernel_shape=[2, 2], strides=[2, 2])
    x = add("Relu", add("Conv", x, weight(70, 37, 1, 1)))
    x = add("Gemm", add("Flatten", add("GlobalAveragePool", x)), weight(70, 10))
    graph = helper.make_graph(nodes, "threads", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 31, 29])],
                              [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def own_threads(expected=None):
    """How many there are; a thread that was joined may stand in the list for a moment."""
    for _ in range(100):
        count = len(os.listdir("/proc/self/task"))
        if expected in (None, count):
            break
        time.sleep(0.01)
    return count


def in_child(library, wanted):
    child = os.fork()
    if child == 0:
        os._exit(0 if library.run() == (0, wanted) else 1)
    for _ in range(600):  # a child that waits for threads it does not have would never end
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.1)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def at_once(library, runs=20):
    found = []

    def work():
        found.extend(library.run() for _ in range(runs))
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(found)


def judge(label, form, folder, samples, flags, verdict):
    def compiled(threads):
        path = folder / f"{label}{threads}.so"
        network.must([network.tool("quantization-opt"), form, "--from=additive", f"--threads={threads}", *flags, "-o", path])
        return path
    alone = Library(compiled(1), samples)
    status, wanted = alone.run()
    verdict.check(status == 0 and alone.model.threads == 1, f"{label}: one thread, {wanted[:16]}")
    calls = []

    @PARALLEL_FOR
    def in_any_order(pool, task, context, shares):
        calls.append(shares)
        for share in reversed(range(shares)):
            task(context, share)
    pool = Pool(in_any_order)
    verdict.check(alone.run(pool)[0] == 3, f"{label}: one thread refuses a pool")
    for threads in THREADS:
        before, path = own_threads(), compiled(threads)
        library = Library(path, samples)
        name = f"{label}: {threads} threads"
        verdict.check(library.model.threads == threads, f"{name} says so")
        verdict.check(library.run(pool) == (0, wanted), f"{name}, a pool of the caller's")
        verdict.check(len(calls) >= 3 * SAMPLES and set(calls) == {threads}, f"{name}: {len(calls)} loops were shared")
        verdict.check(own_threads() == before, f"{name}: none of its own so far")
        calls.clear()
        verdict.check({library.run() for _ in range(50)} == {(0, wanted)}, f"{name} of its own")
        verdict.check(own_threads() == before + threads - 1, f"{name}: it has started {threads - 1}")
        verdict.check(in_child(library, wanted), f"{name}, in the child of a fork")
        time.sleep(0.1)  # they sleep by now
        verdict.check(library.run() == (0, wanted), f"{name}, woken up")
        verdict.check(at_once(library) == {(0, wanted)}, f"{name}, two runs at once")
        library.close()
        left = own_threads(before)
        verdict.check(left == before, f"{name}: all are gone with the library, {before} before, {left} after")
        again = Library(path, samples)
        verdict.check(again.run() == (0, wanted), f"{name}, loaded again")
        again.close()


def main():
    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    model = folder / "model.onnx"
    write_model(model)
    samples = np.random.default_rng(SEED).standard_normal((SAMPLES, 3, 31, 29)).astype(np.float32)
    np.savez(folder / "calibration.npz", x=samples)
    for policy in ("float", "int8"):
        form = network.compile_model(model, folder / f"{policy}.mlir", "--to=additive", "--quiet", f"--policy={policy}",
                                     *([f"--calibrate-with={folder / 'calibration.npz'}"] if policy == "int8" else []))
        judge(policy, form, folder, samples, [], verdict)
    judge("plain", folder / "int8.mlir", folder, samples, ["--mattr=-avx2"] if os.uname().machine == "x86_64" else [], verdict)
    verdict.finish()


if __name__ == "__main__":
    main()
