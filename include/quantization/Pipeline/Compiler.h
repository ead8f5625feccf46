//===- Compiler.h - from a file to an artifact ------------------*- C++ -*-===//
//
// This file declares the compiler as the driver and embedders call it.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_PIPELINE_COMPILER_H
#define QUANTIZATION_PIPELINE_COMPILER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "quantization/Assign/Search.h"
#include "quantization/Emit/Artifact.h"
#include "quantization/Pipeline/Forms.h"
#include <functional>
#include <map>

namespace llvm {
class LLVMContext;
}

namespace quantization {

enum class EmitKind { MLIR, LLVM, Assembly, Object, Library, Header, OnnxQdq, Report, Policy };

class NativeEvaluator;
enum class SearchMethod { Guided, Descent, Uniform };

/// Formats are not given but searched for; the result is a policy.
struct SearchOptions {
  std::string evaluateWith, labels; ///< samples to judge by, and their classes
  std::string weights = "int2..int8", activations = "uint2..uint8";
  SearchMethod method = SearchMethod::Guided;
  SearchGoal goal;
  ScoreKind score = ScoreKind::Classes;
  std::string pareto, log; ///< files, or none
  int64_t memory = 1000000000; ///< bytes of values and weights that may be kept to save time
  /// For embedders: an evaluator in the place of the compiler's own, which it may ask; null to keep that.
  std::function<std::unique_ptr<Evaluator>(NativeEvaluator &own, const SearchSpace &space)> replaceEvaluator;
};

struct CompileOptions {
  std::string input, output = "-";
  EmitKind emit = EmitKind::MLIR;
  /// Where an IR input stands and where to stop; by default raw for ONNX and what `emit` needs.
  std::optional<Form> from, to;
  std::string calibrateWith;
  /// A report as tables instead of JSON, and the table of its accelerator model; by default accelerator.json.
  bool reportAsText = false;
  std::string costTable;
  RoomOptions rooms;
  std::optional<SearchOptions> search;
  std::map<std::string, std::vector<int64_t>> shapes;
  std::string triple, cpu, features;
  /// That share the loops of one run; by default one, or what an IR input says.
  std::optional<int64_t> threads;
  std::vector<std::string> libraryPaths;
  /// Also exports `run(in, out)` from an object; a library with one input and one output always does.
  bool entry = false;
  bool quiet = false;
  /// Called on each pass manager before it runs, for the options of mlir-opt.
  std::function<mlir::LogicalResult(mlir::PassManager &)> configure;
};

/// Compiles; everything that goes wrong is reported on stderr (once), and no output is left then.
mlir::LogicalResult compile(const CompileOptions &options, mlir::MLIRContext &context);

enum class InputKind { Onnx, IR };

/// What a file holds, judged by its content; "-", the standard input, and pipes are IR. The error says what an unfit file is.
llvm::Expected<InputKind> detectInput(llvm::StringRef path);

//===----------------------------------------------------------------------===//
// Steps, for embedders and for calibration
//===----------------------------------------------------------------------===//

/// The artifact's interface from a module in the tiled or lowered form.
ModelDescription describeModel(mlir::ModuleOp module, llvm::StringRef name);

/// LLVM IR of a module in the lowered form; null where the translation fails (reported).
std::unique_ptr<llvm::Module> translateModule(mlir::ModuleOp module, const TargetSpec &target, llvm::LLVMContext &context);

/// Runs a network in this process on the samples of a file or folder (see Samples.h).
std::unique_ptr<NetworkRunner> createSampleRunner(std::string path, bool quiet);

} // namespace quantization

#endif // QUANTIZATION_PIPELINE_COMPILER_H
