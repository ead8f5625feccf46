//===- Traffic.cpp - what layers read and write -----------------*- C++ -*-===//
//
// This file counts the traffic of a network stage by stage, as 1511.05236 does.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Costs.h"
#include "llvm/ADT/STLExtras.h"

namespace quantization {

Traffic trafficOf(llvm::ArrayRef<Sublayer> sublayers, llvm::ArrayRef<StageRule> rules,
                  llvm::function_ref<std::pair<int64_t, int64_t>(llvm::StringRef)> widthsOf) {
  Traffic traffic;
  for (Stage &stage : groupIntoStages(sublayers, rules)) {
    StageTraffic &sum = traffic.stages.emplace_back();
    for (auto [i, leader] : llvm::zip(stage.sublayers, stage.leaders)) {
      const Sublayer &sublayer = sublayers[i], &first = sublayers[leader];
      auto [dataBits, weightBits] = first.weights ? widthsOf(first.name) : std::pair(kFloatBits, kFloatBits);
      sum.data += sublayer.in + sublayer.out;
      sum.weights += sublayer.weights;
      sum.dataBits += (sublayer.in + sublayer.out) * dataBits;
      sum.weightBits += sublayer.weights * weightBits;
    }
    if (stage.counted) {
      traffic.data += sum.data;
      traffic.weights += sum.weights;
      traffic.dataBits += sum.dataBits;
      traffic.weightBits += sum.weightBits;
    }
    sum.stage = std::move(stage);
  }
  return traffic;
}

} // namespace quantization
