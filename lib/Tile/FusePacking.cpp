//===- FusePacking.cpp - packed values from packed values -------*- C++ -*-===//
//
// This file computes what reads and makes packed values some rows at a time, so that whole values exist in shared bytes only:
//
//   %u = fixed.unpack_values %x                            scf.for %i = 0 to 32 step 4 {
//   %b = tensor.pad %u                                       %u = fixed.unpack_values %x[rows %i to %i + 5]
//   %y = fixed.contract %b : -> tensor<1x32x32x16xi8>  ==>   %y = fixed.contract %u : -> tensor<1x4x32x16xi8>
//   %p = fixed.pack_values %y                                %p[rows %i to %i + 3] = fixed.pack_values %y
//                                                          }      // %x was padded before
//
//===----------------------------------------------------------------------===//

#include "RowsOfValues.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "quantization/Target/TargetModel.h"
#include "quantization/Tile/Passes.h"

#define DEBUG_TYPE "fuse-packing"

namespace quantization {
#define GEN_PASS_DEF_FUSEPACKING
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// The byte whose every field is `code`, if it can be.
std::optional<int8_t> patternOf(Value code, fixed::UnpackValuesOp unpack) {
  APInt value;
  if (!code || !matchPattern(code, m_ConstantInt(&value)))
    return std::nullopt;
  int64_t bits = unpack.getBits(), field = value.getSExtValue() - static_cast<int64_t>(unpack.getLeast()), pattern = 0;
  if (field < 0 || field >= int64_t(1) << bits)
    return std::nullopt;
  for (int64_t at = 0; at < 8; at += bits)
    pattern |= field << at;
  return static_cast<int8_t>(pattern);
}

struct FusePackingPass : quantization::impl::FusePackingBase<FusePackingPass> {
  void runOnOperation() override {
    borders.clear();
    SmallVector<tensor::PadOp> pads;
    getOperation().walk([&](tensor::PadOp op) { pads.push_back(op); });
    for (tensor::PadOp op : pads)
      movePad(op);
    for (auto &[value, all] : borders)
      readInside(value, all.back()); // which stands first: each was put right behind the value
    std::unique_ptr<TargetModel> target = TargetModel::of(getOperation());
    if (target->threads() > 1) {
      getOperation().walk([&](fixed::PackValuesOp op) { missed(op, "several threads would share its rows"); });
      return;
    }
    readsPlaces = [&target](fixed::ContractOp op) {
      const DotKernel *kernel = target->findKernel(op.getLowering());
      return kernel && kernel->kind == DotKind::TileBytes;
    };
    SmallVector<Operation *> makers;
    getOperation().walk([&](Operation *op) {
      if (isa<fixed::PackValuesOp, fixed::ContractOp, linalg::GenericOp>(op) && op->getNumResults() == 1)
        makers.push_back(op);
    });
    left = DenseSet<Operation *>(makers.begin(), makers.end());
    // From the last one on: what is computed with its reader is gone when its turn comes.
    for (Operation *op : llvm::reverse(makers))
      if (left.contains(op))
        makeLoop(op->getResult(0));
  }

private:
  static void missed(fixed::PackValuesOp pack, StringRef why) {
    remark::missed(pack.getLoc(), remark::RemarkOpts::name(pack.getLayer()).category("fuse-packing"))
        << "lies in bytes as a whole before it is packed: " + why.str();
  }

  std::function<bool(fixed::ContractOp)> readsPlaces; ///< whether its kernel needs the places of its input
  llvm::MapVector<Value, SmallVector<tensor::PadOp>> borders; ///< by packed value
  DenseSet<Operation *> left;                                 ///< those whose turn is to come

  /// Erases `op`, if nobody reads it, and what only it has read. Each stands behind all its readers, so none is looked at once it is gone.
  void eraseDead(Operation *op) {
    llvm::SetVector<Operation *> dead;
    auto mark = [&](Operation *maker) {
      if (maker && wouldOpBeTriviallyDead(maker) && llvm::all_of(maker->getUsers(), [&](Operation *user) { return dead.contains(user); }))
        dead.insert(maker);
    };
    mark(op);
    for (size_t next = 0; next < dead.size(); ++next)
      for (Value operand : dead[next]->getOperands())
        mark(operand.getDefiningOp());
    for (Operation *each : dead) {
      left.erase(each);
      each->erase();
    }
  }

  /// Puts a border around packed values instead of around those that are unpacked. Along the innermost dimension, where codes share bytes, it stays.
  void movePad(tensor::PadOp op) {
    auto unpack = op.getSource().getDefiningOp<fixed::UnpackValuesOp>();
    if (!unpack || !op.getResultType().hasStaticShape())
      return;
    std::optional<int8_t> pattern = patternOf(op.getConstantPaddingValue(), unpack);
    SmallVector<int64_t> low(op.getStaticLow()), high(op.getStaticHigh());
    if (ShapedType::isDynamicShape(low) || ShapedType::isDynamicShape(high))
      return;
    int64_t before = std::exchange(low.back(), 0), after = std::exchange(high.back(), 0);
    auto isZero = [](int64_t count) { return count == 0; };
    if (!pattern || (llvm::all_of(low, isZero) && llvm::all_of(high, isZero)))
      return;
    Value bordered = borderOf(unpack.getInput(), low, high, *pattern);
    OpBuilder builder(op);
    SmallVector<int64_t> shape(op.getResultType().getShape());
    shape.back() -= before + after;
    Value value = fixed::UnpackValuesOp::create(builder, unpack.getLoc(), RankedTensorType::get(shape, op.getResultType().getElementType()),
                                                bordered, unpack.getBits(), unpack.getLeast(), unpack.getLayer());
    if (before || after) {
      SmallVector<int64_t> none(shape.size(), 0), left(none), right(none);
      left.back() = before, right.back() = after;
      value = tensor::PadOp::create(builder, op.getLoc(), op.getResultType(), value, getAsIndexOpFoldResult(builder.getContext(), left),
                                    getAsIndexOpFoldResult(builder.getContext(), right), op.getConstantPaddingValue());
    }
    op.replaceAllUsesWith(value);
    op.erase();
    if (unpack->use_empty())
      unpack.erase();
  }

  /// Packed `value` with a border of `pattern`, made once for all who read it.
  Value borderOf(Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high, int8_t pattern) {
    SmallVector<tensor::PadOp> &known = borders[value];
    for (tensor::PadOp pad : known) {
      APInt with;
      if (pad.getStaticLow() == low && pad.getStaticHigh() == high && matchPattern(pad.getConstantPaddingValue(), m_ConstantInt(&with)) &&
          with.getSExtValue() == pattern)
        return pad;
    }
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(value);
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape;
    for (auto [size, before, after] : llvm::zip(type.getShape(), low, high))
      shape.push_back(size + before + after);
    Value with = constantInt(builder, value.getLoc(), builder.getI8Type(), pattern);
    auto pad = tensor::PadOp::create(builder, value.getLoc(), RankedTensorType::get(shape, builder.getI8Type()), value,
                                     getAsIndexOpFoldResult(builder.getContext(), low), getAsIndexOpFoldResult(builder.getContext(), high), with);
    known.push_back(pad);
    ++numPaddings;
    return pad;
  }

  /// All who read `value` find it inside its border, so that it need not lie there twice.
  static void readInside(Value value, tensor::PadOp border) {
    if (value.hasOneUse())
      return;
    OpBuilder builder(border);
    builder.setInsertionPointAfter(border);
    SmallVector<OpFoldResult> sizes, strides;
    for (int64_t size : cast<RankedTensorType>(value.getType()).getShape()) {
      sizes.push_back(builder.getIndexAttr(size));
      strides.push_back(builder.getIndexAttr(1));
    }
    Value inside = tensor::ExtractSliceOp::create(builder, border.getLoc(), border.getResult(), border.getMixedLowPad(), sizes, strides);
    value.replaceAllUsesExcept(inside, border);
  }

  /// As many rows at a time as keep their buffers small beside the values, or small anyhow.
  static int64_t chooseRows(Value value, int64_t rows) {
    constexpr int64_t kShare = 6, kBytes = 1024;
    int64_t most = std::max(bytesOfRows(value, rows, true) / kShare, kBytes), best = 1;
    for (int64_t count = 2; count < rows; ++count)
      if (rows % count == 0 && bytesOfRows(value, count, true) <= most)
        best = count;
    return best;
  }

  void makeLoop(Value value) {
    auto pack = value.getDefiningOp<fixed::PackValuesOp>();
    Value whole = pack ? pack.getInput() : value;
    int64_t rows = rowCountOf(value);
    bool inRows = pack ? whole.hasOneUse() && canBuildRows(whole, true) : unpacksRows(whole, true);
    if (rows < 2 || !inRows) {
      if (pack)
        missed(pack, "it is not computed row by row from its inputs");
      return;
    }
    // Tile registers load from places that are known when the network is compiled.
    auto contract = whole.getDefiningOp<fixed::ContractOp>();
    if (contract && readsPlaces(contract) && !unpacksRows(contract.getInput(), true)) {
      if (pack)
        missed(pack, "its kernel does not read a part of its input");
      return;
    }
    auto type = cast<RankedTensorType>(value.getType());
    int64_t images = type.getDimSize(0), count = chooseRows(whole, rows);
    Location loc = value.getLoc();
    OpBuilder b(value.getDefiningOp());
    auto index = [&](int64_t number) -> Value { return arith::ConstantIndexOp::create(b, loc, number); };
    Value result = emptyTensor(b, loc, type), image;
    scf::ForOp outer;
    if (images > 1) {
      outer = scf::ForOp::create(b, loc, index(0), index(images), index(1), result);
      b.setInsertionPointToStart(outer.getBody());
      image = outer.getInductionVar(), result = outer.getRegionIterArg(0);
    }
    auto loop = scf::ForOp::create(b, loc, index(0), index(rows), index(count), result);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value part = buildRows(b, whole, {image, loop.getInductionVar(), count});
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = 1, shape[1] = count;
      if (pack)
        part = fixed::PackValuesOp::create(b, loc, RankedTensorType::get(shape, type.getElementType()), part, pack.getBits(), pack.getLeast(),
                                           pack.getLayer());
      SmallVector<OpFoldResult> offsets(shape.size(), b.getIndexAttr(0)), strides(shape.size(), b.getIndexAttr(1));
      if (image)
        offsets[0] = image;
      offsets[1] = loop.getInductionVar();
      part = tensor::InsertSliceOp::create(b, loc, part, loop.getRegionIterArg(0), offsets, getAsIndexOpFoldResult(b.getContext(), shape), strides);
      scf::YieldOp::create(b, loc, part);
    }
    result = loop.getResult(0);
    if (outer) {
      scf::YieldOp::create(b, loc, result);
      result = outer.getResult(0);
    }
    value.replaceAllUsesWith(result);
    eraseDead(value.getDefiningOp());
    ++numLoops;
  }
};

} // namespace
