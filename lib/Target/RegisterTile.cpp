//===- RegisterTile.cpp - the accumulators of a micro-kernel ----*- C++ -*-===//
//
// This file estimates the cycles of every tile that fits the registers and takes the best. One step of a tile loads a vector of
// weights per vector of channels, spreads a few codes of the input for each position over a register, and multiplies all with all.
// Where registers are tiles themselves, four of them hold the sums.
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/RegisterTile.h"
#include <algorithm>

namespace quantization {

namespace {
constexpr double kLoadsPerCycle = 2;
/// To count, compare and branch.
constexpr double kLoopCycles = 1;
/// An accumulator is ready for its next step after so many cycles.
constexpr double kLatency = 4;
/// Positions that lie a power of two of floats apart share a set of the first cache, which has so many lines. One vector by 14 positions,
/// which 16 registers would hold, reads each line again for every value in it, and LLVM finds no register to spare.
constexpr int64_t kMostFloatPositions = 8;

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Registers that are no accumulators: the weights, the spread codes, and the product where it is added by an instruction of its own.
int64_t otherRegisters(const DotKernel &kernel, int64_t vectors) {
  if (kernel.kind == DotKind::CountBits) // the words, and to count, where no instruction does: a table, a mask and two halves
    return kernel.codes - 1 + 4;
  // Where sums of 16 bits are widened in every step, by a multiplication by ones, those have a register too.
  int64_t product = kernel.kind == DotKind::MultiplyAddPairs || kernel.kind == DotKind::MultiplyAddBytes ? 1 : 0;
  return vectors + 1 + product + (kernel.kind == DotKind::MultiplyAddBytes && kernel.chain == 1 ? 1 : 0);
}

double cyclesOfStep(const DotKernel &kernel, int64_t positions, int64_t vectors) {
  // 512-bit vectors pass through the multipliers one at a time, shorter ones in pairs.
  double dotsPerCycle = kernel.lanes >= 16 ? 1 : 2;
  // Sums of 16 bits are multiplied again when they are widened.
  double multiplications = kernel.kind == DotKind::MultiplyAddBytes ? 1 + 1. / static_cast<double>(kernel.chain) : 1;
  // To count takes as long as four multiplications, where no instruction does.
  if (kernel.kind == DotKind::CountBits)
    multiplications = 4;
  double dots = static_cast<double>(positions * vectors) * multiplications / dotsPerCycle;
  // To take weights out of bytes: a shift, a mask, a subtraction, of 4 that begin in a cycle.
  if (kernel.packing > 1 && kernel.kind != DotKind::CountBits)
    dots += static_cast<double>(vectors) * (3 - 1. / static_cast<double>(kernel.packing)) / 4;
  // Bytes of weights are widened by an instruction of their own for kernels on 16 bits; floats fill the first cache and come from the
  // second.
  double weightLoads = static_cast<double>(vectors) * (kernel.kind == DotKind::MultiplyAddPairs ? 1.5 : kernel.kind == DotKind::Fma ? 2 : 1);
  double loads = (static_cast<double>(positions) + weightLoads) / kLoadsPerCycle;
  // Sums of 32 bits for which those of 16 leave no register are loaded and stored around each chain.
  if (kernel.chain > 1) {
    int64_t without = 2 * positions * vectors + otherRegisters(kernel, vectors) - kernel.registers;
    dots += static_cast<double>(std::max<int64_t>(without, 0)) / static_cast<double>(kernel.chain);
  }
  // Of tiles that are equal otherwise, the one that loads least.
  return std::max({dots, loads, kLatency}) + kLoopCycles + loads / 100;
}
} // namespace

static RegisterTile chooseDepthwiseTile(const DotKernel &kernel, int64_t columns) {
  // One row of positions times a vector for every code; besides them a column of the input in as many vectors, and two to mix it.
  int64_t room = std::max<int64_t>(1, (kernel.registers - 2 * kernel.codes - 2) / kernel.codes);
  int64_t tiles = ceilDiv(columns, room);
  return {1, ceilDiv(columns, tiles), kernel.codes};
}

static RegisterTile chooseTiles(const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs, int64_t fixedVectors) {
  // A sum is ready for its next step after 52 cycles, a multiplication takes 16: four sums keep the multiplier busy. Of 2 by 2 each
  // register that is loaded is used twice.
  constexpr int64_t kSums = 4;
  int64_t vectors = fixedVectors ? fixedVectors : std::min<int64_t>(2, ceilDiv(outputs, kernel.lanes));
  int64_t room = std::max<int64_t>(1, kSums / vectors);
  // As even as can be: tiles have as many rows as they need.
  int64_t onRow = ceilDiv(columns, ceilDiv(columns, kTileRows * std::min(room, ceilDiv(columns, kTileRows))));
  int64_t together = onRow < columns ? 1 : std::min(rows, room / ceilDiv(columns, kTileRows));
  return {ceilDiv(rows, ceilDiv(rows, together)), onRow, vectors};
}

/// Four vectors of sums lie in one of bytes. Besides those, registers hold a row and the weights.
static RegisterTile chooseLookupTile(const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs, int64_t fixedVectors) {
  int64_t needed = ceilDiv(outputs, 4 * kernel.lanes), wide = fixedVectors ? ceilDiv(fixedVectors, 4) : std::min<int64_t>(needed, 2);
  int64_t room = std::max<int64_t>(1, (kernel.registers - 2 - wide) / wide);
  int64_t onRow = ceilDiv(columns, ceilDiv(columns, std::min(columns, room)));
  return {onRow < columns ? 1 : std::min(rows, room / onRow), onRow, 4 * wide};
}

RegisterTile chooseRegisterTile(const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs, int64_t fixedVectors) {
  if (kernel.depthwise)
    return chooseDepthwiseTile(kernel, columns);
  if (kernel.kind == DotKind::Additions) // one block of all channels, which AddKernel.cpp cuts
    return {1, 1, ceilDiv(outputs, kernel.lanes)};
  if (kernel.kind == DotKind::TileBytes)
    return chooseTiles(kernel, rows, columns, outputs, fixedVectors);
  if (kernel.kind == DotKind::Lookup || kernel.kind == DotKind::SubsetSums)
    return chooseLookupTile(kernel, rows, columns, outputs, fixedVectors);
  RegisterTile best{1, 1, std::max<int64_t>(fixedVectors, 1)};
  double least = -1;
  int64_t needed = ceilDiv(outputs, kernel.lanes);
  if (kernel.hasSignBits())
    needed = std::max(needed, kernel.packing);
  for (int64_t vectors = 1; vectors <= 8; ++vectors) {
    if ((fixedVectors && vectors != fixedVectors) || (!fixedVectors && vectors > needed))
      continue;
    if (kernel.hasSignBits() && vectors != kernel.packing && !fixedVectors)
      continue;
    // Vectors that share their bytes are cheaper to take apart than one alone.
    if (!fixedVectors && kernel.kind != DotKind::CountBits && vectors % kernel.packing && needed >= kernel.packing)
      continue;
    int64_t room = (kernel.registers - otherRegisters(kernel, vectors)) / vectors;
    if (room < 1 && !fixedVectors && !kernel.hasSignBits())
      continue;
    if (kernel.kind == DotKind::Fma && kernel.registers <= 16)
      room = std::min(room, kMostFloatPositions);
    room = std::max<int64_t>(1, room);
    for (int64_t r = 1; r <= std::min(rows, room); ++r)
      for (int64_t c = 1; c <= std::min(columns, room / r); ++c) {
        if (r > 1 && c < columns)
          continue; // several rows only where one is too short
        // The last tiles of a row and a column overlap their neighbours, so all are whole.
        double tiles = static_cast<double>(ceilDiv(rows, r) * ceilDiv(columns, c) * ceilDiv(needed, vectors));
        double cycles = tiles * cyclesOfStep(kernel, r * c, vectors);
        if (least < 0 || cycles < least * 0.999) {
          least = cycles;
          best = {r, c, vectors};
        }
      }
  }
  return best;
}

} // namespace quantization
