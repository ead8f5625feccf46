# REQUIRES: onnxruntime
# RUN: %python %s %t
"""This test compiles the demo network under a policy file: all methods of calibration, a float layer in the middle.

Calibration runs once; what it found is saved and loaded for each compilation. Statistics and policies of another model
are refused.
"""

import hashlib
import re
import sys

import numpy as np
import onnx
from onnx import numpy_helper

import network

sys.path.insert(0, str(network.DEMO.parents[1]))
import digits  # noqa: E402

METHODS = ["min-max", "percentile, value: 99.99", "kl", "mse"]
POINTS = 1.0

# conv2 is float as line 5 says, with the layers that only pass its values on.
POLICY = """version: 1
{model}calibration: {{method: {method}}}
input: int8{{symmetric}}
layers:
  - match: "conv2"
    weights: float
    activations: float
  - match: "*"
    weights: int8{{per=channel}}
    activations: int8{{symmetric}}
"""
FLOAT_LAYERS = ["conv2", "relu2", "pool"]


class Compiler:
    def __init__(self, folder, verdict):
        self.folder, self.verdict = folder, verdict

    def policy(self, name, method="min-max", model=""):
        path = self.folder / f"{name}.yaml"
        path.write_text(POLICY.format(method=method, model=f'model: "{model}"\n' if model else ""))
        return f"--policy={path}"

    def run(self, output, *flags, model=network.DEMO):
        """(status, standard error)"""
        result = network.run([network.tool("quantization-opt"), model, *flags, "-o", self.folder / output])
        return result.returncode, result.stderr

    def compile(self, output, *flags):
        status, said = self.run(output, *flags)
        if status != 0:
            sys.exit(f"FAIL: {output} {' '.join(flags)}: {said}")
        return said

    def refuse(self, what, pattern, *flags, model=network.DEMO):
        status, said = self.run("refused.so", *flags, model=model)
        left = [path.name for path in self.folder.glob("refused*")]
        right = status == 1 and said.count("error:") == 1 and re.search(pattern, said) and not left
        self.verdict.check(right, f"{what} is refused: status {status}, left behind {left or 'nothing'}: {said.strip()}")


def check_methods(compiler, inputs, labels, calibrate, load):
    """Every method within POINTS of float; the last words name the float layers, and no others, with the policy's line."""
    verdict, folder = compiler.verdict, compiler.folder
    compiler.compile("float.so", "--policy=float")
    _, text = network.execute(folder / "float.so", inputs, folder, labels)
    wanted, _ = network.printed_accuracy(text)
    outputs = {}
    for method in METHODS:
        name = method.split(",")[0]
        first = method == METHODS[0]
        policy = compiler.policy(name, method)
        said = compiler.compile(f"{name}.so", policy, *(calibrate if first else [load]))
        outputs[name], text = network.execute(folder / f"{name}.so", inputs, folder, labels)
        accuracy, count = network.printed_accuracy(text)
        verdict.check(abs(accuracy - wanted) <= POINTS, f"{name}: {accuracy:.2f} %, float {wanted:.2f} % (n={count})")
        lines = said.strip().splitlines()[-len(FLOAT_LAYERS):]
        named = [match[1] for match in map(re.compile(r'layer "(.*)" \(nn\..*\) stays float: .').match, lines) if match]
        verdict.check(named == FLOAT_LAYERS and said.count("stays float") == len(FLOAT_LAYERS),
                      f"{name}: last lines name {named}: {said.strip()}")
        verdict.check(f"{name}.yaml:5: the policy says float" in lines[0], f"{name}: the reason is line 5: {lines[0]}")
    different = {outputs[name]["logits"].tobytes() for name in outputs}
    verdict.check(len(different) > 1, f"{len(different)} different results of {len(METHODS)} methods")


def check_statistics(compiler, calibrate, load):
    """Loaded statistics give the bytes that calibration gives; those of another model are refused."""
    verdict, folder = compiler.verdict, compiler.folder
    policy = compiler.policy("again", "kl")
    compiler.compile("again.o", policy, "--emit=obj", *calibrate)
    direct = (folder / "again.o").read_bytes()
    compiler.compile("again.o", policy, "--emit=obj", load)
    verdict.check((folder / "again.o").read_bytes() == direct, "loaded statistics give the same object as calibration")

    other = onnx.load(str(network.DEMO))
    weight = other.graph.initializer[0]
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * np.float32(2), weight.name))
    onnx.save(other, str(folder / "other.onnx"))
    compiler.refuse("a file of statistics of another model", r"statistics\.json: .*another model.*calibrate again", policy,
                    load, model=folder / "other.onnx")


def check_model_of_policy(compiler, load):
    own = hashlib.sha256(network.DEMO.read_bytes()).hexdigest()
    compiler.compile("own.so", compiler.policy("own", model=own), load)
    compiler.verdict.check((compiler.folder / "own.so").exists(), "a policy with this model's hash is taken")
    compiler.refuse("a policy for another model", rf"stale\.yaml: meant for the model 0123, but this one is {own}",
                    compiler.policy("stale", model="0123"), load)


def main():
    folder = network.scratch(sys.argv[1])
    data = digits.split()
    np.savez(folder / "calibration.npz", **{digits.INPUT: data["calibration"][0]})
    images, labels = data["test"]
    np.save(folder / "labels.npy", labels)
    compiler = Compiler(folder, network.Verdict())
    load = f"--load-statistics-from={folder}/statistics.json"
    calibrate = [f"--calibrate-with={folder}/calibration.npz", f"--save-statistics-to={folder}/statistics.json"]
    check_methods(compiler, {digits.INPUT: images}, folder / "labels.npy", calibrate, load)
    check_statistics(compiler, calibrate, load)
    check_model_of_policy(compiler, load)
    compiler.verdict.finish()


if __name__ == "__main__":
    main()
