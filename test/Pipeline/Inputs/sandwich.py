"""This script breaks the integral form: sandwich.py LAYER < integral.mlir > broken.mlir computes one convolution in float again.

`%q = rescale(conv(%x, %w, %b))` becomes `%q = quantize(conv(dequantize(%x), dequantize(%w)))`.
"""

import re
import sys


def split_types(text):
    """Types of a list, at the commas that stand in no brackets; the '>' of an arrow does not occur in one."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "<{[(") - (character in ">}])")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def as_float(tensor):
    return re.sub(r"x(!quant\.uniform<.*>|i32)>$", "xf32>", tensor)


layer = sys.argv[1]
conv, done = None, False
for line in sys.stdin:
    match = re.match(r"(\s*)(%\w+) = nn\.conv (%\w+), (%\w+)(?:, %\w+)? (\{.*\}) : \((.*)\) -> (.*)\n", line)
    if match and f'layer = "{layer}"' in match[5]:
        conv = match
        continue
    rescale = conv and re.match(rf"\s*(%\w+) = fixed\.rescale {conv[2]} .* -> (.*)\n", line)
    if rescale:
        space, result, x, w, attributes, operands, accumulator = conv.groups()
        types = split_types(operands)
        for name, value, tensor in [("%sx", x, types[0]), ("%sw", w, types[1])]:
            print(f'{space}{name} = nn.dequantize {value} {{layer = "{layer}"}} : ({tensor}) -> {as_float(tensor)}')
        arguments = f"({as_float(types[0])}, {as_float(types[1])})"
        print(f"{space}{result} = nn.conv %sx, %sw {attributes} : {arguments} -> {as_float(accumulator)}")
        print(f'{space}{rescale[1]} = nn.quantize {result} {{layer = "{layer}", rounding = 0 : i32}} : '
              f"({as_float(accumulator)}) -> {rescale[2]}")
        conv, done = None, True
        continue
    sys.stdout.write(line)
if not done:
    sys.exit(f"there is no rescaled convolution {layer}")
