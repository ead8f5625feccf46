//===- Interface.h - the caller's element types -----------------*- C++ -*-===//
//
// This file declares the text of --io, which the driver and convert-interface share.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FOLD_INTERFACE_H
#define QUANTIZATION_FOLD_INTERFACE_H

#include "llvm/Support/Error.h"
#include <string>

namespace quantization {

/// Element types of the network's inputs and outputs: each f32, u8 or i8.
struct InterfaceTypes {
  std::string input = "f32", output = "f32";

  /// `u8` for both, or `u8,f32` for inputs and outputs.
  static llvm::Expected<InterfaceTypes> parse(llvm::StringRef text);
};

/// Why inputs of type `input` cannot be pixels with this mean and deviation (one number or one per channel); empty if they can.
std::string whyNoPixels(llvm::StringRef input, llvm::ArrayRef<double> mean, llvm::ArrayRef<double> std);

/// Why an input of this name and shape has no such channels; empty if it has.
std::string whyNoChannels(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, size_t means, size_t stds);

} // namespace quantization

#endif // QUANTIZATION_FOLD_INTERFACE_H
