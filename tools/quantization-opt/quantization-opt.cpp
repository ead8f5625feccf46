//===- quantization-opt.cpp - the driver ------------------------*- C++ -*-===//
//
// This file is at once mlir-opt with the project's passes, and the compiler: an ONNX input, --emit, --from or --to makes it compile.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Remark/RemarkStreamer.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "quantization/InitAll.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

/// The --remarks-* flags of mlir-opt.
static LogicalResult enableRemarks(const MlirOptMainConfig &config, MLIRContext &context) {
  if (!config.shouldEmitRemarks())
    return success();
  auto filter = [](const std::string &text) { return text.empty() ? std::nullopt : std::optional(text); };
  remark::RemarkCategories categories{filter(config.getRemarksAllFilter()), filter(config.getRemarksPassedFilter()),
                                      filter(config.getRemarksMissedFilter()), filter(config.getRemarksAnalyseFilter()),
                                      filter(config.getRemarksFailedFilter())};
  auto policy = std::make_unique<remark::RemarkEmittingPolicyAll>();
  if (config.getRemarkFormat() == RemarkFormat::REMARK_FORMAT_STDOUT)
    return remark::enableOptimizationRemarks(context, nullptr, std::move(policy), categories, /*printAsEmitRemarks=*/true);
  bool yaml = config.getRemarkFormat() == RemarkFormat::REMARK_FORMAT_YAML;
  std::string file = config.getRemarksOutputFile();
  if (file.empty())
    file = yaml ? "mlir-remarks.yaml" : "mlir-remarks.bitstream";
  return remark::enableOptimizationRemarksWithLLVMStreamer(
      context, file, yaml ? llvm::remarks::Format::YAML : llvm::remarks::Format::Bitstream, std::move(policy), categories);
}

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
  if (failed(enableRemarks(config, context)))
    return 1;
  return failed(quantization::compile(*options, context)) ? 1 : 0;
}
