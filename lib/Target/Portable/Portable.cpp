//===- Portable.cpp - the target that needs nothing -------------*- C++ -*-===//
//
// This file lowers loops over buffers to LLVM's dialect with upstream passes.
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/Portable.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "quantization/Target/Passes.h"

using namespace mlir;
using namespace quantization;

void quantization::buildPortablePipeline(OpPassManager &manager, bool profile) {
  manager.addPass(createExposeEntry());
  manager.addPass(createExpandCopies());
  manager.addPass(createOutlineLayers(OutlineLayersOptions{profile}));
  manager.addPass(createExpandContract());
  manager.addPass(createVectorizeElementwise());
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  manager.addPass(createShareLoops());
  manager.addPass(createExpandRequantize());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  manager.addNestedPass<func::FuncOp>(createLoopInvariantCodeMotionPass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  ConvertMathToLLVMPassOptions math;
  math.approximateLog1p = false; // log(1 + x) would lose small x
  manager.addPass(createConvertMathToLLVMPass(math));
  manager.addPass(createConvertMathToLibmPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  manager.addPass(createConvertFuncToLLVMPass(functions));
  // Branches that carry tiles of the dialect amx need its types, which only this pass knows.
  ConvertToLLVMPassOptions branches;
  branches.filterDialects = {"cf", "amx"};
  manager.addPass(createConvertToLLVMPass(branches));
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createForkShares());
  if (profile)
    manager.addPass(createProfileSteps());
}
