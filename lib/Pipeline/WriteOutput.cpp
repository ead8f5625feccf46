//===- WriteOutput.cpp - what was asked for --------------------*- C++ -*-===//
//
// This file writes IR, an ONNX file, a report or code, or nothing where one of them fails.
//
//===----------------------------------------------------------------------===//

#include "Compilation.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Emit/OnnxExport.h"
#include "quantization/Emit/Report.h"
#include "quantization/Pipeline/Passes.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace quantization;

LogicalResult Compilation::write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> content) {
  if (llvm::Error error = writeFileAtomically(options.output, content))
    return fail(std::move(error));
  return success();
}

LogicalResult Compilation::writeText(llvm::function_ref<void(llvm::raw_ostream &)> content) {
  if (llvm::Error error = quantization::writeText(options.output, content))
    return fail(std::move(error));
  return success();
}

LogicalResult Compilation::emit() {
  switch (options.emit) {
  case EmitKind::MLIR:
    return writeText([&](llvm::raw_ostream &os) { module->print(os); });
  case EmitKind::OnnxQdq:
    return write([&](llvm::raw_pwrite_stream &os) { return exportOnnxQdq(*module, os); });
  case EmitKind::Report:
    return emitReport();
  case EmitKind::Policy:
    return writeText([&](llvm::raw_ostream &os) { os << found->comment << found->policy.toYaml(); });
  default:
    return emitCode();
  }
}

LogicalResult Compilation::emitReport() {
  llvm::json::Object report{{"schema", 1}};
  for (auto [key, name] : {std::pair{"nn.model_file", "model"}, std::pair{"nn.model_hash", "sha256"}})
    if (auto text = (*module)->getAttrOfType<StringAttr>(key))
      report[name] = text.str();
  OwningOpRef<ModuleOp> tiled;
  if (to >= Form::Additive) {
    for (auto &[key, value] : reportOnLayers(*module))
      report[key] = std::move(value);
    if (target) {
      RoomOptions rooms = options.rooms;
      rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
      tiled = tileCopy(*module, rooms, whyNoCode);
    }
  }
  if (tiled)
    reportOnCode(*tiled, report);
  else
    report["no_code_because"] = whyNoCode;
  if (!costs)
    costs = networkCostsOf(*module, zeroSharesOf(*module));
  reportOnCosts(*costs, stages, accelerator, report);
  if (!fidelity.empty())
    reportOnFidelity(fidelity, report);
  return writeText([&](llvm::raw_ostream &os) {
    if (options.reportAsText)
      writeCostTables(report, os);
    else
      os << llvm::formatv("{0:2}", llvm::json::Value(std::move(report))) << "\n";
  });
}

LogicalResult Compilation::emitCode() {
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
