"""This test compiles a small encoder of random weights: encoder-accuracy.py SCRATCH.

In float it agrees with ONNX Runtime; in int8 it is at most 1 dB noisier than ONNX Runtime, only the normalizations stay float,
and plain loops give the same bits as micro-kernels.
"""

import platform
import re
import sys

import numpy as np
import onnx

import network

sys.path.append(str(network.ROOT / "tools" / "dev"))
from benchmark import graph, networks  # noqa: E402

TOKENS, FEATURES, HEADS, HIDDEN = 32, 64, 4, 256
CALIBRATION, TEST = 16, 8
FLOAT_TOLERANCE, MARGIN = 1e-5, 1.0  # MARGIN: dB below ONNX Runtime


def main():
    from onnxruntime.quantization import QuantType

    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    random = np.random.default_rng(1)
    shape = (TOKENS, FEATURES)
    g = graph.Graph("encoder", networks.samples(shape, 1, random), seed=1)
    model = folder / "encoder.onnx"
    onnx.save(g.model(networks.encoder(g, g.input, HEADS, HIDDEN), batch=1), str(model))
    calibration = folder / "calibration.npz"
    np.savez(calibration, **{graph.INPUT: networks.samples(shape, CALIBRATION, random)})
    inputs = {graph.INPUT: networks.samples(shape, TEST, random)}
    wanted = network.Session(model)(inputs)[graph.OUTPUT]

    exact, _ = network.execute(network.compile_model(model, folder / "float.so", "--emit=lib"), inputs, folder)
    error = network.relative_error(exact[graph.OUTPUT], wanted)
    verdict.check(error <= FLOAT_TOLERANCE, f"float: relative error {error:.1e}")

    flags = [f"--calibrate-with={calibration}", "--policy=int8", "--emit=lib"]
    listed = network.run([network.tool("quantization-opt"), model, *flags, "-o", folder / "int8.so"])
    floats = re.findall(r"\((nn\.\w+)\) stays float", listed.stderr)
    verdict.check(listed.returncode == 0 and sorted(floats) == ["nn.layer_norm", "nn.layer_norm", "nn.softmax"],
                  f"int8: in float are {', '.join(floats)}")
    outputs, _ = network.execute(folder / "int8.so", inputs, folder)
    ours = network.sqnr(outputs[graph.OUTPUT], wanted)
    peer = network.quantize_in_onnxruntime(model, calibration, folder, activation_type=QuantType.QUInt8,
                                           weight_type=QuantType.QInt8)
    theirs = network.sqnr(network.Session(peer, exact=True)(inputs)[graph.OUTPUT], wanted)
    verdict.check(ours >= theirs - MARGIN, f"int8: {ours:.1f} dB; ONNX Runtime's: {theirs:.1f} dB")

    if platform.machine() == "x86_64":
        for name, result, words in (("float", exact, ["--emit=lib"]), ("int8", outputs, flags)):
            plain = network.compile_model(model, folder / f"plain-{name}.so", *words, "--mcpu=x86-64")
            same = network.execute(plain, inputs, folder)[0][graph.OUTPUT].tobytes() == result[graph.OUTPUT].tobytes()
            verdict.check(same, f"{name}: plain loops compute the same bits")
    verdict.finish()


if __name__ == "__main__":
    main()
