//===- InitAll.cpp - dialects and passes ------------------------*- C++ -*-===//
//
// This file registers everything that the project defines, and upstream's.
//
//===----------------------------------------------------------------------===//

#include "quantization/InitAll.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "quantization/Assign/Passes.h"
#include "quantization/Calibrate/Passes.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Import/Passes.h"
#include "quantization/Pipeline/Passes.h"
#include "quantization/Quantize/Passes.h"
#include "quantization/Target/Passes.h"
#include "quantization/Tile/Bufferization.h"
#include "quantization/Tile/Passes.h"

void quantization::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<nn::NNDialect, fixed::FixedDialect>();
  registerBufferization(registry);
}

void quantization::registerAllPasses() {
  mlir::registerAllPasses();
  registerQuantizationImportPasses();
  registerQuantizationCalibratePasses();
  registerQuantizationAssignPasses();
  registerQuantizationQuantizePasses();
  registerQuantizationFoldPasses();
  registerQuantizationTilePasses();
  registerQuantizationTargetPasses();
  registerQuantizationPipelinePasses();
}
