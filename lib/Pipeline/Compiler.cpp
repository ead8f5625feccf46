//===- Compiler.cpp - from a file to an artifact ----------------*- C++ -*-===//
//
// This file reads a network, walks it through the rooms and writes what was asked for.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/Compiler.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "quantization/Assign/Policy.h"
#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Emit/OnnxExport.h"
#include "quantization/Emit/Report.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Import/OnnxImporter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"

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

class Compilation {
public:
  Compilation(const CompileOptions &options, MLIRContext &context) : options(options), context(context) {}

  LogicalResult run() {
    if (failed(checkOutput()) || failed(load()) || failed(checkCalibration()))
      return failure();
    Form to = options.to.value_or(lastForm(options.emit));
    if (options.emit != EmitKind::MLIR && to != lastForm(options.emit))
      return fail("--to=" + nameOf(to) + " stops before the output of --emit; leave one of them out");
    if (to < from)
      return fail("--to=" + nameOf(to) + " lies before --from=" + nameOf(from));
    // The report on float layers is due where numbers become integers, halfway.
    Form middle = std::min(to, std::max(from, Form::Additive));
    if (failed(walk(from, middle)))
      return failure();
    std::vector<std::string> floatLayers = to >= Form::Integral && from < Form::Tiled ? describeFloatLayers() : std::vector<std::string>();
    if (failed(walk(middle, to)) || failed(emit()))
      return failure();
    if (!options.quiet)
      for (const std::string &line : floatLayers)
        llvm::errs() << line << "\n";
    return success();
  }

private:
  const CompileOptions &options;
  MLIRContext &context;
  OwningOpRef<ModuleOp> module;
  Form from = Form::Raw;
  std::unique_ptr<NetworkRunner> runner;

  LogicalResult fail(const Twine &message) { return emitError(UnknownLoc::get(&context)) << message; }
  /// Several problems are several lines.
  LogicalResult fail(llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    for (StringRef line : llvm::split(text, '\n'))
      (void)fail(line);
    return failure();
  }

  /// Hours of calibration must not end at a folder that cannot be written.
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
    if (!StringRef(options.input).ends_with(".onnx")) {
      if (!options.from)
        return fail(options.input + ": give --from=FORM for IR, one of " + allForms() + "; ONNX files end in .onnx");
      from = *options.from;
      std::string message;
      auto buffer = openInputFile(options.input, &message);
      if (!buffer)
        return fail(message);
      llvm::SourceMgr sources;
      sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
      module = parseSourceFile<ModuleOp>(sources, &context);
      return success(static_cast<bool>(module));
    }
    if (options.from && *options.from != Form::Raw)
      return fail("--from is for IR; an ONNX file starts at raw");
    ImportOptions import;
    import.shapes = options.shapes;
    auto imported = importOnnx(options.input, import, context);
    if (!imported)
      return fail(imported.takeError());
    module = std::move(*imported);
    return success();
  }

  LogicalResult checkCalibration() {
    bool reachesQuantize = options.to.value_or(lastForm(options.emit)) >= Form::Simulated && from < Form::Simulated;
    llvm::Expected<Policy> policy = Policy::load(options.rooms.policy);
    if (!policy)
      return fail(policy.takeError());
    bool allFloat = options.rooms.policy == "float";
    // Observers that are there stay, and see the samples.
    if (from == Form::Observed && (!options.calibrateWith.empty() || !options.rooms.loadStatistics.empty()))
      from = Form::Network;
    if (!options.calibrateWith.empty() && from < Form::Observed && (!allFloat || !options.rooms.saveStatistics.empty() || options.to))
      runner = createSampleRunner(options.calibrateWith, options.quiet);
    if (reachesQuantize && from < Form::Observed && !allFloat && !runner && options.rooms.loadStatistics.empty())
      return fail("policy \"" + options.rooms.policy +
                  "\" needs to know the ranges of values: give samples with --calibrate-with=FILE.npz, or --load-statistics-from=FILE.json");
    return success();
  }

  LogicalResult walk(Form begin, Form end) {
    if (begin == end)
      return success();
    PassManager manager(&context);
    if (options.configure && failed(options.configure(manager)))
      return failure();
    RoomOptions rooms = options.rooms;
    rooms.runner = runner.get();
    buildPipeline(manager, begin, end, rooms);
    return manager.run(*module);
  }

  std::vector<std::string> describeFloatLayers() {
    std::vector<std::string> lines;
    std::vector<FloatLayer> layers = findFloatLayers(*module);
    if (layers.empty() || options.rooms.policy == "float")
      return lines;
    for (const FloatLayer &layer : layers)
      lines.push_back("layer \"" + layer.layer + "\" (" + layer.op->getName().getStringRef().str() + ") stays float: " + layer.reason);
    return lines;
  }

  LogicalResult write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> content) {
    if (llvm::Error error = writeFileAtomically(options.output, content))
      return fail(std::move(error));
    return success();
  }
  LogicalResult writeText(llvm::function_ref<void(llvm::raw_ostream &)> content) {
    return write([&](llvm::raw_pwrite_stream &os) {
      content(os);
      return llvm::Error::success();
    });
  }

  LogicalResult emit() {
    switch (options.emit) {
    case EmitKind::MLIR:
      return writeText([&](llvm::raw_ostream &os) { module->print(os); });
    case EmitKind::OnnxQdq:
      return write([&](llvm::raw_pwrite_stream &os) { return exportOnnxQdq(*module, os); });
    case EmitKind::Report:
      return writeText([&](llvm::raw_ostream &os) { writeReport(*module, os); });
    default:
      return emitCode();
    }
  }

  LogicalResult emitCode() {
    auto target = resolveTarget(options.triple, options.cpu, options.features);
    if (!target)
      return fail(target.takeError());
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
