//===- Artifact.h - the ABI of a compiled network ---------------*- C -*-===//
//
// Part of quantization-opt. What every artifact (.so or .o) exports, for any network. The header that `--emit=c-header`
// writes declares the same things with the network's name in front.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_C_ARTIFACT_H
#define QUANTIZATION_C_ARTIFACT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QUANTIZATION_ABI_VERSION 3

/// Element types as stored in the caller's buffers.
enum quantization_type {
  QUANTIZATION_F32 = 0,
  QUANTIZATION_U8 = 1,
  QUANTIZATION_I8 = 2,
  QUANTIZATION_I32 = 3,
  QUANTIZATION_I64 = 4,
  QUANTIZATION_U16 = 5,
  QUANTIZATION_I16 = 6,
};

/// What `run` functions return.
enum quantization_status {
  QUANTIZATION_OK = 0,
  /// `samples` is no multiple of the compiled batch.
  QUANTIZATION_BAD_SAMPLES = 1,
  /// The arena is null or not aligned to 64 bytes.
  QUANTIZATION_BAD_ARENA = 2,
  /// A pool was given to an artifact that was compiled for one thread (without --threads).
  QUANTIZATION_BAD_POOL = 3,
  /// The artifact uses tile registers (AMX), and the processor has none or the operating system does not let this process use
  /// them; compile for another processor, or with --mattr=-amx-int8.
  QUANTIZATION_BAD_PROCESSOR = 4,
};

/// One input or output. expressed value = scale * (stored value - zero_point); 1 and 0 where nothing is quantized.
/// An inner value, which only --layers exposes, has the name of its layer.
typedef struct quantization_tensor {
  const char *name;
  /// The ONNX node that an inner value comes from (the last one where a layer has absorbed others); the same as `name`
  /// for the network's own inputs and outputs.
  const char *layer;
  int32_t type;
  int32_t rank;
  const int64_t *shape; ///< as compiled, leading batch included; dense and row-major
  int64_t bytes;        ///< of one compiled batch
  float scale;
  int32_t zero_point;
} quantization_tensor;

/// The description of a network; constant data, owned by the artifact.
typedef struct quantization_model {
  int32_t abi_version;
  int32_t num_inputs;
  int32_t num_outputs;
  int32_t batch; ///< samples that one pass of the compiled code takes
  const char *name;
  const quantization_tensor *inputs;
  const quantization_tensor *outputs;
  int64_t arena_bytes;  ///< scratch memory that one `run` needs, aligned to 64
  int64_t weight_bytes; ///< constants inside the artifact
  const char *target;   ///< triple, a blank, and the processor it was compiled for
  int32_t threads;      ///< shares of each loop that threads share, see --threads; 1 runs on the calling thread alone
} quantization_model;

/// Threads of the caller's, for artifacts compiled with --threads=N, N > 1; put it first in a structure of your own. With a null
/// pool an artifact uses N - 1 threads of its own beside the calling one, which it starts when it first needs them; a second run
/// at the same time then does without them.
typedef struct quantization_pool quantization_pool;
struct quantization_pool {
  /// Calls task(context, share) once for every share below `shares`, on any threads in any order, and returns when all calls have
  /// returned. Shares do not wait for each other.
  void (*parallel_for)(quantization_pool *pool, void (*task)(void *context, size_t share), void *context, size_t shares);
};

typedef const quantization_model *(*quantization_model_function)(void);

/// One step of a run: a loop nest of one layer, or of several that are computed together.
typedef struct quantization_step {
  const char *const *layers; ///< the contraction first, if there is one
  int32_t num_layers;
  const char *kernel;    ///< the micro-kernel that computes it, else "loops", or "copy" where values only move
  int64_t macs;          ///< multiplications of convolutions and matrix products
  int64_t bytes_read;    ///< of activations, each byte once
  int64_t bytes_written;
  int64_t weight_bytes;  ///< of constants that it reads
  int64_t additions;       ///< where weights are instructions: additions and subtractions of inputs, before some are shared
  int64_t multiplications; ///< those of `macs` that the kernel makes; where weights are instructions, those of sums by factors of clusters
  int64_t rescales;        ///< multiplications by which values are rescaled
} quantization_step;

/// What the artifact has measured so far. Artifacts compiled with --profile export NAME_profile, a quantization_profile_function.
typedef struct quantization_profile {
  int32_t num_steps;
  const quantization_step *steps; ///< in the order in which a pass runs them
  /// Ticks of `clock` that each step has taken in all passes so far; to be set to 0, or read before and after a run. Runs at the same
  /// time add to one table.
  uint64_t *ticks;
  uint64_t (*clock)(void); ///< counts at a steady rate that is the machine's
} quantization_profile;

typedef const quantization_profile *(*quantization_profile_function)(void);

/// Runs `samples` samples (a multiple of `batch`), each input and output dense and one after the other. No two of inputs,
/// outputs and arena may overlap. Re-entrant: two threads may run at once with arenas of their own.
typedef int (*quantization_run_function)(const void *const *inputs, void *const *outputs, size_t samples, void *arena,
                                         quantization_pool *pool);

#ifdef __cplusplus
}
#endif

#endif // QUANTIZATION_C_ARTIFACT_H
