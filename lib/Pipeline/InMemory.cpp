//===- InMemory.cpp - code for this process ---------------------*- C++ -*-===//
//
// This file makes code of networks that the compiler itself runs, on all threads, and links it into this process.
//
//===----------------------------------------------------------------------===//

#include "InMemory.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/SplitModule.h"

using namespace mlir;
using namespace quantization;

/// Makes declarations of the large constants, and tells where they lie: copied through an object they would be in memory four times.
/// Their blobs live as long as the module's context.
std::map<std::string, const void *> quantization::takeConstants(ModuleOp module, StringRef prefix) {
  std::map<std::string, const void *> weights;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(global.getValueAttr());
    AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
    constexpr uint64_t alignment = 64;
    if (!blob || !llvm::isAddrAligned(llvm::Align(alignment), blob->getData().data()))
      continue;
    std::string name = (prefix + Twine(weights.size())).str();
    if (failed(SymbolTable::replaceAllSymbolUses(global, StringAttr::get(module.getContext(), name), module)))
      continue;
    global.setSymName(name);
    global.removeValueAttr();
    global.setLinkage(LLVM::Linkage::External);
    global.setAlignment(alignment);
    weights[name] = blob->getData().data();
  }
  return weights;
}

/// Optimizes a part of the network's code and writes an object.
static llvm::Error emitPart(const ObjectBytes &bitcode, const TargetSpec &target, llvm::ArrayRef<std::string> provided, bool quickly,
                            ObjectBytes &object) {
  llvm::LLVMContext context;
  auto part = llvm::parseBitcodeFile(llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "network"), context);
  if (!part)
    return part.takeError();
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  if (quickly)
    (*machine)->setOptLevel(llvm::CodeGenOptLevel::Less);
  if (llvm::Error error = optimizeModule(**part, **machine, quickly))
    return error;
  llvm::raw_svector_ostream stream(object);
  return emitObject(**part, **machine, stream, provided);
}

/// Code generation is most of what compiling takes: each thread has some of the layers, in a context of its own.
llvm::Expected<std::vector<ObjectBytes>> quantization::emitObjects(std::unique_ptr<llvm::Module> module, const TargetSpec &target,
                                                                     int64_t threads, std::vector<std::string> provided, bool quickly) {
  constexpr int64_t worthAPart = 16; // functions
  int64_t count = std::clamp<int64_t>(module->size() / worthAPart, 1, threads);
  std::vector<ObjectBytes> parts;
  auto addPart = [&](std::unique_ptr<llvm::Module> part) {
    llvm::raw_svector_ostream stream(parts.emplace_back());
    llvm::WriteBitcodeToFile(*part, stream);
  };
  if (count == 1)
    addPart(std::move(module));
  else
    llvm::SplitModule(*module, count, addPart, /*PreserveLocals=*/false, /*RoundRobin=*/true);
  if (module)
    for (const llvm::GlobalObject &object : module->global_objects())
      if (!object.isDeclaration())
        provided.push_back(object.getName().str());
  module = nullptr;
  std::vector<ObjectBytes> objects(parts.size());
  std::vector<std::string> failures(parts.size());
  llvm::DefaultThreadPool tasks(llvm::hardware_concurrency(threads));
  for (size_t i = 0; i < parts.size(); ++i)
    tasks.async([&, i] { failures[i] = llvm::toString(emitPart(parts[i], target, provided, quickly, objects[i])); });
  tasks.wait();
  for (const std::string &failure : failures)
    if (!failure.empty())
      return llvm::createStringError(failure);
  return objects;
}

llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> quantization::linkInMemory(const std::vector<ObjectBytes> &objects,
                                                                             const std::map<std::string, const void *> &provided) {
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess((*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  llvm::orc::SymbolMap symbols;
  for (const auto &[name, data] : provided)
    symbols[(*jit)->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(data),
                                              llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  if (llvm::Error error = (*jit)->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  for (const ObjectBytes &object : objects)
    if (llvm::Error error = (*jit)->addObjectFile(
            std::make_unique<llvm::SmallVectorMemoryBuffer>(ObjectBytes(object), "network", /*RequiresNullTerminator=*/false)))
      return error;
  return jit;
}
