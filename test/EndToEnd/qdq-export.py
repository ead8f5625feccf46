"""This test compares the integer code with the same network exported as ONNX QDQ: qdq-export.py MODEL SCRATCH."""

import json
import shutil
import sys

import network

SAMPLES, SAME_ANSWER, LAYER_SAMPLES = 1000, 99.0, 20


def main():
    import numpy as np
    import onnx

    name, folder = sys.argv[1], network.scratch(sys.argv[2])
    path = network.model_path(name)
    inputs, labels = network.export(name, folder, calib=200, test=SAMPLES, dataset="jpeg" if "cifar" in name else None)
    flags = [f"--calibrate-with={folder}/calib.npz", "--policy=int8"]
    qdq = network.compile_model(path, folder / "qdq.onnx", *flags, "--emit=onnx-qdq")
    artifact = network.compile_model(path, folder / "int8.so", *flags, "--emit=lib")
    verdict = network.Verdict()

    exported = onnx.load(str(qdq))
    onnx.checker.check_model(exported, full_check=True)
    quantized = sum(node.op_type == "QuantizeLinear" for node in exported.graph.node)
    original = onnx.load(str(path)).graph
    contractions = sum(node.op_type in ("Conv", "Gemm", "MatMul") for node in original.node)
    verdict.check(quantized >= contractions, f"{quantized} QuantizeLinear for {contractions} layers with weights")

    session = network.Session(qdq, exact=True)
    theirs = session(inputs)[session.names[0]].reshape(SAMPLES, -1)
    outputs, _ = network.execute(artifact, folder / "test.npz", folder)
    ours = outputs[session.names[0]].reshape(SAMPLES, -1)
    same = 100 * float((ours.argmax(1) == theirs.argmax(1)).mean())
    verdict.check(same >= SAME_ANSWER, f"{name}: same answer on {same:.2f} % of {SAMPLES} samples "
                  f"(QDQ {network.top1(theirs, labels):.2f} %, integers {network.top1(ours, labels):.2f} %)")

    few = folder / "few.npz"
    np.savez(few, **{key: value[:LAYER_SAMPLES] for key, value in inputs.items()})
    result = network.run([network.tool("quantization-run"), path, f"--inputs={few}", "--verify-against=qdq", "--json",
                          "--", *flags])
    verdict.check(result.returncode == 0, f"{name}: verified layer by layer {result.stderr.strip()}")
    report = json.loads(result.stdout) if result.stdout else {"layers": []}
    for layer in report["layers"]:
        if layer["name"] in session.names:  # the network's outputs are floats
            verdict.check(layer["right"], f"output {layer['name']}: largest error {layer.get('max_abs_error')}")
            continue
        steps, share = layer["max_steps"], 100 * layer["differing"]
        verdict.check(steps is not None and steps <= 1, f"{layer['layer']} {layer['name']}: at most {steps} steps off, "
                      f"{share:.3f} % differ {layer.get('problem', '')}")
    verdict.check(len(report["layers"]) >= contractions,
                  f"{name}: {len(report['layers'])} layers in the report, {contractions} layers with weights")
    verdict.check(not report.get("inputs_without_reference"), f"{name}: every layer's inputs have a reference")
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
