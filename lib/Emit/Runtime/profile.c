//===- profile.c - the clock of an artifact ---------------------*- C -*-===//
//
// This file is freestanding C that is linked into artifacts compiled with --profile. The clock is the processor's own counter, which all
// cores share; it is read when all instructions before it are done.
//
//===----------------------------------------------------------------------===//

#include "quantization-c/Artifact.h"

/// Defined by finishModule.
extern const quantization_profile quantization_artifact_profile_table;

/// Becomes NAME_profile.
const quantization_profile *quantization_artifact_profile(void) { return &quantization_artifact_profile_table; }

/// What the network's code reads between its steps.
uint64_t quantization_artifact_clock(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
#else
  uint64_t ticks;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
  return ticks;
#endif
}
