//===- CheckPolicy.cpp - compare a policy with the network ------*- C++ -*-===//
//
// This file refuses a policy that does not fit the network, before calibration has taken its time. The network stays as it is.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Passes.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {
#define GEN_PASS_DEF_CHECKPOLICY
#include "quantization/Assign/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct CheckPolicyPass : quantization::impl::CheckPolicyBase<CheckPolicyPass> {
  using CheckPolicyBase::CheckPolicyBase;

  void runOnOperation() override {
    if (!flags.empty() && nn::isQuantized(getOperation())) {
      auto file = getOperation()->getAttrOfType<StringAttr>("nn.model_file");
      getOperation().emitError() << (file ? file.str() + ": " : std::string())
                                 << "the model is quantized already, and its own scales and zero points are used; leave out " << flags
                                 << ", or give the float model";
      return signalPassFailure();
    }
    FailureOr<Policy> loaded = loadPolicy(policy, getOperation().getLoc(), onlyWidths);
    if (failed(loaded) || failed(checkPolicy(*loaded, getOperation())))
      return signalPassFailure();
    warnOfIdleRules(*loaded, getOperation());
    markAllAnalysesPreserved();
  }
};

} // namespace
