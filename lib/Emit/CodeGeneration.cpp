//===- CodeGeneration.cpp - optimize and print machine code -----*- C++ -*-===//
//
// This file runs LLVM's optimizer and code generator on a finished module.
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"
#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/StandardInstrumentations.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace quantization {

Error optimizeModule(Module &module, TargetMachine &machine, bool quickly) {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
  }

  DiagnosticScope diagnostics(module.getContext());
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.LoopInterleaving = tuning.SLPVectorization = true;
  // Without these the passes do not honour `optnone`, nor LLVM's flags that print and time passes.
  PassInstrumentationCallbacks callbacks;
  StandardInstrumentations instrumentations(module.getContext(), /*DebugLogging=*/false);
  PassBuilder passes(&machine, tuning, std::nullopt, &callbacks);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  instrumentations.registerCallbacks(callbacks, &modules);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(sccs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, sccs, modules);
  passes.buildPerModuleDefaultPipeline(quickly ? OptimizationLevel::O1 : OptimizationLevel::O3).run(module, modules);
  return diagnostics.takeError("cannot optimize the code");
}

static Error generateCode(Module &module, TargetMachine &machine, CodeGenFileType type, raw_pwrite_stream &stream) {
  DiagnosticScope diagnostics(module.getContext());
  legacy::PassManager passes;
  passes.add(new TargetLibraryInfoWrapperPass(TargetLibraryInfoImpl(module.getTargetTriple())));
  if (machine.addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr, type))
    return createStringError("target '" + machine.getTargetTriple().str() + "' cannot write this kind of file");
  passes.run(module);
  return diagnostics.takeError("cannot generate code");
}

/// The bytes of a checked object.
static Expected<SmallString<0>> generateObject(Module &module, TargetMachine &machine, ArrayRef<std::string> provided) {
  SmallString<0> bytes;
  raw_svector_ostream buffer(bytes);
  if (Error error = generateCode(module, machine, CodeGenFileType::ObjectFile, buffer))
    return error;
  if (Error error = checkUndefinedSymbols(MemoryBufferRef(bytes, module.getName()), provided))
    return error;
  return bytes;
}

Error emitObject(Module &module, TargetMachine &machine, raw_pwrite_stream &stream, ArrayRef<std::string> provided) {
  Expected<SmallString<0>> object = generateObject(module, machine, provided);
  if (!object)
    return object.takeError();
  stream << *object;
  return Error::success();
}

Error emitAssembly(Module &module, TargetMachine &machine, raw_pwrite_stream &stream) {
  return generateCode(module, machine, CodeGenFileType::AssemblyFile, stream);
}

Error emitSharedLibrary(Module &module, TargetMachine &machine, StringRef output, StringRef soname,
                        const TargetSpec &spec, ArrayRef<std::string> libraryPaths) {
  SmallString<128> object;
  if (std::error_code code = sys::fs::createTemporaryFile("quantization", "o", object))
    return createStringError("cannot make a temporary file: " + code.message() + "; set TMPDIR to a writable folder");
  FileRemover remover(object);
  if (Error error = writeFileAtomically(
          object, [&](raw_pwrite_stream &stream) { return emitObject(module, machine, stream); }))
    return error;
  return linkSharedLibrary(object, output, soname, spec, libraryPaths);
}

} // namespace quantization
