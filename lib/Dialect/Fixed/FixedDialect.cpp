//===- FixedDialect.cpp - the fixed dialect ---------------------*- C++ -*-===//
//
// This file registers the integer ops and checks them.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
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

LogicalResult StepAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayAttr layers, StringRef, int64_t macs, int64_t read,
                               int64_t written, int64_t weights, int64_t additions, int64_t multiplications, int64_t rescales) {
  if (!llvm::all_of(layers, llvm::IsaPred<StringAttr>))
    return emitError() << "expected names of layers but found " << layers;
  if (std::min({macs, read, written, weights, additions, multiplications, rescales}) < 0)
    return emitError() << "expected no negative counts";
  return success();
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

/// Whether `bytes` has room for the codes of `values`, and no more.
static LogicalResult verifyPacking(Operation *op, Value values, Value bytes, int64_t bits, int64_t least) {
  if (bits != 1 && bits != 2 && bits != 4)
    return fail(op) << "expected 1, 2 or 4 bits to a code but found " << bits;
  if (!nn::elementTypeOf(bytes).isSignlessInteger(8))
    return fail(op) << "expected packed values in i8 but found " << nn::elementTypeOf(bytes);
  auto quantized = quantizedElement(values);
  if (!quantized && !nn::elementTypeOf(values).isSignlessInteger(8))
    return fail(op) << "expected quantized values, or i8, but found " << nn::elementTypeOf(values);
  if (quantized && (packedBits(quantized) > bits || quantized.getStorageTypeMin() < least ||
                    quantized.getStorageTypeMax() - least >= int64_t(1) << bits))
    return fail(op) << "expected codes within [" << least << ", " << least + (int64_t(1) << bits) - 1 << "] but found "
                    << nn::elementTypeOf(values);
  if (least < INT8_MIN || least + (int64_t(1) << bits) - 1 > UINT8_MAX)
    return fail(op) << "expected codes of 8 bits at most, not from " << least << " on";
  auto wide = cast<RankedTensorType>(values.getType()), narrow = cast<RankedTensorType>(bytes.getType());
  if (!wide.hasStaticShape() || !narrow.hasStaticShape() || llvm::is_contained(wide.getShape(), 0))
    return fail(op) << "expected static shapes that are not empty, but found " << wide << " and " << narrow;
  SmallVector<int64_t> expected(wide.getShape());
  if (!expected.empty()) {
    int64_t &innermost = expected[orderOf(wide).back()];
    innermost = (innermost * bits + 7) / 8;
  }
  if (expected.empty() || wide.getEncoding() != narrow.getEncoding() || ArrayRef(expected) != narrow.getShape())
    return fail(op) << "expected " << bits << " bits for each value, but " << wide << " and " << narrow << " are of other sizes";
  return success();
}

LogicalResult PackValuesOp::verify() { return verifyPacking(*this, getInput(), getResult(), getBits(), static_cast<int64_t>(getLeast())); }

LogicalResult UnpackValuesOp::verify() { return verifyPacking(*this, getResult(), getInput(), getBits(), static_cast<int64_t>(getLeast())); }

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

LogicalResult FixedDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  auto target = dyn_cast<TargetAttr>(attribute.getValue());
  if (attribute.getName() == "fixed.target" && isa<ModuleOp>(op) && target) {
    if (target.getCpu() == "native")
      return op->emitError() << "'fixed.target' names the processor \"native\", which is another one on each machine";
    if (target.getThreads() < 1)
      return op->emitError() << "'fixed.target' has " << target.getThreads() << " threads, expected at least one";
    return success();
  }
  auto shares = dyn_cast<IntegerAttr>(attribute.getValue());
  if (attribute.getName() == "fixed.shares" && isa<FunctionOpInterface>(op) && shares && shares.getInt() > 1)
    return success();
  if (attribute.getName() == "fixed.step" && isa<CallOpInterface>(op) && isa<StepAttr>(attribute.getValue()))
    return success();
  auto steps = dyn_cast<ArrayAttr>(attribute.getValue());
  if (attribute.getName() == "fixed.steps" && isa<ModuleOp>(op) && steps && llvm::all_of(steps, llvm::IsaPred<StepAttr>))
    return success();
  return op->emitError() << "expected nothing but a #fixed.target as 'fixed.target' of the module, a number above 1 as 'fixed.shares' of "
                            "a function, a #fixed.step as 'fixed.step' of a call, or an array of them as 'fixed.steps' of the module, but "
                            "found '"
                         << attribute.getName().getValue() << "' = " << attribute.getValue();
}

//===----------------------------------------------------------------------===//
// Below the layers
//===----------------------------------------------------------------------===//

LogicalResult RequantizeOp::verify() {
  Type value = getElementTypeOrSelf(getValue());
  if (!value.isSignlessInteger(32) && !value.isSignlessInteger(64))
    return emitOpError() << "expected a value of i32 or i64 but found " << value;
  for (Value other : {getMultiplier(), getShift(), getResult()})
    if (!getElementTypeOrSelf(other).isSignlessInteger(32))
      return emitOpError() << "expected multiplier, shift and result of i32 but found " << getElementTypeOrSelf(other);
  auto shapeOf = [](Value v) {
    auto shaped = dyn_cast<ShapedType>(v.getType());
    return shaped ? std::optional(SmallVector<int64_t>(shaped.getShape())) : std::nullopt;
  };
  for (Value other : {getMultiplier(), getShift(), getResult()})
    if (shapeOf(other) != shapeOf(getValue()))
      return emitOpError() << "expected value, multiplier, shift and result of one shape but found " << other.getType();
  if (getClamp().size() != 2 || getClamp()[0] > getClamp()[1] || getClamp()[0] < INT32_MIN || getClamp()[1] > INT32_MAX)
    return emitOpError() << "expected clamp = [low, high] within i32";
  if (static_cast<int64_t>(getLargest()) < 0)
    return emitOpError() << "expected no negative bound of the result";
  if (getLeastShift() > 62)
    return emitOpError() << "expected shifts of 62 bits at most, not from " << getLeastShift() << " on";
  APInt shift;
  if (matchPattern(getShift(), m_ConstantInt(&shift)) && shift.slt(getLeastShift()))
    return emitOpError() << "has a shift of " << shift.getSExtValue() << " bits, below its least_shift";
  return success();
}

bool ContractOp::isDepthwise() {
  int64_t groups = getGroups();
  return groups > 1 && cast<ShapedType>(getInput().getType()).getShape().back() == groups &&
         cast<ShapedType>(getInit().getType()).getShape().back() == groups;
}

int64_t ContractOp::countProducts() {
  int64_t channels = getChannels().value_or(cast<ShapedType>(getInput().getType()).getShape().back() / getGroups());
  int64_t products = cast<ShapedType>(getInit().getType()).getNumElements() * channels;
  ArrayRef<int64_t> kernel = getKernel();
  for (int64_t size : kernel.drop_back(kernel.empty() ? 0 : 1))
    products *= size;
  return kernel.empty() ? products : products * static_cast<int64_t>(getColumns().value_or(kernel.back()));
}

int64_t ContractOp::getPackedGroups() { return isDepthwise() ? 1 : getGroups(); }

bool ContractOp::isBatched() { return getKernel().empty() && cast<ShapedType>(getWeights().getType()).getDimSize(0) > 1; }

LogicalResult ContractOp::verify() {
  auto input = cast<ShapedType>(getInput().getType()), weights = cast<ShapedType>(getWeights().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (getResults().size() != (isa<RankedTensorType>(init) ? 1u : 0u) || (getResults().size() == 1 && getResultTypes()[0] != init))
    return fail(*this) << "expected one result of init's type for tensors, and none for buffers";
  for (Value operand : getOperation()->getOperands()) {
    auto type = cast<ShapedType>(operand.getType());
    if (!type.hasStaticShape() || isa<RankedTensorType>(type) != isa<RankedTensorType>(init))
      return fail(*this) << "expected static shapes, all tensors or all buffers, but found " << type;
  }
  for (ArrayRef<int64_t> steps : {getKernel(), getStrides(), getDilations()})
    if (llvm::any_of(steps, [](int64_t step) { return step < 1; }))
      return fail(*this) << "expected kernel, strides and dilations of at least 1";
  size_t spatial = getKernel().size();
  bool isConv = spatial > 0;
  if (spatial > 2 || getStrides().size() != spatial || getDilations().size() != spatial)
    return fail(*this) << "expected kernel, strides and dilations of 0 to 2 dimensions";
  constexpr uint64_t kMostPacked = 64;
  if (getPacking().value_or(1) - 1 >= kMostPacked)
    return fail(*this) << "expected a packing of 1 to " << kMostPacked;
  if (getColumns() && (!isConv || static_cast<int64_t>(*getColumns()) < 1 || static_cast<int64_t>(*getColumns()) >= getKernel().back()))
    return fail(*this) << "expected columns of 1 to those of the kernel, where it is wider than the layer's";
  if (input.getRank() != init.getRank() || input.getRank() < 2 || (isConv && static_cast<size_t>(input.getRank()) != spatial + 2))
    return fail(*this) << "expected input and init of rank " << (isConv ? spatial + 2 : 2) << (isConv ? "" : " or more");
  int64_t groups = getPackedGroups(), outputs = init.getShape().back();
  if (weights.getRank() == 6 && isBatched() &&
      (getGroups() != 1 || weights.getDimSize(0) != ShapedType::getNumElements(input.getShape().drop_back(2))))
    return fail(*this) << "expected weights for each of " << ShapedType::getNumElements(input.getShape().drop_back(2)) << " matrices";
  if (weights.getRank() != 6 || (!isBatched() && weights.getDimSize(0) != groups))
    return fail(*this) << "expected weights [groups, blocks, kernel rows, steps, lanes, codes] of " << groups << " groups";
  if (groups < 1 || outputs % groups || input.getShape().back() % groups)
    return fail(*this) << "expected channels that " << groups << " groups divide";
  int64_t lanes = weights.getDimSize(1) * weights.getDimSize(4);
  if (lanes < outputs / groups || lanes - weights.getDimSize(4) >= outputs / groups)
    return fail(*this) << "expected blocks for " << outputs / groups << " output channels of each group";
  if (input.getShape().drop_back(spatial + 1) != init.getShape().drop_back(spatial + 1))
    return fail(*this) << "expected as many images, or rows, in the result as in the input";
  for (ShapedType type : {input, weights, init})
    if (llvm::is_contained(type.getShape(), 0))
      return fail(*this) << "expected shapes that are not empty, but found " << type;
  if (getChannels().value_or(1) - 1 >= kMostPacked * input.getShape().back())
    return fail(*this) << "expected channels of 1 to " << kMostPacked << " for each code of the input";
  // Rows and steps of the kernel, as lib/Tile/LowerToKernels.cpp packs them; some kernels take more steps, as their model says.
  int64_t rows = spatial == 2 ? getKernel()[0] : 1, columns = isConv ? getKernel().back() : 1, codes = weights.getDimSize(5);
  int64_t inputs = input.getShape().back() / groups;
  bool sideBySide = static_cast<int64_t>(getGroups()) == 1 && (!isConv || getDilations().back() == 1);
  int64_t run = sideBySide ? columns * inputs : inputs;
  int64_t ofElement = codes * static_cast<int64_t>(getPacking().value_or(1));
  int64_t runs = isDepthwise() || !sideBySide ? columns : 1, stepsOfRun = isDepthwise() ? 1 : (run + ofElement - 1) / ofElement;
  bool isCut = weights.getDimSize(3) % runs == 0 && weights.getDimSize(3) / runs >= stepsOfRun &&
               (!isDepthwise() || weights.getDimSize(3) == runs);
  if (weights.getDimSize(2) != (isDepthwise() ? (rows + codes - 1) / codes : rows) || !isCut || (!isDepthwise() && run < codes))
    return fail(*this) << "expected weights for " << rows << " kernel rows of " << run << " values";
  if (isDepthwise() && spatial != 2)
    return fail(*this) << "expected a depthwise kernel of two dimensions";
  if (getBias()) {
    auto bias = cast<ShapedType>(getBias().getType());
    if (bias.getRank() != 1 || bias.getDimSize(0) != groups * lanes || bias.getElementType() != getBody().getArgument(0).getType())
      return fail(*this) << "expected a bias of the accumulator's type for " << groups * lanes << " channels, but found " << bias;
  }
  for (size_t i = 0; i < spatial; ++i) {
    int64_t reach = (init.getDimSize(1 + i) - 1) * getStrides()[i] + (getKernel()[i] - 1) * getDilations()[i] + 1;
    if (reach > input.getDimSize(1 + i))
      return fail(*this) << "reads " << reach << " of " << input.getDimSize(1 + i) << " positions along dimension " << 1 + i;
  }
  Block &body = getBody().front();
  if (body.getNumArguments() != 1 + getOthers().size())
    return fail(*this) << "expected a region of the accumulator and one value for each of its " << getOthers().size() << " others";
  for (auto [argument, other] : llvm::zip(body.getArguments().drop_front(), getOthers())) {
    auto type = cast<ShapedType>(other.getType());
    bool perChannel = type.getRank() == 1 && type.getDimSize(0) == groups * lanes;
    if ((!perChannel && type.getShape() != init.getShape()) || argument.getType() != type.getElementType())
      return fail(*this) << "expected others of the result's shape or of " << groups * lanes << " channels, but found " << type;
  }
  for (Operation &inner : body.without_terminator())
    if (!inner.hasTrait<OpTrait::ConstantLike>() && !OpTrait::hasElementwiseMappableTraits(&inner))
      return fail(*this) << "expected elementwise ops in its region but found '" << inner.getName() << "'";
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValue().getType() != init.getElementType())
    return fail(*this) << "expected its region to yield " << init.getElementType();
  return success();
}

void ContractOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand, SideEffects::DefaultResource::get());
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand, SideEffects::DefaultResource::get());
  }
}
