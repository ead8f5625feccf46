"""This script writes COUNT random samples for every input of MODEL to an .npz: random-samples.py MODEL COUNT OUT.npz [LOW HIGH]."""

import sys

import numpy as np
import onnx

model, count, out = onnx.load(sys.argv[1], load_external_data=False), int(sys.argv[2]), sys.argv[3]
low, high = map(float, sys.argv[4:6] or (-2, 2))
random = np.random.default_rng(7)
weights = {tensor.name for tensor in model.graph.initializer}
samples = {}
for value in model.graph.input:
    if value.name not in weights:
        shape = [d.dim_value or 1 for d in value.type.tensor_type.shape.dim]
        samples[value.name] = random.uniform(low, high, [count, *shape[1:]]).astype(np.float32)
np.savez(out, **samples)
