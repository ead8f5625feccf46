//===- runtime.c - the run-time code of an artifact -------------*- C -*-===//
//
// This file is freestanding C that is compiled to bitcode when the project is built and linked into every artifact by
// finishModule, which also defines the extern symbols and gives the functions the network's names. It allocates
// nothing, calls nothing outside the artifact, and keeps no state but the lock and the arena of `run`, and whether it may
// use tile registers. Threads are in pool.c.
//
//===----------------------------------------------------------------------===//

#include "quantization-c/Artifact.h"

enum { arena_alignment = 64 };

/// The description that NAME_model returns.
extern const quantization_model quantization_artifact;

/// Calls the network on batch number `batch` of the buffers.
void quantization_artifact_sample(const void *const *inputs, void *const *outputs, size_t batch, void *arena,
                                  quantization_pool *pool);

/// Scratch memory of quantization_artifact_entry.
extern unsigned char quantization_artifact_arena[];

/// Whether the network's code uses tile registers (AMX).
extern const unsigned char quantization_artifact_tiles;

/// Whether this machine runs the network. Tile registers are 8 KiB to keep for each thread: Linux lets those processes use them that
/// have asked, and answers for all threads at once.
static int may_run(void) {
#if defined(__x86_64__)
  enum { unknown, yes, no };
  static unsigned char answer = unknown;
  if (!quantization_artifact_tiles)
    return 1;
  unsigned char known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
  if (known == unknown) {
    enum { arch_prctl = 158, request_permission = 0x1023, tile_data = 18 };
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"((long)arch_prctl), "D"((long)request_permission), "S"((long)tile_data)
                     : "rcx", "r11", "memory");
    known = result == 0 ? yes : no;
    __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
  }
  return known == yes;
#else
  return 1;
#endif
}

/// Becomes NAME_model.
const quantization_model *quantization_artifact_model(void) { return &quantization_artifact; }

/// Becomes NAME_run.
int quantization_artifact_run(const void *const *inputs, void *const *outputs, size_t samples, void *arena,
                              quantization_pool *pool) {
  size_t batch = (size_t)quantization_artifact.batch;
  if (samples % batch != 0)
    return QUANTIZATION_BAD_SAMPLES;
  if (quantization_artifact.arena_bytes > 0 && (arena == NULL || (uintptr_t)arena % arena_alignment != 0))
    return QUANTIZATION_BAD_ARENA;
  if (pool != NULL && quantization_artifact.threads == 1)
    return QUANTIZATION_BAD_POOL;
  if (!may_run())
    return QUANTIZATION_BAD_PROCESSOR;
  for (size_t i = 0, batches = samples / batch; i < batches; ++i)
    quantization_artifact_sample(inputs, outputs, i, arena, pool);
  return QUANTIZATION_OK;
}

/// Becomes `run`: one compiled batch of a network with one input and one output. Threads take turns.
int quantization_artifact_entry(const void *input, void *output) {
  if (!may_run())
    return QUANTIZATION_BAD_PROCESSOR;
  static unsigned char busy;
  while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
    while (__atomic_load_n(&busy, __ATOMIC_RELAXED)) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#elif defined(__aarch64__)
      __builtin_arm_yield();
#endif
    }
  quantization_artifact_sample(&input, &output, 0, quantization_artifact_arena, NULL);
  __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
  return QUANTIZATION_OK;
}
