"""The values inside an ONNX model, as ONNX Runtime computes them.

    reference.py MODEL --values=NAMES.txt INPUTS.npz OUTPUTS.npz

runs MODEL on every sample of INPUTS.npz (keys are the names of the model's inputs, the leading axis counts samples) and
writes the values named in NAMES.txt (one per line) to OUTPUTS.npz under those names, samples along the leading axis.
The name of a node, unless it is a network output's, stands for the node's first output. With --quantized, a value V is
given as the integers V_quantized where the model has them.

With --serve the program stays and does so for each line `INPUTS.npz<TAB>OUTPUTS.npz` on its standard input; then the keys
are the positions in NAMES.txt. quantization-run reads what it prints, fields between tabs:

    value  POSITION  quantized|float  [ZERO_POINT  SCALE]     what MODEL has; a missing value has no line
    ready                                                     the lines above are complete
    done                                                      a line of the standard input has been served
    error  TEXT                                               instead of `ready` or `done`

Graph optimizations are off: the model is computed as it is written, so no fusion hides a value.
"""

import argparse
import sys
import zipfile


class UserError(Exception):
    """What the user can do something about."""


def load_packages():
    global np, onnx, onnxruntime
    missing = []
    try:
        import numpy as np
    except ImportError as error:
        missing.append(f"numpy ({error})")
    try:
        import onnx
        import onnx.numpy_helper
    except ImportError as error:
        missing.append(f"onnx ({error})")
    try:
        import onnxruntime
    except ImportError as error:
        missing.append(f"onnxruntime ({error})")
    if missing:
        raise UserError(
            f"{sys.executable} cannot import {', '.join(missing)}; "
            "set QUANTIZATION_PYTHON to a Python that has numpy, onnx and onnxruntime"
        )


def as_numpy(array):
    """Types that numpy files lack become wider ones that hold them."""
    array = np.asarray(array)
    if array.dtype.kind in "biuf" and array.dtype.itemsize <= 8 and array.dtype.isbuiltin == 1:
        return array
    name = array.dtype.name
    if name in ("int2", "int4"):
        return array.astype(np.int8)
    if name in ("uint2", "uint4"):
        return array.astype(np.uint8)
    return array.astype(np.float32)


class Reference:
    """A model whose inner values are outputs."""

    def __init__(self, path, names, quantized):
        model = onnx.load(path)
        graph = model.graph
        self.inputs = {
            value.name: value
            for value in graph.input
            if value.name not in {initializer.name for initializer in graph.initializer}
        }
        self.constants = {c.name: onnx.numpy_helper.to_array(c) for c in graph.initializer}
        made_by = {output: node for node in graph.node for output in node.output if output}
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute and node.attribute[0].name == "value":
                self.constants[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)

        outputs = {value.name for value in graph.output}
        first_output = {}
        for node in graph.node:
            if node.name and node.name not in outputs:
                first_output.setdefault(node.name, next(filter(None, node.output), ""))

        # Position in `names` -> (name in the model, is it quantized, grid or None)
        self.values = {}
        for position, name in enumerate(names):
            integers = name + "_quantized"
            if quantized and (integers in made_by or integers in self.inputs):
                self.values[position] = (integers, True, self.grid(made_by.get(integers)))
                continue
            name = first_output.get(name, name)
            if name in made_by or name in self.inputs or name in self.constants:
                self.values[position] = (name, False, None)
        self.fetched = []
        for name, _, _ in self.values.values():
            if name in made_by and name not in self.fetched:
                self.fetched.append(name)
                if name not in outputs:
                    outputs.add(name)
                    graph.output.append(onnx.ValueInfoProto(name=name))

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.types = {value.name: value.type for value in self.session.get_inputs()}

    def grid(self, node):
        """(zero point, scale) of a QuantizeLinear per tensor, else None."""
        if node is None or node.op_type != "QuantizeLinear":
            return None
        scale = self.constants.get(node.input[1])
        has_zero_point = len(node.input) > 2 and node.input[2]
        zero_point = self.constants.get(node.input[2]) if has_zero_point else np.zeros((), np.int8)
        if scale is None or zero_point is None or scale.size != 1 or zero_point.size != 1:
            return None
        return int(as_numpy(zero_point).reshape(())), float(scale.reshape(()))

    def dims(self, name):
        return [d.dim_value if d.HasField("dim_value") else 0 for d in self.inputs[name].type.tensor_type.shape.dim]

    def feeds(self, arrays):
        """The inputs as the model takes them, the number of samples per run, and the number of samples."""
        for name in self.inputs:
            if name not in arrays:
                raise UserError(f"no data for the model's input {name!r}; there are: {', '.join(arrays)}")
        counts = {len(arrays[name]) for name in self.inputs}
        batches = {self.dims(n)[0] for n in self.inputs if self.dims(n) and len(self.dims(n)) == arrays[n].ndim}
        batches -= {0}
        if len(counts) != 1 or len(batches) > 1:
            raise UserError("the inputs do not agree on the number of samples")
        return batches.pop() if batches else 1, counts.pop()

    def run(self, arrays):
        """Position -> values of all samples."""
        batch, count = self.feeds(arrays)
        parts = {position: [] for position in self.values}
        for first in range(0, count, batch):
            present = min(batch, count - first)
            feed = {}
            for name in self.inputs:
                rows = arrays[name][first : first + present]
                if present < batch:
                    rows = np.concatenate([rows, np.repeat(rows[-1:], batch - present, axis=0)])
                if len(self.dims(name)) < rows.ndim:  # an input without a batch
                    rows = rows[0]
                feed[name] = rows.astype(self.numpy_type(name), copy=False)
            results = dict(zip(self.fetched, self.session.run(self.fetched, feed))) if self.fetched else {}
            for position, (name, _, _) in self.values.items():
                value = results.get(name, feed.get(name))
                value = as_numpy(self.constants[name] if value is None else value)
                if value.size % batch:
                    raise UserError(f"value {name!r} of shape {list(value.shape)} has no axis for the batch")
                shape = value.shape if value.ndim and value.shape[0] == batch else (batch, value.size // batch)
                parts[position].append(value.reshape(shape)[:present])
        return {position: np.concatenate(values) for position, values in parts.items()}

    def numpy_type(self, name):
        names = {"float": "float32", "double": "float64"}
        name = self.types[name][len("tensor(") : -1]
        return np.dtype(names.get(name, name))


def write_npz(path, arrays):
    """numpy.savez, but for any name (one of its own parameters is called `file`)."""
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array))


def read_npz(path):
    with np.load(path) as arrays:
        return {key: arrays[key] for key in arrays.files}


def one_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def say(*fields):
    print(*fields, sep="\t", flush=True)


def serve(reference):
    for position, (_, is_quantized, grid) in reference.values.items():
        say("value", position, "quantized" if is_quantized else "float", *(map(repr, grid) if grid else ()))
    say("ready")
    for line in sys.stdin:
        inputs, outputs = line.rstrip("\n").split("\t")
        try:
            write_npz(outputs, reference.run(read_npz(inputs)))
            say("done")
        except Exception as error:  # the caller shows it and decides
            say("error", one_line(error))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--values", required=True)
    parser.add_argument("--quantized", action="store_true")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("inputs", nargs="?")
    parser.add_argument("outputs", nargs="?")
    arguments = parser.parse_intermixed_args()
    if not arguments.serve and not arguments.outputs:
        parser.error("give INPUTS.npz and OUTPUTS.npz, or --serve")
    try:
        load_packages()
        with open(arguments.values, encoding="utf-8") as lines:
            names = lines.read().rstrip("\n").split("\n")
        reference = Reference(arguments.model, names, arguments.quantized)
        if not arguments.serve:
            missing = [name for position, name in enumerate(names) if position not in reference.values]
            if missing:
                raise UserError(f"{arguments.model} has no value {', '.join(missing)}")
            results = reference.run(read_npz(arguments.inputs))
            write_npz(arguments.outputs, {names[position]: array for position, array in results.items()})
    except Exception as error:
        if arguments.serve:
            say("error", one_line(error))
        else:
            print(f"reference.py: error: {one_line(error)}", file=sys.stderr)
        return 1
    if arguments.serve:
        serve(reference)
    return 0


if __name__ == "__main__":
    sys.exit(main())
