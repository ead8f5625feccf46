//===- RowsOfValues.cpp - some rows of a value ------------------*- C++ -*-===//
//
// This file builds ops again for some rows. What an op reads for those is told by one table, `accessesOf`, which the questions and the
// building share.
//
//===----------------------------------------------------------------------===//

#include "RowsOfValues.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/Analysis/FlatLinearValueConstraints.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

constexpr int64_t kImage = 0, kRow = 1; // dimensions

/// What an operand's dimension has to do with rows of the result: it is read whole, or from `step` * first row on, `extra` more than `step`
/// for each row.
struct Access {
  int64_t imageStep = 0, rowStep = 0, extra = 0;

  bool isWhole() const { return imageStep == 0 && rowStep == 0; }
  int64_t size(int64_t rows) const { return rowStep * (rows - 1) + extra + 1; }
};

/// By operand, then by dimension.
using Accesses = SmallVector<SmallVector<Access>>;

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }
bool hasRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() >= 3 && type.hasStaticShape();
}

std::optional<Accesses> accessesOf(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.hasIndexSemantics())
    return std::nullopt;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  auto row = dyn_cast<AffineDimExpr>(result.getResult(kRow)), image = dyn_cast<AffineDimExpr>(result.getResult(kImage));
  if (!row || !image)
    return std::nullopt;
  Accesses accesses;
  for (OpOperand &operand : op->getOpOperands()) {
    SmallVector<Access> &dimensions = accesses.emplace_back();
    for (AffineExpr expression : op.getMatchingIndexingMap(&operand).getResults()) {
      SmallVector<int64_t> factors;
      if (failed(getFlattenedAffineExpr(expression, ranges.size(), 0, &factors)) || static_cast<size_t>(factors.size()) != ranges.size() + 1)
        return std::nullopt;
      Access access;
      access.imageStep = factors[image.getPosition()], access.rowStep = factors[row.getPosition()];
      for (auto [loop, range] : llvm::enumerate(ranges)) {
        if (factors[loop] < 0)
          return std::nullopt;
        if (loop != image.getPosition() && loop != row.getPosition())
          access.extra += factors[loop] * (range - 1);
      }
      if (factors.back() != 0 || (access.imageStep != 0 && access.rowStep != 0))
        return std::nullopt;
      dimensions.push_back(access);
    }
  }
  return accesses;
}

std::optional<Accesses> accessesOf(fixed::ContractOp op) {
  if (op.isBatched() || op.getResults().empty())
    return std::nullopt;
  Accesses accesses;
  for (OpOperand &operand : op->getOpOperands()) {
    SmallVector<Access> &dimensions = accesses.emplace_back(shapeOf(operand.get()).size());
    bool isInput = operand.getOperandNumber() == 0;
    if (!isInput && shapeOf(operand.get()) != shapeOf(op.getInit()))
      continue;
    dimensions[kImage].imageStep = dimensions[kRow].rowStep = 1;
    if (isInput && !op.getKernel().empty()) {
      dimensions[kRow].rowStep = op.getStrides()[0];
      dimensions[kRow].extra = (op.getKernel()[0] - 1) * op.getDilations()[0];
    }
  }
  return accesses;
}

std::optional<Accesses> accessesOf(Operation *op) {
  if (op->getNumResults() != 1 || !hasRows(op->getResult(0)))
    return std::nullopt;
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return accessesOf(generic);
  if (auto contract = dyn_cast<fixed::ContractOp>(op))
    return accessesOf(contract);
  return std::nullopt;
}

/// Whether rows of `dimensions` of an operand can be asked of what makes it.
bool areRows(ArrayRef<Access> dimensions) {
  if (dimensions.size() < 3 || dimensions[kRow].rowStep == 0 || dimensions[kRow].imageStep != 0 || dimensions[kImage].imageStep != 1 ||
      dimensions[kImage].extra != 0)
    return false;
  return llvm::all_of(dimensions.drop_front(2), [](const Access &access) { return access.isWhole(); });
}

/// Whether turns that share no rows of the result share none of the operand.
bool isDisjoint(const Access &row, bool disjoint) { return disjoint && row.extra < row.rowStep; }

/// Values that are cheap to compute again: what is unpacked is changed one by one.
bool isCheap(linalg::GenericOp op) {
  constexpr size_t kOps = 6;
  return op.getNumReductionLoops() == 0 && op.getNumDpsInputs() == 1 && op.getDpsInputs()[0].getDefiningOp<fixed::UnpackValuesOp>() &&
         op.getBody()->getOperations().size() <= kOps;
}

/// Whether `op` takes or gives away nothing but dimensions behind the rows.
bool keepsRows(ArrayRef<OpFoldResult> offsets, Value part, Value whole) {
  return hasRows(part) && hasRows(whole) && shapeOf(part).take_front(2) == shapeOf(whole).take_front(2) && isConstantIntValue(offsets[kImage], 0) &&
         isConstantIntValue(offsets[kRow], 0);
}

bool padsInsideRows(tensor::PadOp op) {
  auto isZero = [](ArrayRef<int64_t> counts) { return counts[kImage] == 0 && counts[kRow] == 0; };
  return op.getConstantPaddingValue() && isZero(op.getStaticLow()) && isZero(op.getStaticHigh());
}

/// `value`'s rows where they are: a slice of it. Dimensions of one image keep their place.
Value slice(OpBuilder &b, Value value, ArrayRef<Access> dimensions, const Rows &rows) {
  Location loc = value.getLoc();
  SmallVector<OpFoldResult> offsets, sizes, strides(dimensions.size(), b.getIndexAttr(1));
  for (auto [access, size] : llvm::zip(dimensions, shapeOf(value))) {
    int64_t step = access.rowStep ? access.rowStep : access.imageStep;
    Value from = access.rowStep ? rows.first : rows.image;
    sizes.push_back(b.getIndexAttr(access.isWhole() ? size : access.rowStep ? access.size(rows.count) : access.extra + 1));
    if (access.isWhole() || !from) // the only image
      offsets.push_back(b.getIndexAttr(0));
    else
      offsets.push_back(step == 1 ? from : arith::MulIOp::create(b, loc, from, arith::ConstantIndexOp::create(b, loc, step)).getResult());
  }
  return tensor::ExtractSliceOp::create(b, loc, value, offsets, sizes, strides);
}

SmallVector<Access> plainRows(Value value) {
  SmallVector<Access> dimensions(shapeOf(value).size());
  dimensions[kImage].imageStep = dimensions[kRow].rowStep = 1;
  return dimensions;
}

RankedTensorType typeOfRows(Value value, int64_t count) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[kImage] = 1, shape[kRow] = count;
  return RankedTensorType::get(shape, type.getElementType());
}

/// Whether what reads rows of `value` computes them, rather than cutting them out of the whole value.
bool isComputedByRows(Value value, bool disjoint) {
  Operation *op = value.getDefiningOp();
  bool isFree = isa_and_nonnull<fixed::UnpackValuesOp, tensor::EmptyOp, linalg::FillOp, tensor::PadOp>(op);
  return op && (isFree || value.hasOneUse()) && canBuildRows(value, disjoint);
}

Value rowsOf(OpBuilder &b, Value value, const Rows &rows) {
  return isComputedByRows(value, rows.disjoint) ? buildRows(b, value, rows) : slice(b, value, plainRows(value), rows);
}

Value buildAgain(OpBuilder &b, Operation *op, const Accesses &accesses, const Rows &rows) {
  SmallVector<Value> operands;
  for (auto [operand, dimensions] : llvm::zip(op->getOperands(), accesses)) {
    if (llvm::all_of(dimensions, [](const Access &access) { return access.isWhole(); })) {
      operands.push_back(operand);
      continue;
    }
    bool disjoint = areRows(dimensions) && isDisjoint(dimensions[kRow], rows.disjoint);
    if (!areRows(dimensions) || !isComputedByRows(operand, disjoint)) {
      operands.push_back(slice(b, operand, dimensions, rows));
      continue;
    }
    const Access &row = dimensions[kRow];
    Value first = rows.first;
    if (row.rowStep != 1)
      first = arith::MulIOp::create(b, op->getLoc(), first, arith::ConstantIndexOp::create(b, op->getLoc(), row.rowStep));
    operands.push_back(buildRows(b, operand, {rows.image, first, row.size(rows.count), disjoint}));
  }
  return mlir::clone(b, op, {typeOfRows(op->getResult(0), rows.count)}, operands)->getResult(0);
}

} // namespace

int64_t tile::rowCountOf(Value value) { return hasRows(value) ? shapeOf(value)[kRow] : 1; }

bool tile::canBuildRows(Value value, bool disjoint) {
  Operation *op = value.getDefiningOp();
  if (!op || !hasRows(value))
    return false;
  if (isa<fixed::UnpackValuesOp, tensor::EmptyOp>(op))
    return true;
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>() != nullptr;
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return padsInsideRows(pad) && isComputedByRows(pad.getSource(), disjoint);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return disjoint && keepsRows(insert.getMixedOffsets(), insert.getSource(), insert.getDest()) && isComputedByRows(insert.getDest(), true);
  auto generic = dyn_cast<linalg::GenericOp>(op);
  return (disjoint || (generic && isCheap(generic))) && accessesOf(op);
}

bool tile::unpacksRows(Value value, bool disjoint) {
  Operation *op = value.getDefiningOp();
  if (!canBuildRows(value, disjoint))
    return false;
  if (isa<fixed::UnpackValuesOp>(op))
    return true;
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return unpacksRows(pad.getSource(), disjoint);
  auto unpacks = [](Value operand, bool disjoint) { return isComputedByRows(operand, disjoint) && unpacksRows(operand, disjoint); };
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return unpacks(insert.getSource(), disjoint) || unpacks(insert.getDest(), disjoint);
  std::optional<Accesses> accesses = accessesOf(op);
  bool found = false;
  if (accesses)
    for (auto [operand, dimensions] : llvm::zip(op->getOperands(), *accesses)) {
      bool inRows = areRows(dimensions) && unpacks(operand, isDisjoint(dimensions[kRow], disjoint));
      if (operand.getDefiningOp<fixed::UnpackValuesOp>() && !inRows)
        return false;
      found |= inRows;
    }
  return found;
}

int64_t tile::bytesOfRows(Value value, int64_t count, bool disjoint) {
  Operation *op = value.getDefiningOp();
  if (!canBuildRows(value, disjoint) || isa<tensor::EmptyOp, linalg::FillOp>(op))
    return 0;
  RankedTensorType type = typeOfRows(value, count);
  int64_t bytes = type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8);
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return bytes; // what it surrounds is unpacked into it
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return bytes; // as are all parts of it
  if (std::optional<Accesses> accesses = accessesOf(op))
    for (auto [operand, dimensions] : llvm::zip(op->getOperands(), *accesses))
      if (areRows(dimensions) && isComputedByRows(operand, isDisjoint(dimensions[kRow], disjoint)))
        bytes += bytesOfRows(operand, dimensions[kRow].size(count), isDisjoint(dimensions[kRow], disjoint));
  return bytes;
}

Value tile::buildRows(OpBuilder &b, Value value, const Rows &rows) {
  Operation *op = value.getDefiningOp();
  Location loc = op->getLoc();
  RankedTensorType type = typeOfRows(value, rows.count);
  if (isa<tensor::EmptyOp>(op))
    return emptyTensor(b, loc, type);
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return filledTensor(b, loc, type, fill.getInputs()[0]);
  if (auto unpack = dyn_cast<fixed::UnpackValuesOp>(op))
    return fixed::UnpackValuesOp::create(b, loc, type, rowsOf(b, unpack.getInput(), rows), unpack.getBits(), unpack.getLeast(), unpack.getLayer());
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return tensor::PadOp::create(b, loc, type, rowsOf(b, pad.getSource(), rows), pad.getMixedLowPad(), pad.getMixedHighPad(),
                                 pad.getConstantPaddingValue());
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    Value part = rowsOf(b, insert.getSource(), rows), whole = rowsOf(b, insert.getDest(), rows);
    SmallVector<OpFoldResult> sizes(insert.getMixedSizes());
    sizes[kImage] = b.getIndexAttr(1), sizes[kRow] = b.getIndexAttr(rows.count);
    return tensor::InsertSliceOp::create(b, loc, part, whole, insert.getMixedOffsets(), sizes, insert.getMixedStrides());
  }
  return buildAgain(b, op, *accessesOf(op), rows);
}
