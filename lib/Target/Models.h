//===- Models.h - the machines that have kernels of their own ---*- C++ -*-===//
//
// This file declares how the models of the targets are made, one per folder.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_MODELS_H
#define QUANTIZATION_LIB_TARGET_MODELS_H

#include "quantization/Target/TargetModel.h"

namespace quantization {

/// Null where the processor has no vectors worth kernels of their own.
std::unique_ptr<TargetModel> createX86Model(llvm::StringRef cpu, llvm::StringRef features, bool emulated);

/// The names of the kernels of all such processors.
std::vector<llvm::StringRef> allX86Kernels();

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_MODELS_H
