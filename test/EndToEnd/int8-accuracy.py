"""This test asks what int8 costs on a real network: int8-accuracy.py MODEL SCRATCH.

With labels: top-1 against the float network. Without: noise against float, compared with ONNX Runtime's static int8.
"""

import shutil
import sys

import network

CALIBRATION = 200
# Top-1: samples, source of the data, points that may be lost.
LABELLED = {
    "lenet_caffe_mnist": (1000, None, 0.5),
    "mnist8_cntk": (1000, None, 0.5),
    "convnet_alex_cifar10quick": (1000, None, 0.5),
    "ic_resnet8_float": (2000, "jpeg", 0.5),
    "resnet20_cifar10": (2000, "jpeg", 0.5),
    "resnet32_cifar10_folded": (2000, "jpeg", 0.5),
    "squeezenet1.0_float": (400, None, 1.0),
    "mobilenet_v2_float": (400, None, 1.0),
}
# Noise: samples, and how many dB below ONNX Runtime an output may be.
UNLABELLED_SAMPLES, MARGIN = 100, 1.0


def compile_int8(name, folder):
    return network.compile_model(network.model_path(name), folder / "int8.so", f"--calibrate-with={folder}/calib.npz",
                                 "--policy=int8", "--emit=lib")


def check_accuracy(name, folder, verdict):
    count, dataset, allowed = LABELLED[name]
    inputs, labels = network.export(name, folder, CALIBRATION, count, dataset)
    verdict.check(labels is not None and len(labels) == count, f"{name}: {count} labelled samples")
    session = network.Session(network.model_path(name))
    reference = session(inputs)[session.names[0]]
    outputs, text = network.execute(compile_int8(name, folder), folder / "test.npz", folder, folder / "labels.npy")
    ours = outputs[session.names[0]]
    exact, measured = network.top1(reference, labels), network.top1(ours, labels)
    same = 100 * float((ours.reshape(count, -1).argmax(1) == reference.reshape(count, -1).argmax(1)).mean())
    verdict.check(exact - measured <= allowed,
                  f"{name}: float {exact:.2f} %, int8 {measured:.2f} %, may lose {allowed} points (n={count}); "
                  f"same answer {same:.1f} %, {network.sqnr(ours, reference):.1f} dB")
    printed = network.printed_accuracy(text)
    verdict.check(printed is not None and abs(printed[0] - measured) < 0.01 and printed[1] == count,
                  f"{name}: quantization-run --labels printed {printed}")


def check_noise(name, folder, verdict):
    from onnxruntime.quantization import QuantType

    inputs, _ = network.export(name, folder, CALIBRATION, UNLABELLED_SAMPLES)
    reference = network.Session(network.model_path(name))(inputs)
    outputs, _ = network.execute(compile_int8(name, folder), folder / "test.npz", folder)
    peers = {}
    for activations in (QuantType.QInt8, QuantType.QUInt8):
        model = network.quantize_in_onnxruntime(network.model_path(name), folder / "calib.npz", folder,
                                                activation_type=activations, weight_type=QuantType.QInt8)
        peers[str(activations)] = network.Session(model, exact=True)(inputs)
    for value in reference:
        theirs = {kind: network.sqnr(result[value], reference[value]) for kind, result in peers.items()}
        best = max(theirs.values())
        ours = network.sqnr(outputs[value], reference[value])
        listed = ", ".join(f"{kind} {decibels:.1f}" for kind, decibels in theirs.items())
        verdict.check(ours >= best - MARGIN, f"{name} {value}: {ours:.1f} dB; ONNX Runtime's int8: {listed} dB")


def main():
    name, folder = sys.argv[1], network.scratch(sys.argv[2])
    verdict = network.Verdict()
    (check_accuracy if name in LABELLED else check_noise)(name, folder, verdict)
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
