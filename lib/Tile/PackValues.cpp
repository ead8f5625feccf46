//===- PackValues.cpp - values of few bits share bytes ----------*- C++ -*-===//
//
// This file packs the values that a policy wants packed, and unpacks them where they are read:
//
//   %y = fixed.rescale %acc {storage = "packed"}        %y = fixed.rescale %acc : -> tensor<1x8x4x4x!u4, #nhwc>
//            : -> tensor<1x8x4x4x!u4, #nhwc>            %p = fixed.pack_values %y : -> tensor<1x4x4x4xi8, #nhwc>
//   %z = nn.conv %y, %w                          ==>    %u = fixed.unpack_values %p : -> tensor<1x8x4x4x!u4, #nhwc>
//                                                       %z = nn.conv %u, %w
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Tile/Passes.h"

#define DEBUG_TYPE "pack-values"

namespace quantization {
#define GEN_PASS_DEF_PACKVALUES
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

/// Whether `op` gives the values of its only operand another shape or order, and does nothing else.
bool onlyReshapes(Operation *op) {
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  auto count = [](Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); };
  return layer && layer.keepsFormat() && op->getNumOperands() == 1 && count(op->getOperand(0)) == count(op->getResult(0));
}

struct PackValuesPass : quantization::impl::PackValuesBase<PackValuesPass> {
  void runOnOperation() override {
    SmallVector<Operation *> asking;
    getOperation().walk([&](Operation *op) {
      if (nn::asksForPacking(op))
        asking.push_back(op);
    });
    bool valid = true;
    for (Operation *op : asking)
      valid &= succeeded(check(op));
    if (!valid)
      return signalPassFailure();
    for (Operation *op : asking)
      pack(op);
    for (Operation *op : replaced)
      op->erase();
    replaced.clear();
  }

private:
  SmallVector<Operation *> replaced; ///< changes of shape that each reader has for itself now

  static LogicalResult check(Operation *op) {
    auto type = op->getNumResults() == 1 ? quantizedElement(op->getResult(0)) : quant::QuantizedType();
    if (type && packedBits(type) < 8)
      return success();
    InFlightDiagnostic message = op->emitError() << "layer \"" << nn::layerOf(op) << "\" has packed storage, but ";
    if (type)
      message << "its values have " << type.getStorageTypeIntegralWidth() << " bits";
    else
      message << "its values are not quantized";
    return message << ", and only those of 4 bits or fewer share a byte; leave storage out";
  }

  void pack(Operation *op) {
    op->removeAttr("storage");
    Value value = op->getResult(0);
    auto options = [&](StringRef name) { return remark::RemarkOpts::name(name).category(DEBUG_TYPE).function(nn::layerOf(op)); };
    auto leave = [&](StringRef why) { remark::missed(op->getLoc(), options("InBytes")) << remark::reason("in whole bytes: {0}", why); };
    auto type = cast<RankedTensorType>(value.getType());
    auto quantized = quantizedElement(value);
    int64_t bits = packedBits(quantized), least = quantized.getStorageTypeMin();
    if (onlyReshapes(op) && op->getOperand(0).getDefiningOp<fixed::UnpackValuesOp>())
      return leave("the values that it reads are packed");
    if (llvm::any_of(value.getUsers(), [](Operation *user) { return user->hasTrait<OpTrait::IsTerminator>(); }))
      return leave("the caller reads them");
    if (value.use_empty() || type.getRank() == 0)
      return leave("nobody reads them");
    int64_t innermost = fixed::orderOf(type).back();
    SmallVector<int64_t> shape(type.getShape());
    shape[innermost] = (shape[innermost] * bits + 7) / 8;
    if (shape[innermost] == type.getDimSize(innermost))
      return leave("a row of them is one byte");

    OpBuilder builder(op);
    builder.setInsertionPointAfter(op);
    auto bytes = RankedTensorType::get(shape, builder.getI8Type(), type.getEncoding());
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : value.getUses())
      uses.push_back(&use);
    auto packed = fixed::PackValuesOp::create(builder, op->getLoc(), bytes, value, bits, least, nn::layerOf(op));
    DenseMap<Operation *, Value> unpacked; // by reader
    for (OpOperand *use : uses)
      unpackFor(*use, packed, unpacked);
    ++numPacked;
    remark::passed(op->getLoc(), options("Packed"))
        << remark::reason("{0} values in {1} bytes", type.getNumElements(), bytes.getNumElements());
  }

  /// Lets `use` read the values that `packed` holds, unpacked for it alone.
  void unpackFor(OpOperand &use, fixed::PackValuesOp packed, DenseMap<Operation *, Value> &unpacked) {
    Operation *reader = use.getOwner();
    if (onlyReshapes(reader)) {
      // Not to be kept in bytes until it is read.
      SmallVector<OpOperand *> uses;
      for (OpOperand &next : reader->getResult(0).getUses())
        uses.push_back(&next);
      for (OpOperand *next : uses) {
        OpBuilder builder(next->getOwner());
        Operation *own = builder.clone(*reader);
        own->removeAttr("storage");
        own->setOperand(0, unpack(packed, own));
        next->set(own->getResult(0));
      }
      replaced.push_back(reader);
      return;
    }
    Value &own = unpacked[reader];
    if (!own)
      own = unpack(packed, reader);
    use.set(own);
  }

  static Value unpack(fixed::PackValuesOp packed, Operation *reader) {
    OpBuilder builder(reader);
    return fixed::UnpackValuesOp::create(builder, packed.getLoc(), packed.getInput().getType(), packed.getResult(), packed.getBits(),
                                         packed.getLeast(), packed.getLayer());
  }
};

} // namespace
