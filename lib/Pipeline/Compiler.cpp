//===- Compiler.cpp - from a file to an artifact ---------------*- C++ -*-===//
//
// This file reads a network and walks it through the rooms.
//
//===----------------------------------------------------------------------===//

#include "CoarseWeights.h"
#include "Compilation.h"
#include "Search/SearchPlan.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Support/FileUtilities.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Import/OnnxImporter.h"
#include "quantization/Pipeline/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace quantization;

namespace {

/// Calls back before and after the pass that chooses formats.
class AroundAssignment : public PassInstrumentation {
public:
  AroundAssignment(std::function<void(ModuleOp)> before, std::function<void(ModuleOp)> after)
      : before(std::move(before)), after(std::move(after)) {}
  void runBeforePass(Pass *pass, Operation *op) override { call(pass, op, before); }
  void runAfterPass(Pass *pass, Operation *op) override { call(pass, op, after); }

private:
  std::function<void(ModuleOp)> before, after;

  static void call(Pass *pass, Operation *op, const std::function<void(ModuleOp)> &callback) {
    if (pass->getArgument() == "assign-precision")
      callback(cast<ModuleOp>(op));
  }
};

/// Calls back when one pass of a manager has succeeded.
class AfterPass : public PassInstrumentation {
public:
  AfterPass(const Pass *pass, std::function<void(Operation *)> callback) : pass(pass), callback(std::move(callback)) {}
  void runAfterPass(Pass *done, Operation *op) override {
    if (done == pass)
      callback(op);
  }

private:
  const Pass *pass;
  std::function<void(Operation *)> callback;
};

/// Constants that a pass has replaced would lie in memory until the end.
class SweepAfterPasses : public PassInstrumentation {
public:
  explicit SweepAfterPasses(ConstantSweep &constants) : constants(constants) {}
  void runAfterPass(Pass *, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op))
      constants.sweep(module);
  }

private:
  ConstantSweep &constants;
};

} // namespace

LogicalResult Compilation::fail(const Twine &message) { return emitError(UnknownLoc::get(&context)) << message; }

LogicalResult Compilation::fail(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  for (StringRef line : llvm::split(text, '\n'))
    (void)fail(line);
  return failure();
}

LogicalResult Compilation::run() {
  if (failed(chooseForms()) || failed(checkOptions()) || failed(load()) || failed(readCorrections()) || failed(checkRanges()) || failed(checkInterface()) ||
      failed(checkMachine()))
    return failure();
  // Observers that are there stay, and see the samples.
  if (from == Form::Observed && (runner || !options.rooms.loadStatistics.empty() || !options.rooms.saveStatistics.empty()))
    from = Form::Network;
  if (failed(walk()) || failed(emit()))
    return failure();
  if (found && !found->whyNot.empty())
    return fail(found->whyNot);
  if (!options.quiet)
    for (const std::string &line : floatLayers)
      llvm::errs() << line << "\n";
  return success();
}

LogicalResult Compilation::load() {
  if (kind == InputKind::IR) {
    std::string message;
    auto buffer = openInputFile(options.input, &message);
    if (!buffer)
      return fail(message);
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
    module = parseSourceFile<ModuleOp>(sources, &context);
    return success(module && succeeded(checkForm()));
  }
  ImportOptions import;
  import.shapes = options.shapes;
  auto imported = importOnnx(options.input, import, context);
  if (!imported)
    return fail(imported.takeError());
  module = std::move(*imported);
  return success();
}

LogicalResult Compilation::checkForm() {
  PassManager manager(&context);
  manager.addPass(createVerifyForm(VerifyFormOptions{nameOf(from).str()}));
  // In the wrong form nearly every line is a problem; one is enough to see it.
  int64_t problems = 0;
  std::string first;
  Location where = UnknownLoc::get(&context);
  {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error && problems++ == 0) {
        first = diagnostic.str();
        where = diagnostic.getLocation();
      }
    });
    if (succeeded(manager.run(*module)))
      return success();
  }
  emitError(where) << first << (problems > 1 ? " (the first of " + std::to_string(problems) + " problems)" : "");
  return fail(options.input + " is not in the " + nameOf(from) + " form: give --from= the form that it was written in");
}

LogicalResult Compilation::walk() {
  if (!options.search)
    return walk(from, to, options.rooms.policy);
  if (failed(walk(from, Form::Observed, options.rooms.policy)) || failed(search()))
    return failure();
  if (to == Form::Observed)
    return success();
  auto file = PolicyFile::write(found->policy);
  if (!file)
    return fail(file.takeError());
  allFloat = false;
  return walk(Form::Observed, to, file->name().str());
}

LogicalResult Compilation::walk(Form from, Form to, std::optional<std::string> policy) {
  if (from == to)
    return success();
  PassManager manager(&context);
  if (options.configure && failed(options.configure(manager)))
    return failure();
  RoomOptions rooms = options.rooms;
  rooms.policy = policy;
  rooms.runner = runner.get();
  rooms.corrections = corrections;
  rooms.threads = options.threads.value_or(1);
  rooms.formatFlags = formatFlags();
  rooms.onlyWidths = options.emit == EmitKind::Report && to == Form::Assigned;
  rooms.recordChannels = options.emit == EmitKind::Report;
  rooms.recordSublayers = options.emit == EmitKind::Report || options.search;
  if (options.emit == EmitKind::Report && to >= Form::Assigned)
    watchCosts(manager);
  if (target)
    rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
  // Formats that a search found have been judged.
  std::optional<CoarseWeights> coarse;
  if (runner && !options.search && from < Form::Assigned && to >= Form::Simulated) {
    coarse.emplace(*runner);
    manager.addInstrumentation(std::make_unique<AroundAssignment>([](ModuleOp) {}, [&](ModuleOp network) { coarse->learn(network); }));
    buildPipeline(manager, from, Form::Simulated, rooms);
    manager.addInstrumentation(std::make_unique<AfterPass>(&*std::prev(manager.end()), [&](Operation *op) { coarse->judge(cast<ModuleOp>(op)); }));
    from = Form::Simulated;
  }
  // Which layers are float is known where numbers become integers, halfway.
  Form middle = std::min(to, std::max(from, Form::Additive));
  buildPipeline(manager, from, middle, rooms);
  if (from == middle)
    listFloatLayers(*module);
  else
    manager.addInstrumentation(std::make_unique<AfterPass>(&*std::prev(manager.end()), [this](Operation *op) {
      listFloatLayers(cast<ModuleOp>(op));
    }));
  buildPipeline(manager, middle, to, rooms);
  manager.addInstrumentation(std::make_unique<SweepAfterPasses>(constants));
  if (failed(manager.run(*module)))
    return failure();
  return coarse && !coarse->failure().empty() ? fail(coarse->failure()) : success();
}

void Compilation::watchCosts(PassManager &manager) {
  if (from >= Form::Assigned) {
    costs = networkCostsOf(*module, zeroSharesOf(*module));
    fidelity = fidelityOf(*module);
    return;
  }
  auto before = [this](ModuleOp network) { zeroShares = zeroSharesOf(network); };
  auto after = [this](ModuleOp network) {
    if (nn::isQuantized(network)) // by the file
      return;
    costs = networkCostsOf(network, zeroShares);
    fidelity = fidelityOf(network);
  };
  manager.addInstrumentation(std::make_unique<AroundAssignment>(before, after));
}

bool Compilation::hasCodes(ModuleOp network) {
  return network
      ->walk([](Operation *op) {
        bool isCode = llvm::any_of(op->getResultTypes(), [](Type type) { return quantizedElement(type) != nullptr; });
        return isCode ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void Compilation::listFloatLayers(ModuleOp network) {
  if (to < Form::Integral || from >= Form::Tiled || (allFloat && !hasCodes(network)))
    return;
  for (const FloatLayer &layer : findFloatLayers(network))
    floatLayers.push_back("layer \"" + layer.layer + "\" (" + layer.op->getName().getStringRef().str() + ") stays float: " +
                          layer.reason);
}

LogicalResult quantization::compile(const CompileOptions &options, MLIRContext &context) {
  return Compilation(options, context).run();
}
