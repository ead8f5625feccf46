//===- ExpandPacking.cpp - fields of bytes ----------------------*- C++ -*-===//
//
// This file writes packing and unpacking as loops that take vectors of bytes, one loop for each field of a byte:
//
//   %u = fixed.unpack_values %p {bits = 4, least = -8}        %u[.., 0 to 3] = linalg.generic ins(%p) { (byte & 15) - 8 }
//            : tensor<2x4xi8> -> tensor<2x8xi8>         ==>   %u[.., 4 to 7] = linalg.generic ins(%p) { (byte >> 4) - 8 }
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_EXPANDPACKING
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// A part of each innermost row of a tensor.
struct Part {
  SmallVector<OpFoldResult> offsets, sizes, strides;

  Part(OpBuilder &b, Value value, int64_t from, int64_t count) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
    sizes = getAsIndexOpFoldResult(b.getContext(), shape);
    offsets.assign(shape.size(), b.getIndexAttr(0)), strides.assign(shape.size(), b.getIndexAttr(1));
    offsets.back() = b.getIndexAttr(from), sizes.back() = b.getIndexAttr(count);
  }
  Value of(OpBuilder &b, Location loc, Value value) const { return tensor::ExtractSliceOp::create(b, loc, value, offsets, sizes, strides); }
  Value put(OpBuilder &b, Location loc, Value part, Value value) const {
    return tensor::InsertSliceOp::create(b, loc, part, value, offsets, sizes, strides);
  }
};

int64_t innermostOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape().back(); }

struct ExpandPackingPass : quantization::impl::ExpandPackingBase<ExpandPackingPass> {
  void runOnOperation() override {
    bool valid = true;
    getOperation().walk([&](Operation *op) {
      auto packing = dyn_cast<fixed::PackValuesOp>(op);
      auto unpacking = dyn_cast<fixed::UnpackValuesOp>(op);
      if (!packing && !unpacking)
        return;
      Value codes = packing ? packing.getInput() : unpacking.getResult();
      if (quantizedElement(codes)) {
        op->emitError() << "layer \"" << nn::layerOf(op) << "\" is packed in codes of a network; run convert-nn-to-linalg first";
        valid = false;
        return;
      }
      op->getResult(0).replaceAllUsesWith(packing ? pack(packing) : unpack(unpacking));
      op->erase();
    });
    if (!valid)
      signalPassFailure();
  }

private:
  Value loop(OpBuilder &b, Location loc, ValueRange inputs, Value init, Body body) {
    ++numLoops;
    LoopNest nest(b, loc);
    SmallVector<AffineExpr> at = nest.loops(cast<RankedTensorType>(init.getType()).getRank());
    for (Value input : inputs)
      nest.read(input, at);
    return nest.write(init, at, body);
  }

  Value unpack(fixed::UnpackValuesOp op) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Type byte = b.getI8Type();
    int64_t bits = op.getBits(), least = op.getLeast(), bytes = innermostOf(op.getInput()), codes = innermostOf(op.getResult());
    Value result = emptyTensor(b, loc, cast<RankedTensorType>(op.getResult().getType()));
    for (int64_t at = 0, field = 0; at < codes; at += bytes, ++field) {
      int64_t count = std::min(bytes, codes - at);
      Part to(b, result, at, count);
      Value input = count == bytes ? op.getInput() : Part(b, op.getInput(), 0, count).of(b, loc, op.getInput());
      Value part = loop(b, loc, input, to.of(b, loc, result), [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value code = v[0];
        if (field > 0)
          code = arith::ShRUIOp::create(b, l, code, constantInt(b, l, byte, field * bits));
        if ((field + 1) * bits < 8)
          code = arith::AndIOp::create(b, l, code, constantInt(b, l, byte, (1 << bits) - 1));
        return least == 0 ? code : Value(arith::AddIOp::create(b, l, code, constantInt(b, l, byte, least)));
      });
      result = to.put(b, loc, part, result);
    }
    return result;
  }

  Value pack(fixed::PackValuesOp op) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Type byte = b.getI8Type();
    int64_t bits = op.getBits(), least = op.getLeast(), bytes = innermostOf(op.getResult()), codes = innermostOf(op.getInput());
    Value result = emptyTensor(b, loc, cast<RankedTensorType>(op.getResult().getType()));
    // Bytes whose fields all have a code, then those without a last one.
    int64_t fields = (codes + bytes - 1) / bytes, full = codes - (fields - 1) * bytes;
    for (auto [from, count, filled] : {std::tuple(int64_t(0), full, fields), std::tuple(full, bytes - full, fields - 1)}) {
      if (count == 0)
        continue;
      SmallVector<Value> inputs;
      for (int64_t field = 0; field < filled; ++field)
        inputs.push_back(Part(b, op.getInput(), field * bytes + from, count).of(b, loc, op.getInput()));
      Part to(b, result, from, count);
      Value part = loop(b, loc, inputs, to.of(b, loc, result), [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value all;
        for (size_t field = 0; field < inputs.size(); ++field) {
          Value code = v[field];
          if (least != 0)
            code = arith::SubIOp::create(b, l, code, constantInt(b, l, byte, least));
          if (field > 0)
            code = arith::ShLIOp::create(b, l, code, constantInt(b, l, byte, field * bits));
          all = all ? Value(arith::OrIOp::create(b, l, all, code)) : code;
        }
        return all;
      });
      result = to.put(b, loc, part, result);
    }
    return result;
  }
};

} // namespace
