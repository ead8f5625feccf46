//===- FormatOptions.h - what is written behind a format's name -*- C++ -*-===//
//
// This file declares what the parsers of formats share.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_FORMAT_FORMATOPTIONS_H
#define QUANTIZATION_LIB_FORMAT_FORMATOPTIONS_H

#include "quantization/Format/NumberFormat.h"

namespace quantization {

/// Gives `take` each option; one that it refuses is an error, which lists what is `known`.
llvm::Error readOptions(const FormatSpec &spec, llvm::function_ref<bool(llvm::StringRef key, llvm::StringRef value)> take,
                        llvm::StringRef known);

/// The number behind `prefix` in `name`, or none; `int4` has the number 4 behind `int`.
std::optional<unsigned> numberBehind(llvm::StringRef prefix, llvm::StringRef name);

/// The error for a format of so many bits that has from `least` to `most`.
llvm::Error badWidth(const FormatSpec &spec, unsigned least, unsigned most);

/// The values of each output channel, or all of them as one.
llvm::SmallVector<std::vector<float>> valuesByChannel(const WeightsView &weights, bool perChannel);

/// The output channel of weight `i`, in row-major order, and its block of `block` input channels.
std::pair<int64_t, int64_t> placeOf(const WeightsView &weights, int64_t block, size_t i);
/// The values of each block of each output channel.
llvm::SmallVector<llvm::SmallVector<std::vector<float>>> valuesByBlock(const WeightsView &weights, int64_t block);

/// The type of weights with codes [lo, hi] around zero, with a scale for each output channel or one for all.
mlir::quant::QuantizedType weightsType(mlir::MLIRContext *context, const WeightsView &weights, bool perChannel,
                                       llvm::ArrayRef<double> scales, unsigned width, int64_t lo, int64_t hi);

} // namespace quantization

#endif // QUANTIZATION_LIB_FORMAT_FORMATOPTIONS_H
