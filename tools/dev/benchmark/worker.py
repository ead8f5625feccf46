"""This program holds one engine with one network, and runs it when told to: worker.py JSON

The argument gives: family (a name in ENGINES), file, threads, test (an .npz of inputs), batch, answers (the .npz to write
outputs to, as 0, 1, …). On its standard output it prints a line of JSON when the network is loaded, and one for each line of
its standard input, which says for how many seconds to run. Nothing here imports the rest of the benchmark: the program runs
in the environment that the engines are installed in.
"""

import json
import os
import statistics
import sys
import time

import numpy as np

FEWEST_RUNS = 3


class OnnxRuntime:
    def __init__(self):
        import onnxruntime

        self.module = onnxruntime
        self.version = onnxruntime.__version__

    def load(self, file, threads, batch, inputs):
        options = self.module.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self.session = self.module.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)
        self.run = lambda: self.session.run_with_iobinding(self.binding)
        self.feed(inputs)

    def feed(self, inputs):
        for name, array in inputs.items():
            self.binding.bind_cpu_input(name, array)

    def outputs(self):
        return self.binding.copy_outputs_to_cpu()


class OpenVino:
    def __init__(self):
        import openvino

        self.module = openvino
        self.version = openvino.__version__.split("-")[0]

    def load(self, file, threads, batch, inputs):
        # All in one stream, in the precision of the file: on some machines the default would be bf16.
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
                    "ENABLE_CPU_PINNING": False}
        self.request = self.module.Core().compile_model(file, "CPU", settings).create_infer_request()
        self.feed(inputs)

    def feed(self, inputs):
        for name, array in inputs.items():
            self.request.set_tensor(name, self.module.Tensor(array, shared_memory=True))

    def run(self):
        self.request.start_async()
        self.request.wait()

    def outputs(self):
        return [np.array(tensor.data) for tensor in self.request.output_tensors]


class Iree:
    def __init__(self):
        import importlib.metadata

        import iree.runtime

        self.module = iree.runtime
        self.version = importlib.metadata.version("iree-base-runtime")

    def load(self, file, threads, batch, inputs):
        runtime = self.module
        if threads > 1:
            runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        self.device = runtime.get_device("local-task" if threads > 1 else "local-sync")
        config = runtime.Config(device=self.device)
        code = runtime.VmModule.mmap(config.vm_instance, file)
        name = next(n for n in code.function_names if not n.startswith("__") and not n.endswith("$async"))
        self.function = runtime.load_vm_modules(code, config=config)[-1][name]
        self.feed(inputs)

    def feed(self, inputs):
        self.arguments = [self.module.asdevicearray(self.device, array) for array in inputs.values()]

    def run(self):
        results = self.function(*self.arguments)
        results = results if isinstance(results, (tuple, list)) else (results,)
        self.results = [np.array(result.to_host()) for result in results]  # the mapping dies with the result

    def outputs(self):
        return self.results


class ExecuTorch:
    def __init__(self):
        import importlib.metadata

        import executorch.kernels.quantized  # noqa: F401: registers operators
        import torch
        from executorch.extension.pybindings import portable_lib

        self.torch, self.module = torch, portable_lib
        self.version = importlib.metadata.version("executorch")

    def load(self, file, threads, batch, inputs):
        self.torch.set_num_threads(threads)
        self.module._unsafe_reset_threadpool(threads)
        self.program = self.module._load_for_executorch(file)
        self.feed(inputs)

    def feed(self, inputs):
        self.arguments = tuple(self.torch.from_numpy(array) for array in inputs.values())

    def run(self):
        self.results = self.program.forward(self.arguments)

    def outputs(self):
        return [result.numpy() for result in self.results]


class Compiled:
    """An artifact of quantization-opt, through include/quantization-c/Artifact.h."""

    version = ""

    def load(self, file, threads, batch, inputs):
        import ctypes

        class Tensor(ctypes.Structure):
            _fields_ = [("name", ctypes.c_char_p), ("layer", ctypes.c_char_p), ("type", ctypes.c_int32),
                        ("rank", ctypes.c_int32), ("shape", ctypes.POINTER(ctypes.c_int64)), ("bytes", ctypes.c_int64),
                        ("scale", ctypes.c_float), ("zero_point", ctypes.c_int32)]

        class Model(ctypes.Structure):
            _fields_ = [("abi_version", ctypes.c_int32), ("num_inputs", ctypes.c_int32), ("num_outputs", ctypes.c_int32),
                        ("batch", ctypes.c_int32), ("name", ctypes.c_char_p), ("inputs", ctypes.POINTER(Tensor)),
                        ("outputs", ctypes.POINTER(Tensor)), ("arena_bytes", ctypes.c_int64),
                        ("weight_bytes", ctypes.c_int64), ("target", ctypes.c_char_p), ("threads", ctypes.c_int32)]

        self.pointer = ctypes.c_void_p
        library = ctypes.CDLL(file)
        name = os.path.basename(file).removesuffix(".so")
        describe, self.function = library[f"{name}_model"], library[f"{name}_run"]
        describe.restype = ctypes.POINTER(Model)
        self.function.argtypes = [self.pointer, self.pointer, ctypes.c_size_t, self.pointer, self.pointer]
        self.model = describe().contents
        if self.model.abi_version != 3:
            raise RuntimeError(f"{file} has version {self.model.abi_version} of the interface, expected 3")
        self.results = []
        for i in range(self.model.num_outputs):
            tensor = self.model.outputs[i]
            if tensor.type != 0:
                raise RuntimeError(f"output {tensor.name.decode()} of {file} is no float")
            self.results.append(np.empty(tensor.shape[:tensor.rank], np.float32))
        arena = np.empty(self.model.arena_bytes + 64, np.uint8)
        self.arena = arena[-arena.ctypes.data % 64:]
        self.targets = (self.pointer * len(self.results))(*(array.ctypes.data for array in self.results))
        self.samples = batch
        self.feed(inputs)

    def feed(self, inputs):
        names = [self.model.inputs[i].name.decode() for i in range(self.model.num_inputs)]
        self.inputs = [inputs[name] for name in names]
        self.sources = (self.pointer * len(names))(*(array.ctypes.data for array in self.inputs))
        self.scratch = self.pointer(self.arena.ctypes.data)

    def run(self):
        status = self.function(self.sources, self.targets, self.samples, self.scratch, None)
        if status:
            reasons = {4: "it uses tile registers (AMX), which this machine lacks or does not let a process use"}
            raise RuntimeError(f"run returned {status}" + (f": {reasons[status]}" if status in reasons else ""))

    def outputs(self):
        return [array.copy() for array in self.results]


ENGINES = {"onnxruntime": OnnxRuntime, "openvino": OpenVino, "iree": Iree, "executorch": ExecuTorch, "compiled": Compiled}


def resident(field):
    """VmRSS or VmHWM, the peak, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


def forget_peak():
    """Makes the peak of memory start again from what is in use now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def busy_seconds(processors):
    """What anybody, a hypervisor included, has spent on the processors."""
    with open("/proc/stat") as file:
        rows = {words[0]: [int(word) for word in words[1:9]] for words in map(str.split, file) if words[0].startswith("cpu")}
    user, nice, system, _, _, irq, softirq, steal = (sum(column) for column in zip(*(rows[f"cpu{i}"] for i in processors)))
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def measure(run, seconds, processors):
    times = []
    busy, cpu, start = busy_seconds(processors), time.process_time(), time.perf_counter()
    end = start
    while end - start < seconds or len(times) < FEWEST_RUNS:
        begin = time.perf_counter()
        run()
        end = time.perf_counter()
        times.append(end - begin)
    return {"median": statistics.median(times), "minimum": min(times), "runs": len(times), "wall": end - start,
            "cpu": time.process_time() - cpu, "busy": busy_seconds(processors) - busy}


def load_inputs(path, batch):
    """The samples by batches: a list of {name: array}."""
    with np.load(path) as data:
        arrays = {name: np.ascontiguousarray(data[name], np.float32) for name in data.files}
    count = min(len(array) for array in arrays.values())
    return [{name: array[i:i + batch] for name, array in arrays.items()} for i in range(0, count - batch + 1, batch)]


def main():
    spec = json.loads(sys.argv[1])
    # Engines print to standard output as well: the answers keep it to themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    processors = os.sched_getaffinity(0)
    inputs = load_inputs(spec["test"], spec["batch"])
    engine = ENGINES[spec["family"]]()

    before = resident("VmRSS")
    forget_peak()
    start = time.perf_counter()
    engine.load(spec["file"], spec["threads"], spec["batch"], inputs[0])
    engine.run()
    loaded = time.perf_counter() - start
    results = []
    for batch in inputs:
        engine.feed(batch)
        engine.run()
        results.append([np.asarray(array) for array in engine.outputs()])
    engine.feed(inputs[0])
    memory = resident("VmHWM") - before
    np.savez(spec["answers"], **{str(i): np.concatenate(parts) for i, parts in enumerate(zip(*results))})
    print(json.dumps({"load_seconds": loaded, "memory_bytes": memory, "version": engine.version}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(engine.run, float(line), processors)), file=answers, flush=True)


if __name__ == "__main__":
    main()
