//===- ExposeEntry.cpp - the function that the artifact calls ---*- C++ -*-===//
//
// This file names the network's function for the artifact's run-time code and states that its buffers do not overlap:
//
//   func.func @net(%in, %out, %arena)   ==>   func.func @quantization_sample(%in {llvm.noalias}, ...)
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantization/Target/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_EXPOSEENTRY
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ExposeEntryPass : quantization::impl::ExposeEntryBase<ExposeEntryPass> {
  void runOnOperation() override {
    func::FuncOp entry;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        function.removeArgAttrsAttr(); // only bufferization asks them
      if (function.isPrivate() || function.isExternal())
        continue;
      if (entry) {
        function.emitError() << "expected one public function, the network, but also found \"" << entry.getName() << "\"";
        return signalPassFailure();
      }
      entry = function;
    }
    if (!entry) {
      getOperation()->emitError() << "expected a public function, the network";
      return signalPassFailure();
    }
    entry.setName("quantization_sample");
    entry.removeArgAttrsAttr(); // the names of inputs are on the module now
    entry.removeResAttrsAttr();
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      if (isa<MemRefType>(entry.getArgument(i).getType()))
        entry.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), UnitAttr::get(&getContext()));
  }
};

} // namespace
