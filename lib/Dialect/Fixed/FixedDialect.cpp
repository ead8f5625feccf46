//===- FixedDialect.cpp - the fixed dialect ---------------------*- C++ -*-===//
//
// This file registers the integer ops and checks them.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectImplementation.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::fixed;

#include "quantization/Dialect/Fixed/FixedDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "quantization/Dialect/Fixed/FixedAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "quantization/Dialect/Fixed/FixedOps.cpp.inc"

void FixedDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "quantization/Dialect/Fixed/FixedAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "quantization/Dialect/Fixed/FixedOps.cpp.inc"
      >();
}

LogicalResult LayoutAttr::verifyEncoding(ArrayRef<int64_t> shape, Type, function_ref<InFlightDiagnostic()> emitError) const {
  if (getOrder().size() == shape.size() && isPermutationVector(getOrder()))
    return success();
  return emitError() << "expected a layout that orders " << shape.size() << " dimensions";
}

SmallVector<int64_t> fixed::orderOf(RankedTensorType type) {
  if (auto layout = dyn_cast_or_null<LayoutAttr>(type.getEncoding()))
    return SmallVector<int64_t>(layout.getOrder());
  return llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
}

RankedTensorType fixed::withOrder(RankedTensorType type, ArrayRef<int64_t> order) {
  Attribute encoding;
  if (!llvm::equal(order, llvm::seq<int64_t>(0, type.getRank())))
    encoding = LayoutAttr::get(type.getContext(), order);
  return RankedTensorType::get(type.getShape(), type.getElementType(), encoding);
}

static InFlightDiagnostic fail(Operation *op) { return op->emitOpError() << "(layer \"" << nn::layerOf(op) << "\") "; }

LogicalResult RescaleOp::verify() {
  if (nn::shapeOf(getInput()) != nn::shapeOf(getResult()))
    return fail(*this) << "expected input and result of one shape";
  Type in = nn::elementTypeOf(getInput()), out = nn::elementTypeOf(getResult());
  if (!quantizedElement(in) && !in.isSignlessInteger(32) && !in.isSignlessInteger(64))
    return fail(*this) << "expected a quantized, i32 or i64 input but found " << in;
  if (!quantizedElement(out) && !out.isSignlessInteger(32))
    return fail(*this) << "expected a quantized or i32 result but found " << out;
  if (getScales().has_value() == getMultipliers().has_value() || getMultipliers().has_value() != getShifts().has_value())
    return fail(*this) << "expected either scales, or multipliers and shifts";
  size_t count = getScales() ? getScales()->size() : getMultipliers()->size();
  if (getShifts() && getShifts()->size() != count)
    return fail(*this) << "expected as many shifts as multipliers";
  uint64_t rank = nn::shapeOf(getInput()).size();
  if (count != 1 && (getAxis() >= rank || static_cast<int64_t>(count) != nn::shapeOf(getInput())[getAxis()]))
    return fail(*this) << "expected one multiplier, or one per index of axis " << static_cast<int64_t>(getAxis()) << ", but found " << count;
  if (std::optional<ArrayRef<int32_t>> shifts = getShifts())
    for (int32_t shift : *shifts)
      if (shift < 0 || shift > 62)
        return fail(*this) << "expected shifts within [0, 62] but found " << shift;
  if (getClamp().size() != 2 || getClamp()[0] > getClamp()[1])
    return fail(*this) << "expected clamp = [low, high]";
  auto type = quantizedElement(out);
  int64_t least = type ? type.getStorageTypeMin() : INT32_MIN, most = type ? type.getStorageTypeMax() : INT32_MAX;
  if (getClamp()[0] < least || getClamp()[1] > most)
    return fail(*this) << "expected a clamp within the result's codes [" << least << ", " << most << "] but found ["
                       << getClamp()[0] << ", " << getClamp()[1] << "]";
  return success();
}

LogicalResult LookupOp::verify() {
  auto in = quantizedElement(getInput());
  if (!in || in.getStorageTypeIntegralWidth() > 8)
    return fail(*this) << "expected an input of at most 8 bits";
  if (nn::shapeOf(getInput()) != nn::shapeOf(getResult()))
    return fail(*this) << "expected input and result of one shape";
  ArrayRef<int64_t> table = nn::shapeOf(getTable());
  int64_t entries = int64_t(1) << in.getStorageTypeIntegralWidth(), axis = getAxis();
  int64_t rank = nn::shapeOf(getInput()).size();
  if (axis < 0 ? table != ArrayRef<int64_t>{entries}
               : axis >= rank || table != ArrayRef<int64_t>{nn::shapeOf(getInput())[axis], entries})
    return fail(*this) << "expected a table of " << entries << " entries, or one for each channel";
  if (nn::elementTypeOf(getTable()) != nn::elementTypeOf(getResult()))
    return fail(*this) << "expected a table of the result's codes " << nn::elementTypeOf(getResult()) << " but found "
                       << nn::elementTypeOf(getTable());
  return success();
}

LogicalResult RelayoutOp::verify() {
  if (nn::shapeOf(getInput()) != nn::shapeOf(getResult()) || nn::elementTypeOf(getInput()) != nn::elementTypeOf(getResult()))
    return fail(*this) << "expected input and result that differ in layout only";
  return success();
}
