//===- ExpandCopies.cpp - copies become loops -------------------*- C++ -*-===//
//
// This file writes out the copies for which MLIR would call a run-time library:
//
//   memref.copy %a, %part : memref<4x4xi8> to memref<4x4xi8, strided<[8, 1]>>   ==>   linalg.generic { yield %in }
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Target/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_EXPANDCOPIES
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ExpandCopiesPass : quantization::impl::ExpandCopiesBase<ExpandCopiesPass> {
  void runOnOperation() override {
    getOperation().walk([](memref::CopyOp op) {
      if (op.getSource() == op.getTarget()) {
        op.erase();
        return;
      }
      auto from = cast<MemRefType>(op.getSource().getType()), to = cast<MemRefType>(op.getTarget().getType());
      if (from.getLayout().isIdentity() && to.getLayout().isIdentity())
        return;
      OpBuilder builder(op);
      AffineMap identity = builder.getMultiDimIdentityMap(to.getRank());
      SmallVector<utils::IteratorType> parallel(to.getRank(), utils::IteratorType::parallel);
      linalg::GenericOp::create(builder, op.getLoc(), ValueRange{op.getSource()}, ValueRange{op.getTarget()},
                                ArrayRef<AffineMap>{identity, identity}, parallel,
                                [](OpBuilder &b, Location loc, ValueRange v) { linalg::YieldOp::create(b, loc, v[0]); });
      op.erase();
    });
  }
};

} // namespace
