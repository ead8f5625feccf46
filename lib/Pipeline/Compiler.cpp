//===- Compiler.cpp - from a file to an artifact ----------------*- C++ -*-===//
//
// This file reads a network, walks it through the rooms and writes what was asked for.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/Compiler.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Support/FileUtilities.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Emit/OnnxExport.h"
#include "quantization/Emit/Report.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Import/OnnxImporter.h"
#include "quantization/Pipeline/Passes.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace quantization;

namespace {

Form lastForm(EmitKind emit) {
  switch (emit) {
  case EmitKind::MLIR:
  case EmitKind::Report:
    return Form::Additive;
  case EmitKind::OnnxQdq:
    return Form::Simulated;
  default:
    return Form::Lowered;
  }
}

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

class Compilation {
public:
  Compilation(const CompileOptions &options, MLIRContext &context) : options(options), context(context), constants(&context) {}

  LogicalResult run() {
    if (failed(chooseForms()) || failed(checkOptions()) || failed(load()) || failed(checkRanges()) || failed(checkInterface()))
      return failure();
    if (failed(checkThreads()))
      return failure();
    // Observers that are there stay, and see the samples.
    if (from == Form::Observed && (runner || !options.rooms.loadStatistics.empty() || !options.rooms.saveStatistics.empty()))
      from = Form::Network;
    if (failed(walk()) || failed(emit()))
      return failure();
    if (!options.quiet)
      for (const std::string &line : floatLayers)
        llvm::errs() << line << "\n";
    return success();
  }

private:
  const CompileOptions &options;
  MLIRContext &context;
  ConstantSweep constants;
  OwningOpRef<ModuleOp> module;
  InputKind kind = InputKind::IR;
  Form from = Form::Raw, to = Form::Lowered;
  std::optional<TargetSpec> target;
  /// Nobody wonders why layers stay float where no other format was asked for.
  bool allFloat = false;
  std::unique_ptr<NetworkRunner> runner;
  std::vector<std::string> floatLayers;
  std::string whyNoCode;

  LogicalResult fail(const Twine &message) { return emitError(UnknownLoc::get(&context)) << message; }
  /// Several problems are several lines.
  LogicalResult fail(llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    for (StringRef line : llvm::split(text, '\n'))
      (void)fail(line);
    return failure();
  }

  LogicalResult chooseForms() {
    llvm::Expected<InputKind> detected = detectInput(options.input);
    if (!detected)
      return fail(detected.takeError());
    kind = *detected;
    if (kind == InputKind::IR && !options.from)
      return fail(options.input + ": give --from=FORM for IR, one of " + allForms());
    if (kind == InputKind::Onnx && options.from.value_or(Form::Raw) != Form::Raw)
      return fail("--from is for IR; an ONNX file starts at raw");
    from = options.from.value_or(Form::Raw);
    to = options.to.value_or(lastForm(options.emit));
    if (options.emit != EmitKind::MLIR && to != lastForm(options.emit))
      return fail("--to=" + nameOf(to) + " stops before the output of --emit; leave one of them out");
    if (to < from && !options.to)
      return fail("what --emit writes comes from the " + nameOf(to) + " form, which lies before --from=" + nameOf(from) +
                  "; start from an earlier form, or give --to=FORM for IR");
    if (to < from)
      return fail("--to=" + nameOf(to) + " lies before --from=" + nameOf(from));
    return success();
  }

  /// All that can be told before the network is read, and before hours of calibration.
  LogicalResult checkOptions() {
    bool valid = succeeded(checkOutput());
    valid &= succeeded(checkEffect());
    if (std::string why = whyNoPixels(options.rooms.io.input, options.rooms.mean, options.rooms.std); !why.empty())
      valid = succeeded(fail(why));
    bool machineGiven = !(options.triple + options.cpu + options.features).empty();
    if (to >= Form::Tiled || options.emit == EmitKind::Report || machineGiven) {
      auto resolved = resolveTarget(options.triple, options.cpu, options.features);
      if (resolved)
        target = *resolved;
      else if (options.emit == EmitKind::Report && !machineGiven)
        whyNoCode = llvm::toString(resolved.takeError());
      else
        valid = succeeded(fail(resolved.takeError()));
    }
    if (options.rooms.emulated && to < Form::Tiled)
      valid = succeeded(fail("--emulate-kernels has no effect before the tiled form"));
    if (options.rooms.profile && to < Form::Lowered)
      valid = succeeded(fail("--profile is for code: " + nameOf(to) + ", where this stops, comes before it; leave it out"));
    if (options.threads.value_or(1) > 1) {
      if (to < Form::Tiled)
        valid = succeeded(fail("--threads has no effect before the tiled form"));
      if (target && !llvm::Triple(target->triple).isOSLinux())
        valid = succeeded(fail("--threads=" + Twine(*options.threads) + " needs Linux, and " + target->triple + " is for another system"));
    }
    llvm::Triple host(llvm::sys::getProcessTriple());
    if (options.rooms.emulated && target && host.getArch() != llvm::Triple(target->triple).getArch())
      valid = succeeded(fail("--emulate-kernels runs kernels of other processors on this one, and " + target->triple +
                             " is of another architecture"));
    if (options.entry && !options.rooms.layers.empty())
      valid = succeeded(fail("--entry is for one input and one output, and --layers adds some; leave one of them out"));
    for (const std::string *path : {&options.calibrateWith, &options.rooms.loadStatistics})
      if (!path->empty() && !llvm::sys::fs::exists(*path))
        valid = succeeded(fail("cannot read " + *path + ": there is no such file or folder"));
    return success(succeeded(checkPolicy()) && valid);
  }

  /// A flag without effect is a misunderstanding.
  LogicalResult checkEffect() {
    std::vector<std::string> flags = optionsWithoutEffect(from, options.rooms);
    if (!options.calibrateWith.empty() && from >= Form::Assigned)
      flags.insert(flags.begin(), "--calibrate-with");
    if (!options.shapes.empty() && kind == InputKind::IR)
      flags.push_back("--shape");
    if (!flags.empty())
      return fail(llvm::join(flags, ", ") + (flags.size() == 1 ? " has" : " have") + " no effect on --from=" + nameOf(from) +
                  ", where that is decided already; leave " + (flags.size() == 1 ? "it" : "them") + " out or start from an earlier form");
    if (!options.calibrateWith.empty() && !options.rooms.loadStatistics.empty())
      return fail("--load-statistics-from takes the place of --calibrate-with; leave one of them out");
    if (!options.rooms.saveStatistics.empty() && to < Form::Observed)
      return fail("--save-statistics-to needs calibration, but --to=" + nameOf(to) + " stops before it");
    return success();
  }

  LogicalResult checkPolicy() {
    if (from >= Form::Assigned)
      return success();
    std::string name = options.rooms.policy.value_or("float");
    FailureOr<Policy> policy = loadPolicy(name, UnknownLoc::get(&context));
    if (failed(policy))
      return failure();
    allFloat = isAllFloat(*policy);
    if (!options.calibrateWith.empty() && (!allFloat || !options.rooms.saveStatistics.empty() || options.to))
      runner = createSampleRunner(options.calibrateWith, options.quiet);
    return success();
  }

  /// A policy needs ranges, unless the network brings its formats: then there is more to say against the policy.
  LogicalResult checkRanges() {
    bool known = allFloat || runner || !options.rooms.loadStatistics.empty();
    if (to < Form::Simulated || from >= Form::Observed || known || bringsQuantization(*module))
      return success();
    return fail("policy \"" + *options.rooms.policy + "\" needs to know the ranges of values: give samples with "
                                                     "--calibrate-with=FILE.npz, or --load-statistics-from=FILE.json");
  }

  /// The flags that choose formats.
  std::string formatFlags() const {
    std::string text;
    for (auto [given, flag] : {std::pair(options.rooms.policy.has_value(), "--policy"), {!options.calibrateWith.empty(), "--calibrate-with"},
                               {!options.rooms.loadStatistics.empty(), "--load-statistics-from"},
                               {!options.rooms.saveStatistics.empty(), "--save-statistics-to"}})
      if (given)
        text += (text.empty() ? "" : ", ") + std::string(flag);
    return text;
  }

  LogicalResult checkOutput() {
    if (options.output == "-")
      return options.emit == EmitKind::Library ? fail("--emit=lib needs a file: give -o model.so") : success();
    StringRef folder = llvm::sys::path::parent_path(options.output);
    if (!folder.empty() && !llvm::sys::fs::is_directory(folder))
      return fail("cannot write " + options.output + ": there is no folder " + folder);
    if (llvm::sys::fs::is_directory(options.output))
      return fail("cannot write " + options.output + ": it is a folder");
    if (llvm::sys::fs::access(folder.empty() ? "." : folder, llvm::sys::fs::AccessMode::Write))
      return fail("cannot write " + options.output + ": the folder is not writable");
    return success();
  }

  LogicalResult load() {
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

  /// Passes trust the form that IR is said to be in; what is in none of them would end deep inside.
  LogicalResult checkForm() {
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

  /// What the flags say of inputs and outputs, as soon as those are known.
  LogicalResult checkInterface() {
    bool valid = true;
    for (auto function : module->getOps<func::FuncOp>()) {
      if (from >= Form::Tiled || function.isExternal())
        continue;
      unsigned inputs = function.getNumArguments(), outputs = function.getNumResults();
      if (options.entry && (inputs != 1 || outputs != 1))
        valid = succeeded(fail("--entry is for networks with one input and one output, not " + Twine(inputs) + " and " + Twine(outputs) +
                               "; leave it out and call NAME_run instead"));
      for (BlockArgument argument : function.getArguments())
        if (nn::isF32(argument))
          if (std::string why = whyNoChannels(nn::layerOf(argument), nn::shapeOf(argument), options.rooms.mean.size(),
                                              options.rooms.std.size());
              !why.empty())
            valid = succeeded(fail(why));
    }
    return success(valid);
  }

  LogicalResult walk() {
    if (from == to)
      return success();
    PassManager manager(&context);
    if (options.configure && failed(options.configure(manager)))
      return failure();
    RoomOptions rooms = options.rooms;
    rooms.runner = runner.get();
    rooms.threads = options.threads.value_or(1);
    rooms.formatFlags = formatFlags();
    if (target)
      rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
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
    return manager.run(*module);
  }

  /// Whether anything in the network is quantized, by whomever.
  static bool hasCodes(ModuleOp network) {
    return network
        ->walk([](Operation *op) {
          bool isCode = llvm::any_of(op->getResultTypes(), [](Type type) { return quantizedElement(type) != nullptr; });
          return isCode ? WalkResult::interrupt() : WalkResult::advance();
        })
        .wasInterrupted();
  }

  void listFloatLayers(ModuleOp network) {
    if (to < Form::Integral || from >= Form::Tiled || (allFloat && !hasCodes(network)))
      return;
    for (const FloatLayer &layer : findFloatLayers(network))
      floatLayers.push_back("layer \"" + layer.layer + "\" (" + layer.op->getName().getStringRef().str() + ") stays float: " +
                            layer.reason);
  }

  LogicalResult write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> content) {
    if (llvm::Error error = writeFileAtomically(options.output, content))
      return fail(std::move(error));
    return success();
  }
  LogicalResult writeText(llvm::function_ref<void(llvm::raw_ostream &)> content) {
    if (llvm::Error error = quantization::writeText(options.output, content))
      return fail(std::move(error));
    return success();
  }

  LogicalResult emit() {
    switch (options.emit) {
    case EmitKind::MLIR:
      return writeText([&](llvm::raw_ostream &os) { module->print(os); });
    case EmitKind::OnnxQdq:
      return write([&](llvm::raw_pwrite_stream &os) { return exportOnnxQdq(*module, os); });
    case EmitKind::Report:
      return emitReport();
    default:
      return emitCode();
    }
  }

  /// Kernels and memory are known in the tiled form only; a network that cannot become code has a report all the same.
  LogicalResult emitReport() {
    OwningOpRef<ModuleOp> tiled;
    if (target) {
      RoomOptions rooms = options.rooms;
      rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
      tiled = tileCopy(*module, rooms, whyNoCode);
    }
    return writeText([&](llvm::raw_ostream &os) { writeReport(*module, tiled ? *tiled : ModuleOp(), whyNoCode, os); });
  }

  /// IR in the tiled form and behind it tells its own number of threads.
  LogicalResult checkThreads() {
    auto ofModule = (*module)->getAttrOfType<fixed::TargetAttr>("fixed.target");
    if (!options.threads || from < Form::Tiled || (ofModule ? ofModule.getThreads() : 1) == *options.threads)
      return success();
    return fail(options.input + ": the IR is for " + Twine(ofModule ? ofModule.getThreads() : 1) + " threads, but --threads says " +
                Twine(*options.threads) + "; leave it out, or start from a form before tiled");
  }

  /// Kernels were chosen and weights packed for one machine: code is generated for that one.
  LogicalResult takeTargetOfModule() {
    auto ofModule = (*module)->getAttrOfType<fixed::TargetAttr>("fixed.target");
    if (!ofModule || options.rooms.emulated)
      return success();
    if (ofModule.getEmulated())
      return fail(options.input + ": its kernels are emulated; give --emulate-kernels again");
    TargetSpec spec{ofModule.getTriple().str(), ofModule.getCpu().str(), ofModule.getFeatures().str()};
    bool isSame = spec.triple == target->triple && spec.cpu == target->cpu && spec.features == target->features;
    if (!isSame && !(options.triple + options.cpu + options.features).empty())
      return fail(options.input + ": the IR is for " + spec.triple + " " + spec.cpu + ", but --mtriple, --mcpu and --mattr say " +
                  target->triple + " " + target->cpu + "; leave them out, or start from a form before tiled without fixed.target");
    auto resolved = resolveTarget(spec.triple, spec.cpu, spec.features);
    if (!resolved)
      return fail(resolved.takeError());
    target = *resolved;
    return success();
  }

  LogicalResult emitCode() {
    // Without them the artifact would describe another network, with too little memory.
    for (StringRef attribute : {"nn.inputs", "nn.outputs", "nn.arena_bytes"})
      if (!(*module)->hasAttr(attribute))
        return fail(options.input + ": the module has no " + attribute + ", which --to=tiled writes; start from IR that it wrote");
    StringRef file = options.output == "-" ? StringRef(options.input) : StringRef(options.output);
    std::string stem = llvm::sys::path::stem(file).str();
    ModelDescription model = describeModel(*module, stem);
    bool single = model.inputs.size() == 1 && model.outputs.size() == 1;
    bool withEntry = single && (options.entry || options.emit == EmitKind::Library);
    if (options.entry && !single)
      return fail("--entry is for networks with one input and one output; call " + identifierFor(stem) + "_run instead");
    if (options.emit == EmitKind::Header)
      return writeText([&](llvm::raw_ostream &os) { os << generateHeader(model, withEntry); });

    llvm::LLVMContext llvmContext;
    if (failed(takeTargetOfModule()))
      return failure();
    if (options.rooms.emulated) {
      // Kernels of the machine that was asked for, in instructions of this one.
      auto host = hostTarget();
      if (!host)
        return fail(host.takeError());
      target = *host;
    }
    std::unique_ptr<llvm::Module> code = translateModule(*module, *target, llvmContext);
    if (!code)
      return failure();
    for (const llvm::GlobalVariable &global : code->globals())
      if (global.isConstant())
        model.weightBytes += static_cast<int64_t>(code->getDataLayout().getTypeAllocSize(global.getValueType()));
    module = nullptr; // its constants would stand beside LLVM's copies
    if (llvm::Error error = finishModule(*code, model, *target, withEntry))
      return fail(std::move(error));
    auto machine = createTargetMachine(*target);
    if (!machine)
      return fail(machine.takeError());
    if (llvm::Error error = optimizeModule(*code, **machine))
      return fail(std::move(error));
    switch (options.emit) {
    case EmitKind::LLVM:
      return writeText([&](llvm::raw_ostream &os) { code->print(os, nullptr); });
    case EmitKind::Assembly:
      return write([&](llvm::raw_pwrite_stream &os) { return emitAssembly(*code, **machine, os); });
    case EmitKind::Object:
      return write([&](llvm::raw_pwrite_stream &os) { return emitObject(*code, **machine, os); });
    default:
      if (llvm::Error error = emitSharedLibrary(*code, **machine, options.output, llvm::sys::path::filename(options.output), *target,
                                                options.libraryPaths))
        return fail(std::move(error));
      return success();
    }
  }
};

} // namespace

LogicalResult quantization::compile(const CompileOptions &options, MLIRContext &context) {
  return Compilation(options, context).run();
}
