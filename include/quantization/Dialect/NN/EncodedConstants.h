//===- EncodedConstants.h - constants on grids ------------------*- C++ -*-===//
//
// This file declares how constants of quantized type are made and read: the weights, biases and operands that a file brings as
// codes, each behind the dequantize that layers read.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_DIALECT_NN_ENCODEDCONSTANTS_H
#define QUANTIZATION_DIALECT_NN_ENCODEDCONSTANTS_H

#include "quantization/Dialect/NN/NN.h"
#include <vector>

namespace quantization {

/// The constant of quantized type whose dequantize `value` is, or null.
nn::ConstantOp encodedConstant(mlir::Value value);

/// The codes of a constant of quantized type less its zero point.
std::vector<int64_t> readCentered(nn::ConstantOp constant);

/// What a constant of quantized type stands for, in f32 (R4).
std::vector<float> readExpressed(nn::ConstantOp constant);

/// The narrowest signed type around zero, of 8 or `width` bits at least, that has all `codes`, on one scale or, with `axis` >= 0, on
/// one per index of it. It keeps to [-127, 127] where it can, as the weights of our own formats do (R7).
mlir::quant::QuantizedType typeAroundZero(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> codes, llvm::ArrayRef<double> scales,
                                          int64_t axis, unsigned width = 8);

/// A constant of `codes` and the dequantize of it.
mlir::Value makeEncoded(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> shape,
                        mlir::quant::QuantizedType type, llvm::ArrayRef<int64_t> codes, llvm::StringRef name);

/// Index of a channel from a row-major position: position / inner % channels.
struct ChannelIndex {
  int64_t inner = 1, channels = 1;

  ChannelIndex(llvm::ArrayRef<int64_t> shape, int64_t axis);
  int64_t operator()(int64_t position) const { return position / inner % channels; }
};

} // namespace quantization

#endif // QUANTIZATION_DIALECT_NN_ENCODEDCONSTANTS_H
