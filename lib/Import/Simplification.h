//===- Simplification.h - what rewrites of a network share ------*- C++ -*-===//
//
// This file declares the rewrites of `simplify-network`: functions that replace one kind of layer.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_SIMPLIFICATION_H
#define QUANTIZATION_LIB_IMPORT_SIMPLIFICATION_H

#include "LayerNames.h"
#include "mlir/IR/PatternMatch.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

/// What all rewrites of one run share: the names in use and the count of layers that went away.
struct Network {
  LayerNames names;
  int64_t numFolded = 0;

  mlir::Value addConstant(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<float> values, llvm::StringRef wanted) {
    auto type = mlir::RankedTensorType::get(shape, builder.getF32Type());
    mlir::StringAttr name = builder.getStringAttr(names.unique(wanted));
    return nn::ConstantOp::create(builder, loc, type, makeConstant(type, values), name, nullptr);
  }
};

/// A rewrite of one kind of layer; `Folds` where it makes a layer go away.
template <typename Op, llvm::LogicalResult (*rewrite)(Op, mlir::PatternRewriter &, Network &), bool Folds = true>
struct Simplification : mlir::OpRewritePattern<Op> {
  Simplification(mlir::MLIRContext *context, Network &network, mlir::PatternBenefit benefit = 1)
      : mlir::OpRewritePattern<Op>(context, benefit), network(network) {}

  llvm::LogicalResult matchAndRewrite(Op op, mlir::PatternRewriter &rewriter) const override {
    if (failed(rewrite(op, rewriter, network)))
      return mlir::failure();
    network.numFolded += Folds;
    return mlir::success();
  }
  Network &network;
};

inline bool isFloatConstant(mlir::Value value) { return nn::isF32(value) && constantBehind(value); }

/// Whether `value` is known at compile time, as f32 or as codes behind a dequantize.
inline bool isKnown(mlir::Value value) { return isFloatConstant(value) || encodedConstant(value); }
/// The values of what is known.
std::vector<float> readConstant(mlir::Value value);

/// Dequantized codes times one factor per index of `axis`, which goes into the scales; null where f32 cannot hold one.
mlir::Value scaleEncoded(mlir::Value weights, int64_t axis, llvm::ArrayRef<double> factors, mlir::PatternRewriter &rewriter,
                         Network &network);

/// Makes f32 constants of all that are codes: in a float network they were only stored so.
void expressConstants(mlir::Operation *module, Network &network);

/// The rewrites around constants that are codes (QuantizedPatterns.cpp).
void addQuantizedPatterns(mlir::RewritePatternSet &patterns, Network &network);

/// The rewrites that make one layer of the many in which exporters write it (LayerPatterns.cpp).
void addLayerPatterns(mlir::RewritePatternSet &patterns, Network &network);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_SIMPLIFICATION_H
