//===- quantization-opt.cpp - the driver ------------------------*- C++ -*-===//
//
// This file is at once mlir-opt with the project's passes, and the compiler: an ONNX input, --emit, --from or --to makes it compile.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "quantization/InitAll.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

int main(int argc, char **argv) {
  quantization::registerAllPasses();
  DialectRegistry registry;
  quantization::registerAllDialects(registry);
  auto [input, output] = registerAndParseCLIOptions(argc, argv, "quantization-opt: neural networks to integer code\n", registry);
  if (!wantsCompiler(input))
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));

  auto options = readCommandLine(input, output);
  if (!options) {
    llvm::WithColor::error(llvm::errs(), "quantization-opt") << llvm::toString(options.takeError()) << "\n";
    return 1;
  }
  options->configure = [](PassManager &manager) {
    applyDefaultTimingPassManagerCLOptions(manager);
    return applyPassManagerCLOptions(manager);
  };
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  context.allowUnregisteredDialects(config.shouldAllowUnregisteredDialects());
  // Unless asked to: a dump of IR tells the user of a model nothing.
  if (!llvm::cl::getRegisteredOptions().lookup("mlir-print-op-on-diagnostic")->getNumOccurrences())
    context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  CompilerDiagnostics diagnostics(sources, context, options->input);
  return failed(quantization::compile(*options, context)) ? 1 : 0;
}
