//===- SetTarget.cpp - the machine to compile for ---------------*- C++ -*-===//
//
// This file writes on the module what the passes of Tile and Target ask about:
//
//   module { ... }   ==>   module attributes {fixed.target = #fixed.target<triple = "x86_64-...", cpu = "znver4", ...>} { ... }
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_SETTARGET
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct SetTargetPass : quantization::impl::SetTargetBase<SetTargetPass> {
  using SetTargetBase::SetTargetBase;

  void runOnOperation() override {
    if (triple.empty() || getOperation()->hasAttr("fixed.target"))
      return;
    getOperation()->setAttr("fixed.target", fixed::TargetAttr::get(&getContext(), triple, cpu, features, emulated, threads));
  }
};

} // namespace
