//===- OpBinder.cpp - from ONNX operators to layers -------------*- C++ -*-===//
//
// This file reads nodes and makes layers, checked as they are made.
//
//===----------------------------------------------------------------------===//

#include "OpBinder.h"
#include "OnnxTensors.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace quantization;
using folding::Kind;
using folding::Tensor;

const BuildFunction *OpRegistry::lookup(StringRef name, int64_t version) const {
  auto versions = ops.find(name);
  if (versions == ops.end())
    return nullptr;
  auto next = versions->second.upper_bound(version);
  return next == versions->second.begin() ? nullptr : &std::prev(next)->second;
}

void quantization::registerAllOps(OpRegistry &registry) {
  registerContractions(registry);
  registerElementwise(registry);
  registerPools(registry);
  registerMoves(registry);
  registerNormalizations(registry);
  registerQuantization(registry);
  registerShapeArithmetic(registry);
}

std::string quantization::textOf(Shape shape) {
  std::string text = "[";
  for (auto [i, d] : llvm::enumerate(shape))
    text += (i ? ", " : "") + std::to_string(d);
  return text + "]";
}

//===----------------------------------------------------------------------===//
// The node
//===----------------------------------------------------------------------===//

LogicalResult OpBinder::run(const BuildFunction &build) {
  if (failed(build(*this)) || reported)
    return failure();
  for (NamedAttribute attribute : node.getNodeAttributes())
    if (!looked.contains(attribute.getName().getValue()))
      return fail("attribute \"" + attribute.getName().getValue() + "\" is not known");
  for (unsigned i = 0; i < numResults(); ++i)
    if (isUsed(i) && llvm::none_of(results, [&](auto &entry) { return entry.first == i; }))
      return fail("its result " + llvm::Twine(i + 1) + " is used, which is not supported");
  for (auto [i, value] : results) {
    Operation *op = value.getDefiningOp();
    if (auto quantize = dyn_cast_or_null<nn::QuantizeOp>(op))
      op = quantize.getInput().getDefiningOp();
    if (i == 0 && !named && llvm::is_contained(made, op))
      op->setAttr("layer", node.getLayerAttr());
    node.getOutputs()[i].replaceAllUsesWith(value);
  }
  return success();
}

LogicalResult OpBinder::yield(Value value, unsigned result) {
  if (value && codes && nn::isF32(value))
    value = codesAgain(value);
  if (!value)
    return failure();
  if (result < numResults())
    results.push_back({result, value});
  return success();
}

LogicalResult OpBinder::fail(const llvm::Twine &reason) {
  reported = true;
  return emitError(node.getLoc()) << file << "node \"" << node.getLayer() << "\" (" << node.getType() << "): " << reason;
}

LogicalResult OpBinder::unsupported(StringRef attribute, const llvm::Twine &value, const llvm::Twine &supported) {
  return fail("attribute " + attribute + " = " + value + " is not supported; supported is " + supported);
}

FailureOr<int64_t> OpBinder::axis(int64_t axis, size_t rank, bool end) {
  auto size = static_cast<int64_t>(rank);
  if (axis < -size || axis >= size + end) {
    (void)fail("axis " + llvm::Twine(axis) + " is outside a tensor of rank " + llvm::Twine(size));
    return failure();
  }
  return axis < 0 ? axis + size : axis;
}

//===----------------------------------------------------------------------===//
// Operands and attributes
//===----------------------------------------------------------------------===//

Value OpBinder::input(unsigned i, StringRef name) {
  Value value = optionalInput(i);
  if (!value)
    (void)fail("operand " + name + " is missing");
  return value;
}

std::optional<Tensor> OpBinder::constantInput(unsigned i, StringRef name) {
  Value value = input(i, name);
  if (!value)
    return std::nullopt;
  auto tensor = known(value);
  if (auto constant = encodedConstant(value))
    tensor = folding::fromFloats(nn::shapeOf(value).vec(), readExpressed(constant));
  if (!tensor)
    (void)fail("operand " + name + " must be known at compile time");
  return tensor;
}

std::optional<std::vector<int64_t>> OpBinder::integersInput(unsigned i, StringRef name) {
  auto tensor = constantInput(i, name);
  if (!tensor)
    return std::nullopt;
  if (tensor->kind == Kind::F32 || tensor->shape.size() > 1) {
    (void)fail("operand " + name + " must be a list of integers");
    return std::nullopt;
  }
  return folding::integersOf(*tensor);
}

std::optional<float> OpBinder::scalarInput(unsigned i, StringRef name, float absent) {
  if (!optionalInput(i))
    return absent;
  auto tensor = constantInput(i, name);
  if (!tensor)
    return std::nullopt;
  if (tensor->size() != 1) {
    (void)fail("operand " + name + " must be one value but has shape " + textOf(tensor->shape));
    return std::nullopt;
  }
  return folding::floatsOf(*tensor)[0];
}

bool OpBinder::hasAttribute(StringRef name) { return node.getNodeAttributes().contains(name); }

void OpBinder::ignore(ArrayRef<StringRef> attributes) { looked.insert(attributes.begin(), attributes.end()); }

/// The attribute `name`, or null where the node has none.
template <typename AttrT> AttrT OpBinder::attribute(StringRef name, StringRef kind) {
  looked.insert(name);
  Attribute found = node.getNodeAttributes().get(name);
  auto result = dyn_cast_or_null<AttrT>(found);
  if (found && !result)
    (void)fail("attribute " + name + " must be " + kind);
  return result;
}

int64_t OpBinder::integer(StringRef name, int64_t absent) {
  auto found = attribute<IntegerAttr>(name, "an integer");
  return found ? found.getValue().getSExtValue() : absent;
}
float OpBinder::real(StringRef name, float absent) {
  auto found = attribute<FloatAttr>(name, "a float");
  return found ? static_cast<float>(found.getValueAsDouble()) : absent;
}
std::string OpBinder::string(StringRef name, StringRef absent) {
  auto found = attribute<StringAttr>(name, "a string");
  return found ? found.str() : absent.str();
}
std::vector<int64_t> OpBinder::integers(StringRef name) {
  auto found = attribute<DenseI64ArrayAttr>(name, "a list of integers");
  return found ? std::vector<int64_t>(found.asArrayRef()) : std::vector<int64_t>();
}
std::vector<float> OpBinder::reals(StringRef name) {
  auto found = attribute<DenseF32ArrayAttr>(name, "a list of floats");
  return found ? std::vector<float>(found.asArrayRef()) : std::vector<float>();
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static std::optional<Kind> kindOf(Type type) {
  if (type.isF32())
    return Kind::F32;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  switch (integer.getWidth()) {
  case 1:
    return Kind::Bool;
  case 4: // in a byte each
  case 8:
    return integer.isUnsigned() ? Kind::U8 : Kind::I8;
  case 16:
    return integer.isUnsigned() ? Kind::U16 : Kind::I16;
  case 32:
    return integer.isUnsigned() ? std::nullopt : std::optional(Kind::I32);
  case 64:
    return integer.isUnsigned() ? std::nullopt : std::optional(Kind::I64);
  }
  return std::nullopt;
}

static Type typeOf(Kind kind, Builder &builder) {
  switch (kind) {
  case Kind::F32:
    return builder.getF32Type();
  case Kind::U16:
    return builder.getIntegerType(16, /*isSigned=*/false);
  case Kind::U8:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case Kind::Bool:
    return builder.getI1Type();
  default:
    return builder.getIntegerType(8 * folding::widthOf(kind));
  }
}

static std::optional<Tensor> readTensor(ElementsAttr value) {
  if (!value)
    return std::nullopt;
  auto kind = kindOf(value.getElementType());
  if (!kind)
    return std::nullopt;
  return Tensor{*kind, value.getShapedType().getShape().vec(), readBytes(value)};
}

static ElementsAttr writeTensor(const Tensor &tensor, Builder &builder) {
  auto type = RankedTensorType::get(tensor.shape, typeOf(tensor.kind, builder));
  if (tensor.kind != Kind::Bool)
    return makeConstant(type, tensor.bytes);
  SmallVector<bool> values(tensor.bytes.begin(), tensor.bytes.end()); // dense attributes pack booleans into bits
  return DenseElementsAttr::get(type, values);
}

std::optional<Tensor> OpBinder::tensor(StringRef name) {
  return readTensor(attribute<ElementsAttr>(name, "a tensor"));
}

std::optional<Tensor> OpBinder::known(Value value) { return readTensor(constantBehind(value)); }

Value OpBinder::constant(const Tensor &tensor, Value like) {
  StringRef name = like ? nn::layerOf(like.getDefiningOp()) : node.getLayer();
  ElementsAttr value = writeTensor(tensor, builder);
  return nn::ConstantOp::create(builder, node.getLoc(), value.getType(), value, name, nn::PrecisionAttr());
}

Value OpBinder::constant(llvm::Expected<Tensor> tensor) {
  if (tensor)
    return constant(*tensor);
  (void)fail(llvm::toString(tensor.takeError()));
  return {};
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

RankedTensorType OpBinder::resultType(Shape shape) {
  std::optional<int64_t> count = countElements(shape);
  if (count && *count > 0)
    return RankedTensorType::get(shape, builder.getF32Type());
  (void)fail("its result would have shape " + textOf(shape) + (count ? ", which holds nothing" : ", which is too large"));
  return {};
}

std::string OpBinder::helperName(StringRef mnemonic) {
  return names.unique((node.getLayer() + "." + mnemonic.drop_front(StringRef("nn.").size())).str());
}

/// Layers work on f32; what ONNX does on integers has to be known at compile time.
Value OpBinder::check(Operation *op) {
  made.push_back(op);
  for (Value operand : op->getOperands())
    if (!nn::isF32(operand)) {
      std::string type;
      llvm::raw_string_ostream(type) << nn::elementTypeOf(operand);
      (void)fail("an operand has element type " + type +
                 ", which is supported only where all operands are known at compile time");
      return {};
    }
  if (!reported && succeeded(mlir::verify(op, /*verifyRecursively=*/false)))
    return op->getResult(0);
  reported = true; // by the verifier
  return {};
}

Value OpBinder::reshape(Value value, Shape shape) {
  if (!value || nn::shapeOf(value) == shape)
    return value;
  if (ElementsAttr constant = constantBehind(value)) { // the bytes stay where they are
    auto type = RankedTensorType::get(shape, nn::elementTypeOf(value));
    if (countElements(shape) != type.getNumElements() || type.getNumElements() != constant.getNumElements()) {
      (void)fail("cannot reshape " + textOf(nn::shapeOf(value)) + " to " + textOf(shape));
      return {};
    }
    ElementsAttr moved;
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant))
      moved = DenseResourceElementsAttr::get(type, resource.getRawHandle());
    else
      moved = cast<DenseElementsAttr>(constant).reshape(type);
    return nn::ConstantOp::create(builder, node.getLoc(), type, moved, nn::layerOf(value.getDefiningOp()), nn::PrecisionAttr());
  }
  return helper<nn::ReshapeOp>(shape, value);
}

Value OpBinder::transpose(Value value, Shape permutation) {
  if (!value || llvm::is_sorted(permutation))
    return value;
  if (auto tensor = known(value))
    return constant(folding::transpose(*tensor, permutation), value);
  SmallVector<int64_t> shape;
  for (int64_t d : permutation)
    shape.push_back(nn::shapeOf(value)[d]);
  return helper<nn::TransposeOp>(shape, value, permutation);
}

Value OpBinder::transposeMatrix(Value value) {
  if (!value)
    return {};
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, nn::shapeOf(value).size()));
  std::swap(permutation[permutation.size() - 1], permutation[permutation.size() - 2]);
  return transpose(value, permutation);
}

Value OpBinder::slice(Value value, Shape starts, Shape steps, Shape counts) {
  if (!value || (nn::shapeOf(value) == counts && llvm::all_of(steps, [](int64_t step) { return step > 0; })))
    return value;
  if (auto tensor = known(value))
    return constant(folding::slice(*tensor, starts, steps, counts), value);
  return helper<nn::SliceOp>(counts, value, starts, steps);
}

Value OpBinder::pad(Value value, Shape low, Shape high, const Tensor &fill) {
  if (!value || llvm::all_of(llvm::concat<const int64_t>(low, high), [](int64_t count) { return count == 0; }))
    return value;
  SmallVector<int64_t> shape(nn::shapeOf(value));
  for (auto [d, before, after] : llvm::zip(shape, low, high))
    d += before + after;
  if (auto tensor = known(value); tensor && folding::countOf(shape))
    return constant(folding::pad(*tensor, low, high, folding::cast(fill, tensor->kind)), value);
  float number = folding::floatsOf(fill)[0];
  return helper<nn::PadOp>(shape, value, low, high, APFloat(number));
}

Value OpBinder::concat(ArrayRef<Value> values, int64_t axis) {
  std::vector<Tensor> tensors;
  SmallVector<int64_t> shape(nn::shapeOf(values.front()));
  shape[axis] = 0;
  for (Value value : values) {
    shape[axis] += nn::shapeOf(value)[axis];
    if (auto tensor = known(value))
      tensors.push_back(std::move(*tensor));
  }
  if (values.size() == 1)
    return values.front();
  if (tensors.size() == values.size()) {
    if (folding::countOf(shape))
      return constant(folding::concat(tensors, axis));
    (void)fail("its result is too large to be a constant");
    return {};
  }
  return helper<nn::ConcatOp>(shape, ValueRange(values), axis);
}

Value OpBinder::expand(Value value, Shape shape) {
  if (!value)
    return {};
  if (auto tensor = known(value); tensor && nn::shapeOf(value) != shape) {
    if (folding::countOf(shape))
      return constant(folding::expand(*tensor, shape), value);
    (void)fail("its result is too large to be a constant");
    return {};
  }
  SmallVector<int64_t> from(shape.size() - nn::shapeOf(value).size(), 1);
  llvm::append_range(from, nn::shapeOf(value));
  value = reshape(value, from);
  for (auto [axis, d] : llvm::enumerate(shape)) {
    if (!value || from[axis] == d)
      continue;
    if (d < 1 || d > 1024) {
      (void)fail("repeating a value " + llvm::Twine(d) + " times is not supported; 1 to 1024 times is");
      return {};
    }
    value = concat(SmallVector<Value>(d, value), axis);
  }
  return value;
}
