//===- ConstantFolding.cpp - ONNX tensors computed at compile time -*- C++ -*-===//
//
// This file computes the shapes and constants that exporters leave in a graph as nodes.
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace quantization::folding;

static llvm::Error refuse(const llvm::Twine &message) { return llvm::createStringError(message); }

unsigned quantization::folding::widthOf(Kind kind) {
  switch (kind) {
  case Kind::I64:
    return 8;
  case Kind::F32:
  case Kind::I32:
    return 4;
  case Kind::I16:
  case Kind::U16:
    return 2;
  case Kind::I8:
  case Kind::U8:
  case Kind::Bool:
    return 1;
  }
  return 1;
}

std::optional<int64_t> quantization::folding::countOf(Shape shape) {
  int64_t count = 1;
  for (int64_t d : shape)
    if (d < 0 || llvm::MulOverflow(count, d, count) || count > kMaxFolded)
      return std::nullopt;
  return count;
}

std::optional<std::vector<int64_t>> quantization::folding::broadcast(Shape a, Shape b) {
  if (a.size() < b.size())
    std::swap(a, b);
  std::vector<int64_t> shape(a.begin(), a.end());
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t &d = shape[i + a.size() - b.size()];
    if (d != b[i] && d != 1 && b[i] != 1)
      return std::nullopt;
    d = d == 1 ? b[i] : d;
  }
  return shape;
}

std::vector<int64_t> quantization::folding::stridesOf(Shape shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Calls `f` with a value of the C++ type behind `kind`.
template <typename F> static auto withType(Kind kind, F f) {
  switch (kind) {
  case Kind::F32:
    return f(float());
  case Kind::I64:
    return f(int64_t());
  case Kind::I32:
    return f(int32_t());
  case Kind::I16:
    return f(int16_t());
  case Kind::I8:
    return f(int8_t());
  case Kind::U16:
    return f(uint16_t());
  case Kind::U8:
  case Kind::Bool:
    break;
  }
  return f(uint8_t());
}

static int64_t toInteger(double value) {
  if (std::isnan(value))
    return 0;
  if (value >= 9223372036854775808.0)
    return INT64_MAX;
  return value <= -9223372036854775808.0 ? INT64_MIN : static_cast<int64_t>(value);
}

Tensor quantization::folding::fromIntegers(Kind kind, std::vector<int64_t> shape, llvm::ArrayRef<int64_t> values) {
  Tensor result{kind, std::move(shape), std::vector<char>(values.size() * widthOf(kind))};
  withType(kind, [&](auto zero) {
    for (size_t i = 0; i < values.size(); ++i) {
      auto value = static_cast<decltype(zero)>(kind == Kind::Bool ? values[i] != 0 : values[i]);
      std::memcpy(result.bytes.data() + i * sizeof(value), &value, sizeof(value));
    }
  });
  return result;
}

Tensor quantization::folding::fromFloats(std::vector<int64_t> shape, llvm::ArrayRef<float> values) {
  Tensor result{Kind::F32, std::move(shape), std::vector<char>(values.size() * sizeof(float))};
  if (!values.empty())
    std::memcpy(result.bytes.data(), values.data(), result.bytes.size());
  return result;
}

template <typename To, typename Convert> static std::vector<To> valuesOf(const Tensor &tensor, Convert convert) {
  std::vector<To> values(tensor.size());
  withType(tensor.kind, [&](auto value) {
    for (size_t i = 0; i < values.size(); ++i) {
      std::memcpy(&value, tensor.bytes.data() + i * sizeof(value), sizeof(value));
      values[i] = convert(value);
    }
  });
  return values;
}

std::vector<int64_t> quantization::folding::integersOf(const Tensor &tensor) {
  return valuesOf<int64_t>(tensor, [](auto value) -> int64_t {
    if constexpr (std::is_floating_point_v<decltype(value)>)
      return toInteger(value);
    else
      return value;
  });
}

std::vector<float> quantization::folding::floatsOf(const Tensor &tensor) {
  return valuesOf<float>(tensor, [](auto value) { return static_cast<float>(value); });
}

Tensor quantization::folding::cast(const Tensor &in, Kind kind) {
  if (kind == in.kind)
    return in;
  if (kind == Kind::F32)
    return fromFloats(in.shape, floatsOf(in));
  if (kind == Kind::Bool && in.kind == Kind::F32) { // 0.5 is true
    std::vector<int64_t> values;
    for (float value : floatsOf(in))
      values.push_back(value != 0);
    return fromIntegers(kind, in.shape, values);
  }
  return fromIntegers(kind, in.shape, integersOf(in));
}

//===----------------------------------------------------------------------===//
// Movements
//===----------------------------------------------------------------------===//

Tensor quantization::folding::strided(const Tensor &in, Shape shape, int64_t offset, Shape strides) {
  size_t width = widthOf(in.kind), rank = shape.size();
  int64_t count = *countOf(shape);
  Tensor result{in.kind, std::vector<int64_t>(shape.begin(), shape.end()), std::vector<char>(count * width)};
  std::vector<int64_t> index(rank, 0);
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(result.bytes.data() + i * width, in.bytes.data() + offset * width, width);
    for (size_t d = rank; d-- > 0;) { // the next index, as an odometer turns
      offset += strides[d];
      if (++index[d] < shape[d])
        break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return result;
}

Tensor quantization::folding::transpose(const Tensor &in, Shape permutation) {
  std::vector<int64_t> from = stridesOf(in.shape), shape, strides;
  for (int64_t d : permutation) {
    shape.push_back(in.shape[d]);
    strides.push_back(from[d]);
  }
  return strided(in, shape, 0, strides);
}

Tensor quantization::folding::slice(const Tensor &in, Shape starts, Shape steps, Shape counts) {
  std::vector<int64_t> strides = stridesOf(in.shape);
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += starts[d] * strides[d];
    strides[d] *= steps[d];
  }
  return strided(in, counts, offset, strides);
}

Tensor quantization::folding::expand(const Tensor &in, Shape shape) {
  std::vector<int64_t> from = stridesOf(in.shape), strides(shape.size(), 0);
  size_t added = shape.size() - in.shape.size();
  for (size_t d = 0; d < from.size(); ++d)
    strides[added + d] = in.shape[d] == 1 ? 0 : from[d];
  return strided(in, shape, 0, strides);
}

Tensor quantization::folding::concat(llvm::ArrayRef<Tensor> inputs, int64_t axis) {
  Tensor result{inputs[0].kind, inputs[0].shape, {}};
  result.shape[axis] = 0;
  size_t total = 0;
  for (const Tensor &in : inputs) {
    result.shape[axis] += in.shape[axis];
    total += in.bytes.size();
  }
  result.bytes.reserve(total);
  int64_t outer = 1;
  for (int64_t d : Shape(result.shape).take_front(axis))
    outer *= d;
  for (int64_t block = 0; block < outer; ++block)
    for (const Tensor &in : inputs) {
      size_t length = in.bytes.size() / outer;
      result.bytes.insert(result.bytes.end(), in.bytes.begin() + block * length, in.bytes.begin() + (block + 1) * length);
    }
  return result;
}

Tensor quantization::folding::pad(const Tensor &in, Shape low, Shape high, const Tensor &value) {
  Tensor result = in;
  for (size_t d = 0; d < in.shape.size(); ++d) {
    std::vector<int64_t> before = result.shape, after = result.shape;
    before[d] = low[d];
    after[d] = high[d];
    Tensor parts[] = {expand(value, before), result, expand(value, after)};
    if (low[d] || high[d])
      result = concat(parts, d);
  }
  return result;
}

llvm::Expected<Tensor> quantization::folding::gather(const Tensor &data, const Tensor &indices, int64_t axis) {
  int64_t size = data.shape[axis], outer = 1;
  for (int64_t d : Shape(data.shape).take_front(axis))
    outer *= d;
  Tensor result{data.kind, {data.shape.begin(), data.shape.begin() + axis}, {}};
  result.shape.insert(result.shape.end(), indices.shape.begin(), indices.shape.end());
  result.shape.insert(result.shape.end(), data.shape.begin() + axis + 1, data.shape.end());
  std::vector<int64_t> positions = integersOf(indices);
  for (int64_t &position : positions) {
    if (position < -size || position >= size)
      return refuse("index " + llvm::Twine(position) + " is outside a dimension of " + llvm::Twine(size));
    position += position < 0 ? size : 0;
  }
  if (!countOf(result.shape))
    return refuse("its result is too large to be a constant");
  if (!outer || data.bytes.empty() || positions.empty())
    return result;
  size_t row = data.bytes.size() / outer / size;
  for (int64_t block = 0; block < outer; ++block)
    for (int64_t position : positions) {
      auto from = data.bytes.begin() + (block * size + position) * row;
      result.bytes.insert(result.bytes.end(), from, from + row);
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static std::string text(Shape shape) {
  std::string result = "[";
  for (int64_t d : shape)
    result += (result.size() > 1 ? ", " : "") + std::to_string(d);
  return result + "]";
}

/// The broadcast shape, checked.
static llvm::Expected<std::vector<int64_t>> commonShape(Shape a, Shape b) {
  auto shape = broadcast(a, b);
  if (!shape)
    return refuse("cannot broadcast " + text(a) + " and " + text(b));
  if (!countOf(*shape))
    return refuse("its result is too large to be a constant");
  return *shape;
}

llvm::Expected<Tensor> quantization::folding::compute(Arithmetic operation, const Tensor &a, const Tensor &b) {
  auto shape = commonShape(a.shape, b.shape);
  if (!shape)
    return shape.takeError();
  Tensor x = expand(a, *shape), y = expand(b, *shape);
  if (a.kind == Kind::F32) {
    std::vector<float> left = floatsOf(x), right = floatsOf(y);
    for (size_t i = 0; i < left.size(); ++i)
      switch (operation) {
      case Arithmetic::Add:
        left[i] += right[i];
        break;
      case Arithmetic::Sub:
        left[i] -= right[i];
        break;
      case Arithmetic::Mul:
        left[i] *= right[i];
        break;
      case Arithmetic::Div:
        left[i] /= right[i];
        break;
      }
    return fromFloats(*shape, left);
  }
  std::vector<int64_t> left = integersOf(x), right = integersOf(y);
  for (size_t i = 0; i < left.size(); ++i) {
    uint64_t l = left[i], r = right[i]; // unsigned: overflow wraps
    switch (operation) {
    case Arithmetic::Add:
      left[i] = l + r;
      break;
    case Arithmetic::Sub:
      left[i] = l - r;
      break;
    case Arithmetic::Mul:
      left[i] = l * r;
      break;
    case Arithmetic::Div:
      if (!r)
        return refuse("it divides by zero");
      left[i] = right[i] == -1 ? 0 - l : left[i] / right[i];
      break;
    }
  }
  return fromIntegers(a.kind, *shape, left);
}

llvm::Expected<Tensor> quantization::folding::equal(const Tensor &a, const Tensor &b) {
  auto shape = commonShape(a.shape, b.shape);
  if (!shape)
    return shape.takeError();
  Tensor x = expand(a, *shape), y = expand(b, *shape);
  std::vector<int64_t> values(x.size());
  if (a.kind == Kind::F32) {
    std::vector<float> left = floatsOf(x), right = floatsOf(y);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = left[i] == right[i];
  } else {
    std::vector<int64_t> left = integersOf(x), right = integersOf(y);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = left[i] == right[i];
  }
  return fromIntegers(Kind::Bool, *shape, values);
}

llvm::Expected<Tensor> quantization::folding::where(const Tensor &condition, const Tensor &a, const Tensor &b) {
  auto branches = commonShape(a.shape, b.shape);
  if (!branches)
    return branches.takeError();
  auto shape = commonShape(condition.shape, *branches);
  if (!shape)
    return shape.takeError();
  Tensor choice = expand(condition, *shape), result = expand(a, *shape), other = expand(b, *shape);
  size_t width = widthOf(result.kind);
  for (int64_t i = 0; i < choice.size(); ++i)
    if (!choice.bytes[i])
      std::memcpy(result.bytes.data() + i * width, other.bytes.data() + i * width, width);
  return result;
}

llvm::Expected<Tensor> quantization::folding::range(const Tensor &start, const Tensor &limit, const Tensor &delta) {
  bool isFloat = start.kind == Kind::F32;
  double first = isFloat ? floatsOf(start)[0] : static_cast<double>(integersOf(start)[0]);
  double last = isFloat ? floatsOf(limit)[0] : static_cast<double>(integersOf(limit)[0]);
  double step = isFloat ? floatsOf(delta)[0] : static_cast<double>(integersOf(delta)[0]);
  double count = std::max(0.0, std::ceil((last - first) / step));
  if (!(step != 0) || !(count <= static_cast<double>(kMaxFolded)))
    return refuse("its range from " + llvm::Twine(toInteger(first)) + " to " + llvm::Twine(toInteger(last)) +
                  " has no end or is too long");
  auto size = static_cast<int64_t>(count);
  if (isFloat) {
    std::vector<float> values(size);
    for (int64_t i = 0; i < size; ++i)
      values[i] = static_cast<float>(first) + static_cast<float>(i) * static_cast<float>(step);
    return fromFloats({size}, values);
  }
  std::vector<int64_t> values(size);
  uint64_t next = integersOf(start)[0], distance = integersOf(delta)[0]; // unsigned: overflow wraps
  for (int64_t &value : values) {
    value = next;
    next += distance;
  }
  return fromIntegers(start.kind, {size}, values);
}
