//===- MemoryPlan.h - where buffers lie in one arena ------------*- C++ -*-===//
//
// This file declares the placement of buffers with known lifetimes; no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TILE_MEMORYPLAN_H
#define QUANTIZATION_TILE_MEMORYPLAN_H

#include <cstdint>
#include <vector>

namespace quantization {

/// A buffer of `bytes` that is alive from step `first` to step `last`, both included.
struct BufferLifetime {
  int64_t bytes;
  int64_t first, last;
};

struct MemoryPlan {
  std::vector<int64_t> offsets; ///< in bytes, multiples of `alignment`
  int64_t bytes = 0;            ///< of the arena
};

/// Places the buffers, largest first, each at the lowest offset where it overlaps no other in space and time.
MemoryPlan planMemory(const std::vector<BufferLifetime> &buffers, int64_t alignment = 64);

} // namespace quantization

#endif // QUANTIZATION_TILE_MEMORYPLAN_H
