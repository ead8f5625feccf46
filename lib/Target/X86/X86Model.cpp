//===- X86Model.cpp - x86-64 and its micro-kernels --------------*- C++ -*-===//
//
// This file lists the micro-kernels of x86-64, best first, with the feature that each needs.
//
//===----------------------------------------------------------------------===//

#include "../Models.h"
#include "Weights.h"
#include "quantization/Target/WeightsInCode.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace quantization;

namespace {

struct Row {
  DotKernel kernel;
  StringLiteral feature, other = "sse2";
};

/// A kernel on vpmaddubsw, whose sums saturate at 16 bits: for weights of up to 64 / `chain` times bytes, or what has no larger products.
constexpr DotKernel bytesInChains(StringLiteral name, int64_t lanes, int64_t chain, bool depthwise = false) {
  return {name, DotKind::MultiplyAddBytes, lanes, 4, lanes == 16 ? 32 : 16, depthwise, 8, chain};
}

/// Words of values by words of signs, `codes` of the former for one of the latter.
constexpr DotKernel countOf(StringLiteral name, int64_t lanes, int64_t codes) {
  return {name, DotKind::CountBits, lanes, codes, lanes == 16 ? 32 : 16, false, 32, /*chain=*/31, /*packing=*/codes};
}

/// `kernel` with eight weights, each a sign, to a byte.
constexpr DotKernel signs(StringLiteral name, DotKernel kernel) {
  kernel.name = name, kernel.packing = 8;
  return kernel;
}

/// `kernel` with two weights to a byte. Four to a byte take so many instructions that they lose a third of the speed in a convolution, two a
/// sixth.
constexpr DotKernel packed(StringLiteral name, DotKernel kernel) {
  kernel.name = name, kernel.packing = 2;
  return kernel;
}

constexpr DotKernel kVnni512{"vnni512", DotKind::DotBytes, 16, 4, 32, false, 8}, kVnni256{"vnni256", DotKind::DotBytes, 8, 4, 16, false, 8};

// Depthwise kernels stay at 256 bits: their channels are few, and wider vectors are no faster where they pass through the multipliers in
// halves.
constexpr Row kRows[] = {
    // name                    how                      lanes codes registers depthwise bits  feature
    {{"amx", DotKind::TileBytes, 16, 4, 8, false, 8}, "amx-int8", "avx512vnni"},
    {countOf("count512", 16, 2), "avx512bw"},
    {countOf("count512-signed", 16, 3), "avx512bw"},
    {{"lookup256", DotKind::Lookup, 8, 1, 16, false, 16, /*chain=*/31}, "avx2"},
    {{"adds512", DotKind::Additions, 16, 1, 32, false, 8}, "avx512bw"},
    {{"adds256", DotKind::Additions, 8, 1, 16, false, 8}, "avx2"},
    {signs("vnni512-w1", kVnni512), "avx512vnni"},
    {signs("vnni256-w1", kVnni256), "avxvnni"},
    {signs("maddub512x8-w1", bytesInChains("", 16, 8)), "avx512bw"},
    {packed("vnni512-w4", kVnni512), "avx512vnni"},
    {kVnni512, "avx512vnni"},
    {packed("vnni256-w4", kVnni256), "avxvnni"},
    {kVnni256, "avxvnni"},
    {packed("maddub512x64-w4", bytesInChains("", 16, 64)), "avx512bw"},
    {bytesInChains("maddub512x64", 16, 64), "avx512bw"},
    {packed("maddub512x16-w4", bytesInChains("", 16, 16)), "avx512bw"},
    {bytesInChains("maddub512x16", 16, 16), "avx512bw"},
    {packed("maddub512x8-w4", bytesInChains("", 16, 8)), "avx512bw"},
    {bytesInChains("maddub512x8", 16, 8), "avx512bw"},
    {bytesInChains("maddub512x4", 16, 4), "avx512bw"},
    {bytesInChains("maddub512x2", 16, 2), "avx512bw"},
    {bytesInChains("maddub512", 16, 1), "avx512bw"},
    {{"madd512", DotKind::MultiplyAddPairs, 16, 2, 32, false, 16}, "avx512bw"},
    {{"subsets256", DotKind::SubsetSums, 8, 16, 16, false, 32, /*chain=*/4, /*packing=*/16}, "avx2"},
    {signs("maddub256x8-w1", bytesInChains("", 8, 8)), "avx2"},
    {packed("maddub256x64-w4", bytesInChains("", 8, 64)), "avx2"},
    {bytesInChains("maddub256x64", 8, 64), "avx2"},
    {packed("maddub256x16-w4", bytesInChains("", 8, 16)), "avx2"},
    {bytesInChains("maddub256x16", 8, 16), "avx2"},
    {packed("maddub256x8-w4", bytesInChains("", 8, 8)), "avx2"},
    {bytesInChains("maddub256x8", 8, 8), "avx2"},
    {bytesInChains("maddub256x4", 8, 4), "avx2"},
    {bytesInChains("maddub256x2", 8, 2), "avx2"},
    {bytesInChains("maddub256", 8, 1), "avx2"},
    {{"madd256", DotKind::MultiplyAddPairs, 8, 2, 16, false, 16}, "avx2"},
    {{"fma512", DotKind::Fma, 16, 1, 32, false, 32}, "avx512f"},
    {{"fma256", DotKind::Fma, 8, 1, 16, false, 32}, "fma"},
    {{"depthwise-vnni512", DotKind::DotBytes, 8, 4, 32, true, 8}, "avx512vnni", "avx512vl"},
    {{"depthwise-vnni256", DotKind::DotBytes, 8, 4, 16, true, 8}, "avxvnni"},
    {bytesInChains("depthwise-maddub256", 8, 1, /*depthwise=*/true), "avx2"},
    {{"depthwise-madd256", DotKind::MultiplyAddPairs, 8, 2, 16, true, 8}, "avx2"},
    {{"depthwise-fma512", DotKind::Fma, 16, 1, 32, true, 32}, "avx512f"},
    {{"depthwise-fma256", DotKind::Fma, 8, 1, 16, true, 32}, "fma"},
};

/// Whether additions beat the multiplications that the same processor has. Estimated in cycles for a position: 64 numbers of 16 bits are
/// added in one, whatever the vectors, four fifths of them for weights and the rest for inputs that are loaded or brought together; sums of
/// a chunk are multiplied and widened. Code beyond the caches, and few positions that share it, lose that.
bool additionsPay(const ContractionShape &shape, bool hasDots) {
  constexpr double kAddedInACycle = 64, kForInputs = 1.25, kForSum = 6;
  constexpr int64_t kMostCode = 2 << 20, kFewPositions = 64;
  if (shape.area < kFewPositions || shape.nonzeros * kBytesOfAddition > kMostCode)
    return false;
  double multiplied = hasDots ? 62 : shape.largestInput * shape.largestWeight * 16 <= INT16_MAX ? 44 : 24; // in a cycle
  double sums = static_cast<double>(shape.nonzeros) * kForInputs + static_cast<double>(shape.outputs * shape.sumChunks) * kForSum;
  return sums / kAddedInACycle < static_cast<double>(shape.weights) / multiplied;
}

/// Whether tiles beat the vectors that the same processor has. Estimated in cycles, for up to 16 positions of 16 channels: tdpbusd takes
/// 16 for up to 64 values of the run, however few of a tile's rows and bytes are in use, and sums pass through memory to the region;
/// vpdpbusd takes 4 values of one position, two of them a cycle. So tiles need rows of several positions (one image's last layers
/// have one) and runs long enough: rows of 3 x 3 columns of 3 channels are too short.
///
/// Packed weights take up to 3 more instructions a vector and step, which the positions of a tile share. With a few positions half the
/// bytes are worth that; with fewer they pay where bytes are the limit, as weights then come from beyond the near caches.
bool pays(const DotKernel &kernel, const ContractionShape &shape) {
  constexpr int64_t kManyChannels = 128;
  // Words that are mostly empty count nothing.
  if (kernel.kind == DotKind::CountBits || kernel.kind == DotKind::Lookup)
    return 2 * shape.inputs >= kernel.valuesTogether();
  // Tables are worth it where many channels read them.
  if (kernel.kind == DotKind::SubsetSums)
    return shape.outputs >= kManyChannels;
  constexpr int64_t kSharing = 4;
  if (kernel.hasSignBits())
    return shape.positions < kSharing && shape.weights > kNearCacheBytes && shape.outputs >= kernel.lanes * kernel.packing;
  if (kernel.packing > 1)
    return shape.positions >= kSharing || shape.weights > kNearCacheBytes;
  if (kernel.kind != DotKind::TileBytes)
    return true;
  constexpr int64_t kMultiplication = 16, kThroughMemory = 32;
  int64_t multiplications = shape.runs * stepsOf(kernel, shape.run) * kernel.codes / depthOf(kernel, shape.run);
  int64_t dots = shape.runs * ((shape.run + kernel.codes - 1) / kernel.codes) * std::min(shape.positions, kTileRows);
  return multiplications * kMultiplication + kThroughMemory < dots / 2;
}

struct X86Model : TargetModel {
  StringMap<bool> features;
  bool emulated;

  X86Model(StringRef cpu, StringRef changes, bool emulated) : emulated(emulated) {
    SmallVector<StringRef> own, changed;
    if (X86::parseArchX86(cpu) != X86::CK_None)
      X86::getFeaturesForCPU(cpu, own);
    for (StringRef feature : own)
      X86::updateImpliedFeatures(feature, true, features);
    changes.split(changed, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    for (StringRef change : changed)
      X86::updateImpliedFeatures(SubtargetFeatures::StripFlag(change), SubtargetFeatures::isEnabled(change), features);
    for (StringRef feature : own)
      features.try_emplace(feature, true);
    for (StringRef change : changed)
      features[SubtargetFeatures::StripFlag(change)] = SubtargetFeatures::isEnabled(change);
  }

  bool has(StringRef feature) const { return features.lookup(feature); }
  bool has(const Row &row) const { return has(row.feature) && has(row.other); }

  const DotKernel *chooseKernel(const ContractionShape &shape) const override {
    bool hasDots = has("avx512vnni") || has("avxvnni");
    for (const Row &row : kRows)
      if (has(row) && computes(row.kernel, shape) && (row.kernel.knowsWeights() ? additionsPay(shape, hasDots) : pays(row.kernel, shape)))
        return &row.kernel;
    return nullptr;
  }

  const DotKernel *findKernel(StringRef name) const override {
    for (const Row &row : kRows)
      if (has(row) && row.kernel.name == name)
        return &row.kernel;
    return nullptr;
  }

  std::vector<StringRef> kernelsFor(const ContractionShape &shape) const override {
    std::vector<StringRef> names;
    for (const Row &row : kRows)
      if (has(row) && computes(row.kernel, shape))
        names.push_back(row.kernel.name);
    return names;
  }

  int64_t lanes() const override { return has("avx512f") ? 16 : 8; }
  bool isEmulated() const override { return emulated; }
};

} // namespace

std::unique_ptr<TargetModel> quantization::createX86Model(StringRef cpu, StringRef features, bool emulated) {
  auto model = std::make_unique<X86Model>(cpu, features, emulated);
  if (!model->has("avx2") || !model->has("fma"))
    return nullptr;
  return model;
}

std::vector<StringRef> quantization::allX86Kernels() {
  std::vector<StringRef> names;
  for (const Row &row : kRows)
    names.push_back(row.kernel.name);
  return names;
}
