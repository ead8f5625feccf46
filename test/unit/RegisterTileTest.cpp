//===- RegisterTileTest.cpp - the accumulators of a micro-kernel -*- C++ -*-===//
//
// This file checks the choice of a kernel's tile: that it fits, and that it is the one with the fewest cycles where these are easily
// counted. A step takes the largest of: 4 cycles; its products (one per cycle of 16 lanes, two of 8); half its loads. Then the
// same for kernels whose registers are tiles, and how those cut runs.
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/RegisterTile.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <vector>

using namespace quantization;

namespace {

DotKernel kernelOf(llvm::StringRef name, DotKind kind, int64_t lanes, int64_t codes, int64_t registers, int64_t inputBits,
                   int64_t chain = 1) {
  DotKernel kernel{};
  kernel.name = name, kernel.kind = kind, kernel.lanes = lanes, kernel.codes = codes, kernel.registers = registers;
  kernel.inputBits = inputBits, kernel.chain = chain;
  return kernel;
}

const DotKernel kVnni512 = kernelOf("vnni512", DotKind::DotBytes, 16, 4, 32, 8);
const DotKernel kVnni256 = kernelOf("vnni256", DotKind::DotBytes, 8, 4, 16, 8);
const DotKernel kMadd512 = kernelOf("madd512", DotKind::MultiplyAddPairs, 16, 2, 32, 16);
const DotKernel kMadd256 = kernelOf("madd256", DotKind::MultiplyAddPairs, 8, 2, 16, 16);
const DotKernel kFma512 = kernelOf("fma512", DotKind::Fma, 16, 1, 32, 32);
const DotKernel kFma256 = kernelOf("fma256", DotKind::Fma, 8, 1, 16, 32);
const DotKernel kMaddub256 = kernelOf("maddub256", DotKind::MultiplyAddBytes, 8, 4, 16, 8);
const DotKernel kMaddub256x8 = kernelOf("maddub256x8", DotKind::MultiplyAddBytes, 8, 4, 16, 8, 8);
const DotKernel kAmx = kernelOf("amx", DotKind::TileBytes, 16, 4, 8, 8);
const std::vector<DotKernel> kKernels = {kVnni512, kVnni256, kMadd512, kMadd256, kFma512, kFma256, kMaddub256, kMaddub256x8};

std::vector<int64_t> tileOf(const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs, int64_t vectors = 0) {
  RegisterTile tile = chooseRegisterTile(kernel, rows, columns, outputs, vectors);
  return {tile.rows, tile.columns, tile.vectors};
}

template <typename Check> void forManyShapes(Check check) {
  for (const DotKernel &kernel : kKernels)
    for (int64_t rows : {1, 2, 3, 5, 7, 14, 112})
      for (int64_t columns : {1, 2, 3, 4, 7, 14, 17, 56, 3136})
        for (int64_t outputs : {1, 7, 8, 9, 16, 17, 33, 64, 100, 256, 1000})
          check(kernel, rows, columns, outputs);
}

} // namespace

// Accumulators, a vector of weights for each vector of channels, the spread codes, and for pairs a product before it is added; ones where
// each is multiplied by them.
TEST(RegisterTile, FitsTheRegisters) {
  forManyShapes([](const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs) {
    RegisterTile tile = chooseRegisterTile(kernel, rows, columns, outputs);
    bool pairs = kernel.kind == DotKind::MultiplyAddPairs || kernel.kind == DotKind::MultiplyAddBytes;
    int64_t others = tile.vectors + 1 + (pairs ? 1 : 0) + (kernel.kind == DotKind::MultiplyAddBytes && kernel.chain == 1 ? 1 : 0);
    EXPECT_LE(tile.rows * tile.columns * tile.vectors + others, kernel.registers)
        << kernel.name.str() << " " << rows << "x" << columns << "x" << outputs;
  });
}

// Tiles overlap their neighbours, for which there must be room; and vectors without a channel would be for nothing.
TEST(RegisterTile, IsNoLargerThanTheResult) {
  forManyShapes([](const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs) {
    RegisterTile tile = chooseRegisterTile(kernel, rows, columns, outputs);
    EXPECT_GE(tile.rows, 1);
    EXPECT_GE(tile.columns, 1);
    EXPECT_GE(tile.vectors, 1);
    EXPECT_LE(tile.rows, rows);
    EXPECT_LE(tile.columns, columns);
    EXPECT_LT((tile.vectors - 1) * kernel.lanes, outputs);
    // Several rows only where all of one fits.
    EXPECT_TRUE(tile.rows == 1 || tile.columns == columns);
  });
}

TEST(RegisterTile, IsTheSameEveryTime) {
  forManyShapes([](const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs) {
    EXPECT_EQ(tileOf(kernel, rows, columns, outputs), tileOf(kernel, rows, columns, outputs));
  });
}

// Weights are packed for so many vectors: when the loops are written, these are given.
TEST(RegisterTile, KeepsGivenVectors) {
  forManyShapes([](const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs) {
    for (int64_t vectors = 1; vectors <= 6; ++vectors) {
      RegisterTile tile = chooseRegisterTile(kernel, rows, columns, outputs, vectors);
      EXPECT_EQ(tile.vectors, vectors);
      EXPECT_LE(tile.rows, rows);
      EXPECT_LE(tile.columns, columns);
    }
    // What is chosen freely is chosen again.
    std::vector<int64_t> tile = tileOf(kernel, rows, columns, outputs);
    EXPECT_EQ(tileOf(kernel, rows, columns, outputs, tile[2]), tile);
  });
}

// 14 * 14 positions of 256 channels: every tile keeps the multipliers busy, so few loops and few loads decide. 14 positions by 2 vectors
// fill 28 of the 32 registers, as 28 by 1 would, and load 16 times for each 28 products instead of 29 times.
TEST(RegisterTile, WideVectors) {
  EXPECT_EQ(tileOf(kVnni512, 14, 14, 256), (std::vector<int64_t>{1, 14, 2}));
  EXPECT_EQ(tileOf(kFma512, 14, 14, 256), (std::vector<int64_t>{1, 14, 2}));
  EXPECT_EQ(tileOf(kVnni512, 14, 14, 256, 2), (std::vector<int64_t>{1, 14, 2}));
  // 4 vectors leave room for 6 positions; rows of 14 are cut into 3 tiles of 5.
  EXPECT_EQ(tileOf(kVnni512, 14, 14, 256, 4), (std::vector<int64_t>{1, 5, 4}));
}

// 14 by 1 would load once for each product.
TEST(RegisterTile, FewPositionsOfFloats) {
  EXPECT_EQ(tileOf(kFma256, 1, 3136, 64), (std::vector<int64_t>{1, 6, 2}));
  EXPECT_EQ(tileOf(kFma256, 14, 14, 256), (std::vector<int64_t>{1, 5, 2}));
  EXPECT_EQ(tileOf(kFma256, 14, 14, 8), (std::vector<int64_t>{1, 7, 1}));
}

// 8 vectors of channels. Sums that are widened every 8 steps cost 9 multiplications for 8, and an eighth of a cycle for every one of 32 bits
// that finds no register beside those of 16. For rows of 60, 15 tiles of 4 by 2 take 15 * 4 * (4.5 + 0.5 + 1) cycles, 10 of 6 by 2
// 10 * 4 * (6.75 + 1.5 + 1); for rows of 56, 8 tiles of 7 by 1 take 8 * 8 * (4 + 1), 14 of 4 by 2 more. Where two weights share a byte,
// vectors come in pairs. Sums that are widened every step cost 2 multiplications: loads matter less.
TEST(RegisterTile, SumsOfBytes) {
  EXPECT_EQ(tileOf(kMaddub256x8, 56, 60, 64), (std::vector<int64_t>{1, 4, 2}));
  EXPECT_EQ(tileOf(kMaddub256x8, 56, 56, 64), (std::vector<int64_t>{1, 7, 1}));
  DotKernel packed = kMaddub256x8;
  packed.packing = 2;
  EXPECT_EQ(tileOf(packed, 56, 56, 64), (std::vector<int64_t>{1, 4, 2}));
  EXPECT_EQ(tileOf(packed, 56, 56, 8)[2], 1);
  EXPECT_EQ(tileOf(kMaddub256, 56, 60, 64), (std::vector<int64_t>{1, 12, 1}));
}

// Seventeen positions, one vector: 2 tiles of 9 take 2 * (max(9 / 2, 10 / 2) + 1) = 12 cycles and load less than 2 of 12; 3 of 6 take 15.
TEST(RegisterTile, LastTileOverlaps) { EXPECT_EQ(tileOf(kVnni256, 1, 17, 3), (std::vector<int64_t>{1, 9, 1})); }

// 5 rows of 4, one vector, pairs: 1 row takes 5 * 5 cycles, 2 rows 3 * 5.75, 3 rows 2 * 7.75, and for 4 there are no registers.
TEST(RegisterTile, ShortRowsTogether) {
  EXPECT_EQ(tileOf(kMadd256, 5, 4, 4), (std::vector<int64_t>{3, 4, 1}));
  // 5 rows of 3, one vector: 1 row takes 5 * 5 cycles, 2 rows 3 * 7, 3 rows 2 * 10, and all of them 16.
  EXPECT_EQ(tileOf(kVnni512, 5, 3, 16), (std::vector<int64_t>{5, 3, 1}));
}

// One position of 72 channels, 9 vectors: up to 7 of them take the 4 cycles of one. 5 are the fewest that need two tiles.
TEST(RegisterTile, OnePosition) {
  EXPECT_EQ(tileOf(kFma256, 1, 1, 72), (std::vector<int64_t>{1, 1, 5}));
  EXPECT_EQ(tileOf(kVnni512, 1, 1, 10), (std::vector<int64_t>{1, 1, 1}));
}

// More vectors than registers for them still give a tile.
TEST(RegisterTile, TooManyVectors) { EXPECT_EQ(tileOf(kMadd256, 3, 3, 64, 8), (std::vector<int64_t>{1, 1, 8})); }

//===----------------------------------------------------------------------===//
// Tile registers: 8 of 16 rows of 64 bytes
//===----------------------------------------------------------------------===//

// Two tiles of channels and two of positions, which are cut as evenly as can be.
TEST(RegisterTile, TwoByTwoTiles) {
  EXPECT_EQ(tileOf(kAmx, 1, 3136, 64), (std::vector<int64_t>{1, 32, 2}));
  EXPECT_EQ(tileOf(kAmx, 56, 56, 64), (std::vector<int64_t>{1, 28, 2}));
  EXPECT_EQ(tileOf(kAmx, 40, 33, 64), (std::vector<int64_t>{1, 17, 2}));
  EXPECT_EQ(tileOf(kAmx, 56, 56, 64, 2), (std::vector<int64_t>{1, 28, 2}));
}

// A row that one tile holds leaves room for a tile of the next row; 7 rows are 4 times 2.
TEST(RegisterTile, TilesOfShortRows) {
  EXPECT_EQ(tileOf(kAmx, 14, 14, 256), (std::vector<int64_t>{2, 14, 2}));
  EXPECT_EQ(tileOf(kAmx, 7, 7, 512), (std::vector<int64_t>{2, 7, 2}));
  EXPECT_EQ(tileOf(kAmx, 1, 1, 1000), (std::vector<int64_t>{1, 1, 2}));
}

// 16 channels or fewer are one tile, and positions take four.
TEST(RegisterTile, FourTilesOfPositions) {
  EXPECT_EQ(tileOf(kAmx, 1, 1024, 16), (std::vector<int64_t>{1, 64, 1}));
  EXPECT_EQ(tileOf(kAmx, 32, 32, 16), (std::vector<int64_t>{2, 32, 1}));
  EXPECT_EQ(tileOf(kAmx, 8, 8, 3), (std::vector<int64_t>{4, 8, 1}));
  EXPECT_EQ(tileOf(kAmx, 5, 8, 16), (std::vector<int64_t>{3, 8, 1}));
}

TEST(RegisterTile, TilesFitTheRegisters) {
  for (int64_t rows : {1, 2, 3, 5, 7, 14, 112})
    for (int64_t columns = 1; columns < 200; ++columns)
      for (int64_t outputs : {1, 16, 17, 33, 1000}) {
        RegisterTile tile = chooseRegisterTile(kAmx, rows, columns, outputs);
        int64_t positions = tile.rows * ((tile.columns + 15) / 16);
        // Sums, and the tiles of one side and one of the other.
        EXPECT_LE(positions * tile.vectors + std::min(positions, tile.vectors) + 1, kAmx.registers) << rows << "x" << columns;
        EXPECT_LE(tile.rows, rows);
        EXPECT_LE(tile.columns, columns);
        EXPECT_TRUE(tile.rows == 1 || tile.columns == columns);
      }
}

// A multiplication takes a step's codes; on tiles up to 64, of all as many: 72 as 2 * 36, 66 as 2 * 36 with 6 in common.
TEST(Depth, EqualParts) {
  EXPECT_EQ(depthOf(kVnni512, 72), 4);
  EXPECT_EQ(stepsOf(kVnni512, 9), 3);
  EXPECT_EQ(depthOf(kAmx, 64), 64);
  EXPECT_EQ(depthOf(kAmx, 576), 64);
  EXPECT_EQ(depthOf(kAmx, 48), 48);
  EXPECT_EQ(depthOf(kAmx, 72), 36);
  EXPECT_EQ(depthOf(kAmx, 66), 36);
  EXPECT_EQ(stepsOf(kAmx, 66), 18);
  // No deeper than the run, whose rest is another part.
  EXPECT_EQ(depthOf(kAmx, 9), 8);
  EXPECT_EQ(stepsOf(kAmx, 9), 4);
  for (int64_t run = 4; run < 1000; ++run) {
    int64_t depth = depthOf(kAmx, run), steps = stepsOf(kAmx, run);
    EXPECT_TRUE(depth % 4 == 0 && depth > 0 && depth <= std::min<int64_t>(64, run)) << run;
    EXPECT_EQ(steps * 4, (run + depth - 1) / depth * depth);
    EXPECT_LE(steps * 4 / depth, (run + 63) / 64 + (run < 64 && run % 4 ? 1 : 0)) << run;
  }
}
