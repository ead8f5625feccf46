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
  Simplification(mlir::MLIRContext *context, Network &network) : mlir::OpRewritePattern<Op>(context), network(network) {}

  llvm::LogicalResult matchAndRewrite(Op op, mlir::PatternRewriter &rewriter) const override {
    if (failed(rewrite(op, rewriter, network)))
      return mlir::failure();
    network.numFolded += Folds;
    return mlir::success();
  }
  Network &network;
};

inline bool isFloatConstant(mlir::Value value) { return nn::isF32(value) && constantBehind(value); }

/// The rewrites that make one layer of the many in which exporters write it (LayerPatterns.cpp).
void addLayerPatterns(mlir::RewritePatternSet &patterns, Network &network);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_SIMPLIFICATION_H
