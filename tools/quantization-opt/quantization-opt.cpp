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
#if defined(__GLIBC__)
#include <malloc.h>
#endif

using namespace mlir;

/// The --remarks-* flags of mlir-opt.
static LogicalResult enableRemarks(const MlirOptMainConfig &config, MLIRContext &context) {
  if (!config.shouldEmitRemarks())
    return success();
  // A kind without a filter of its own, be it empty, would not follow the filter for all.
  remark::RemarkCategories categories{config.getRemarksAllFilter(), config.getRemarksPassedFilter(), config.getRemarksMissedFilter(),
                                      config.getRemarksAnalyseFilter(), config.getRemarksFailedFilter()};
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

/// A compilation's passes are those of its rooms; others would never run.
static LogicalResult refusePasses(const MlirOptMainConfig &config, MLIRContext &context) {
  PassManager asked(&context, ModuleOp::getOperationName());
  if (failed(config.setupPassPipeline(asked)))
    return failure();
  if (asked.empty())
    return success();
  std::string passes;
  llvm::raw_string_ostream os(passes);
  asked.printAsTextualPipeline(os);
  llvm::WithColor::error(llvm::errs(), "quantization-opt")
      << "passes run alone, on IR: " << passes << "; write IR with --to=FORM first, and name them without --emit, --from and --to\n";
  return failure();
}

/// Memory of large constants goes back to the system when they are freed, whatever lies behind them.
static void returnLargeBlocks() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char **argv) {
  returnLargeBlocks();
  quantization::registerAllPasses();
  DialectRegistry registry;
  quantization::registerAllDialects(registry);
  (void)registerCLIOptions("quantization-opt", registry);
  preferOwnFlags();
  auto [input, output] = parseCLIOptions(argc, argv, R"(quantization-opt: neural networks to integer code

  quantization-opt model.onnx --policy=int8 --calibrate-with=samples.npz -o model.so

On IR, without --emit, --from and --to, it is mlir-opt with the project's passes: --help-hidden lists these, and all flags of
mlir-opt and LLVM.
)");
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
  if (failed(refusePasses(config, context)))
    return 1;
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
