//===- Compilation.h - one run of the compiler -----------------*- C++ -*-===//
//
// This file declares what Compiler.cpp, CheckOptions.cpp and WriteOutput.cpp share while one network is compiled.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_COMPILATION_H
#define QUANTIZATION_LIB_PIPELINE_COMPILATION_H

#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Emit/FormatFidelity.h"
#include "quantization/Emit/NetworkCosts.h"
#include "quantization/Pipeline/Compiler.h"
#include "llvm/Support/raw_ostream.h"

namespace quantization {

class Compilation {
public:
  Compilation(const CompileOptions &options, mlir::MLIRContext &context) : options(options), context(context), constants(&context) {}

  mlir::LogicalResult run();

private:
  const CompileOptions &options;
  mlir::MLIRContext &context;
  ConstantSweep constants;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  InputKind kind = InputKind::IR;
  Form from = Form::Raw, to = Form::Lowered;
  std::optional<TargetSpec> target;
  /// Nobody wonders why layers stay float where no other format was asked for.
  bool allFloat = false;
  bool needsRanges = false;
  /// Of some formats no more is known than their width: enough for a report of costs.
  bool onlyWidths = false;
  std::unique_ptr<NetworkRunner> runner;
  std::vector<std::string> floatLayers;
  std::string whyNoCode;
  /// For a report: the policy's stages, the model of an accelerator, zeros that calibration saw, and widths where formats are assigned.
  std::vector<StageRule> stages;
  /// For a search: what a policy that is given asks for beside it.
  Policy base;
  Corrections corrections;
  std::optional<Ladder> weightFormats, valueFormats;
  /// What it found, and why that is not what was asked for.
  struct Found {
    Policy policy;
    std::string comment, whyNot;
  };
  std::optional<Found> found;
  Accelerator accelerator;
  std::map<std::string, double> zeroShares;
  std::optional<NetworkCosts> costs;
  std::vector<FormatFidelity> fidelity;

  mlir::LogicalResult fail(const llvm::Twine &message);
  /// Several problems are several lines.
  mlir::LogicalResult fail(llvm::Error error);

  //===--- CheckOptions.cpp: what can be told before the work begins ------===//

  mlir::LogicalResult chooseForms();
  /// All that can be told before the network is read, and before hours of calibration.
  mlir::LogicalResult checkOptions();
  /// A flag without effect is a misunderstanding.
  mlir::LogicalResult checkEffect();
  mlir::LogicalResult checkCostTable();
  mlir::LogicalResult checkSearch();
  mlir::LogicalResult checkPolicy();
  /// Names of lowerings in a policy that no target has.
  mlir::LogicalResult checkLowerings(const Policy &policy);
  /// What a policy says of corrections.
  mlir::LogicalResult checkCorrections();
  /// What IR says of them.
  mlir::LogicalResult readCorrections();
  mlir::LogicalResult checkOutput();
  /// A policy needs ranges, unless the network brings its formats: then there is more to say against the policy.
  mlir::LogicalResult checkRanges();
  /// What the flags say of inputs and outputs, as soon as those are known.
  mlir::LogicalResult checkInterface();
  /// IR that names its machine is for that one: flags may repeat it, and change it only in an earlier form without it.
  mlir::LogicalResult checkMachine();
  /// The flags that choose formats.
  std::string formatFlags() const;

  //===--- Compiler.cpp: the walk -----------------------------------------===//

  mlir::LogicalResult load();
  /// Passes trust the form that IR is said to be in; what is in none of them would end deep inside.
  mlir::LogicalResult checkForm();
  mlir::LogicalResult walk();
  mlir::LogicalResult walk(Form from, Form to, std::optional<std::string> policy);
  /// Costs follow from widths, which are known as soon as formats are assigned, and stay known where a file brings its own.
  void watchCosts(mlir::PassManager &manager);
  /// Whether anything in the network is quantized, by whomever.
  static bool hasCodes(mlir::ModuleOp network);
  void listFloatLayers(mlir::ModuleOp network);

  //===--- Search/RunSearch.cpp: formats that nobody gave -----------------===//

  /// Reads the formats that there are to choose from.
  mlir::LogicalResult readLadders();
  /// Searches; what is found is in `found`, also where nothing meets the goal.
  mlir::LogicalResult search();

  //===--- WriteOutput.cpp: what was asked for ----------------------------===//

  mlir::LogicalResult write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> content);
  mlir::LogicalResult writeText(llvm::function_ref<void(llvm::raw_ostream &)> content);
  mlir::LogicalResult emit();
  /// Kernels and memory are known in the tiled form only; a network that cannot become code has a report all the same.
  mlir::LogicalResult emitReport();
  mlir::LogicalResult emitCode();
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_COMPILATION_H
