# RUN: %python %s %t
"""This test links two compiled networks into one C program that has nothing else behind it, and runs it.

It also reads what the objects and shared libraries leave undefined: only names of the C library and libm.
"""

import re
import shutil
import sys

import numpy as np

import network

SAMPLES = 16
C_LIBRARY = {"memcpy", "memmove", "memset", "memcmp", "bcmp"}
LIBM = {name + suffix for suffix in ("", "f") for name in (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sqrt", "tanh", "sin", "cos", "tan", "atan",
    "atan2", "erf", "fma", "floor", "ceil", "round", "roundeven", "rint", "nearbyint", "trunc", "fmod", "fmin",
    "fmax", "fabs")}

# @A@ and @B@ are the two networks' names. Reads SAMPLES images from argv[1]; writes both networks' outputs to argv[2].
MAIN = r"""
#include "@A@.h"
#include "@B@.h"
#include <stdio.h>
#include <stdlib.h>

typedef int (*run_function)(const void *const *, void *const *, size_t, void *, quantization_pool *);

static int use(const quantization_model *model, run_function run, const char *images, size_t samples, FILE *out) {
  size_t bytes = samples / model->batch * model->outputs[0].bytes;
  size_t rounded = (model->arena_bytes + 63) / 64 * 64;
  void *arena = aligned_alloc(64, rounded ? rounded : 64);
  void *result = malloc(bytes);
  const void *inputs[] = {images};
  void *outputs[] = {result};
  if (model->abi_version != QUANTIZATION_ABI_VERSION || model->num_inputs != 1 || model->num_outputs != 1)
    return 10;
  int status = run(inputs, outputs, samples, arena, NULL);
  if (status == 0 && fwrite(result, 1, bytes, out) != bytes)
    status = 11;
  free(result);
  free(arena);
  return status;
}

int main(int argc, char **argv) {
  size_t samples = @SAMPLES@, bytes = samples * 64 * sizeof(float);
  char *images = malloc(bytes);
  FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
  if (!in || !out || fread(images, 1, bytes, in) != bytes)
    return 12;
  int status = use(@A@_model(), @A@_run, images, samples, out);
  if (status == 0)
    status = use(@B@_model(), @B@_run, images, samples, out);
  fclose(in);
  fclose(out);
  free(images);
  return status;
}
"""


def undefined(path, *flags):
    listing = network.must([shutil.which("llvm-nm") or "nm", *flags, "--undefined-only", path])
    return {re.sub(r"@.*", "", line.split()[-1]) for line in listing.splitlines() if line.split() and ":" not in line}


def main():
    folder = network.scratch(sys.argv[1])
    images = np.random.default_rng(3).integers(0, 17, (SAMPLES, 1, 8, 8)).astype(np.float32)
    np.savez(folder / "calibration.npz", image=images)
    networks = {"digits_float": ["--policy=float"],
                "digits_int8": ["--policy=int8", f"--calibrate-with={folder}/calibration.npz"]}
    verdict, expected = network.Verdict(), []
    for name, flags in networks.items():
        for emit, suffix in (("obj", ".o"), ("c-header", ".h"), ("lib", ".so")):
            network.compile_model(network.DEMO, folder / (name + suffix), *flags, f"--emit={emit}")
        outputs, _ = network.execute(folder / f"{name}.so", {"image": images}, folder)
        expected.append(outputs["logits"])
        for path, options in ((folder / f"{name}.o", []), (folder / f"{name}.so", ["-D"])):
            names = undefined(path, *options)
            verdict.check(names <= C_LIBRARY | LIBM, f"{path.name} leaves undefined: {sorted(names) or 'nothing'}")

    first, second = networks
    text = MAIN.replace("@A@", first).replace("@B@", second).replace("@SAMPLES@", str(SAMPLES))
    (folder / "main.c").write_text(text)
    images.tofile(folder / "images.bin")
    compiler = next(filter(None, map(shutil.which, ("cc", "clang", "clang-22"))))
    network.must([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", folder / "main.c",
                  folder / f"{first}.o", folder / f"{second}.o", "-lm", "-o", folder / "main"])
    network.must([folder / "main", folder / "images.bin", folder / "outputs.bin"])
    got = np.fromfile(folder / "outputs.bin", np.float32)
    want = np.concatenate([value.reshape(-1) for value in expected])
    verdict.check(np.array_equal(got, want),
                  f"both networks in one program give the bits of quantization-run ({got.size} values)")
    verdict.check(not np.array_equal(expected[0], expected[1]), "float and int8 differ, as two networks should")
    verdict.finish()


if __name__ == "__main__":
    main()
