//===- InMemory.h - code for this process -----------------------*- C++ -*-===//
//
// This file declares how networks that the compiler itself runs, for calibration and for searches, become code in this process.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_INMEMORY_H
#define QUANTIZATION_LIB_PIPELINE_INMEMORY_H

#include "quantization/Pipeline/Compiler.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/Alignment.h"
#include <map>

namespace quantization {

using ObjectBytes = llvm::SmallVector<char, 0>;

/// Makes declarations of the large constants, called `prefix` and a number, and tells where they lie: copied through an object they would be
/// in memory four times. Their blobs live as long as the module's context.
std::map<std::string, const void *> takeConstants(mlir::ModuleOp lowered, llvm::StringRef prefix);

/// Objects of a finished module; `quickly` is for code that runs but a few times. `provided` are symbols that this process has.
llvm::Expected<std::vector<ObjectBytes>> emitObjects(std::unique_ptr<llvm::Module> module, const TargetSpec &target, int64_t threads,
                                                     std::vector<std::string> provided, bool quickly);

/// Links a copy of the objects into this process, with these symbols.
llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> linkInMemory(const std::vector<ObjectBytes> &objects,
                                                               const std::map<std::string, const void *> &provided);

/// 64-byte aligned memory for buffers of the network.
struct Buffer {
  explicit Buffer(int64_t bytes) : storage(std::max<int64_t>(bytes, 1) + 63) {}
  char *data() { return reinterpret_cast<char *>(llvm::alignAddr(storage.data(), llvm::Align(64))); }
  std::vector<char> storage;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_INMEMORY_H
