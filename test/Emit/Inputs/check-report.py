"""Checks a report against the artifact of the same network: check-report.py REPORT ARTIFACT"""

import json
import subprocess
import sys

report = json.load(open(sys.argv[1]))
text = subprocess.run(["quantization-run", sys.argv[2], "--benchmark", "--iterations=1", "--json"], capture_output=True, text=True,
                      check=True).stdout
artifact, code, layers = json.loads(text), report["code"], report["layers"]
weighted = [layer for layer in layers if "weights" in layer]
problems = [name for name, fine in {
    "the arena is the artifact's": code["arena_bytes"] == artifact["arena_bytes"],
    "constants are the artifact's": code["constant_bytes"] == artifact["weight_bytes"],
    "the target is the artifact's": code["target"] == artifact["target"],
    "the peak is both": code["peak_bytes"] == code["arena_bytes"] + code["constant_bytes"],
    "weights of layers add up": code["packed_weight_bytes"] == sum(layer["packed_weight_bytes"] for layer in weighted),
    "weights are among the constants": code["packed_weight_bytes"] < code["constant_bytes"],
    "packing only adds": all(layer["packed_weight_bytes"] >= layer["weight_bytes"] > 0 for layer in weighted),
    "channels add up": report["total"]["channels"] == sum(layer["channels"] for layer in weighted) > 0,
    "buffers of a step lie in the arena": 0 < code["most_live_bytes"] <= code["arena_bytes"],
    "the fullest step is the fullest layer's":
        code["most_live_bytes"] == max(layer.get("live_bytes", 0) for layer in layers if layer["layer"] in code["most_live_in"]),
}.items() if not fine]
if problems:
    sys.exit(f"not so: {', '.join(problems)}\n{json.dumps(report, indent=1)}\n{text}")
