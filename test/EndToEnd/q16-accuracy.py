"""This test asks what 16-bit fixed point costs on a real network without retraining: q16-accuracy.py MODEL SCRATCH [SAMPLES].

The formats are those of 1711.04713: layer-wise Qm.f of 16 bits for weights and activations, by the documented intent of its range tool, and its
bound: 0.8 points of top-1.
"""

import shutil
import sys

import network

CALIBRATION, ALLOWED = 200, 0.8
# Samples, and the source of the data.
NETWORKS = {"lenet_caffe_mnist": (1000, None), "convnet_alex_cifar10quick": (1000, "jpeg"), "resnet20_cifar10": (1000, "jpeg"),
            "squeezenet1.0_float": (100, None), "mobilenet_v2_float": (100, None)}
POLICY = """version: 1
calibration: {method: overflow, value: 0}
input: dfp16{round=half-away, saturate=symmetric}
layers:
  - match: "*"
    weights: dfp16{round=half-away, saturate=symmetric}
    activations: dfp16{round=half-away, saturate=symmetric}
"""


def main():
    name, folder = sys.argv[1], network.scratch(sys.argv[2])
    count, dataset = NETWORKS[name]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else count
    verdict = network.Verdict()
    inputs, labels = network.export(name, folder, CALIBRATION, count, dataset)
    session = network.Session(network.model_path(name))
    reference = session(inputs)[session.names[0]]
    (folder / "q16.yaml").write_text(POLICY)
    artifact = network.compile_model(network.model_path(name), folder / "q16.so", f"--calibrate-with={folder}/calib.npz",
                                     f"--policy={folder}/q16.yaml", "--emit=lib", "--threads=2")
    ours = network.execute(artifact, folder / "test.npz", folder)[0][session.names[0]]
    exact, measured = network.top1(reference, labels), network.top1(ours, labels)
    verdict.check(exact - measured <= ALLOWED, f"{name}: float {exact:.2f} %, Qm.f of 16 bits {measured:.2f} %, may lose {ALLOWED} points "
                                               f"(n={len(labels)}); {network.sqnr(ours, reference):.1f} dB")
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
