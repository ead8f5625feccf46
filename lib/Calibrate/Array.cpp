//===- Array.cpp - element types and shapes of arrays -----------*- C++ -*-===//
//
// Part of quantization-opt. This file names element types and converts arrays from one to another.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Array.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace quantization {

namespace {
struct TypeEntry {
  const char *name, *descriptor;
  size_t size;
};

/// In the order of `ElementType`.
constexpr TypeEntry types[] = {
    {"bool", "|b1", 1},   {"int8", "|i1", 1},   {"uint8", "|u1", 1},  {"int16", "<i2", 2},
    {"uint16", "<u2", 2}, {"int32", "<i4", 4},  {"uint32", "<u4", 4}, {"int64", "<i8", 8},
    {"uint64", "<u8", 8}, {"float16", "<f2", 2}, {"float32", "<f4", 4}, {"float64", "<f8", 8},
};

constexpr int64_t maxElements = int64_t(1) << 48;

/// IEEE binary16, held as its bits.
struct Half {
  uint16_t bits;
};

/// Any nonzero byte is true.
struct Boolean {
  uint8_t byte;
};

float toFloat(Half half) {
  int exponent = (half.bits >> 10) & 31, mantissa = half.bits & 1023;
  float magnitude = exponent == 0    ? std::ldexp(float(mantissa), -24)
                    : exponent != 31 ? std::ldexp(float(mantissa + 1024), exponent - 25)
                    : mantissa       ? std::numeric_limits<float>::quiet_NaN()
                                     : std::numeric_limits<float>::infinity();
  return half.bits & 0x8000 ? -magnitude : magnitude;
}

/// Calls `f` with a value of the C++ type that stores `type`.
template <typename F> auto dispatch(ElementType type, F f) {
  switch (type) {
  case ElementType::Bool:
    return f(Boolean());
  case ElementType::I8:
    return f(int8_t());
  case ElementType::U8:
    return f(uint8_t());
  case ElementType::I16:
    return f(int16_t());
  case ElementType::U16:
    return f(uint16_t());
  case ElementType::I32:
    return f(int32_t());
  case ElementType::U32:
    return f(uint32_t());
  case ElementType::I64:
    return f(int64_t());
  case ElementType::U64:
    return f(uint64_t());
  case ElementType::F16:
    return f(Half());
  case ElementType::F32:
    return f(float());
  case ElementType::F64:
    break;
  }
  return f(double());
}

template <typename T> auto arithmeticValue(T value) {
  if constexpr (std::is_same_v<T, Half>)
    return toFloat(value);
  else if constexpr (std::is_same_v<T, Boolean>)
    return uint8_t(value.byte != 0);
  else
    return value;
}

/// Stores `value` as a `To`; false when it does not fit.
template <typename To, typename From> bool store(From value, To &to) {
  if constexpr (std::is_same_v<To, Boolean>) {
    to.byte = uint8_t(value);
    return value == From(0) || value == From(1);
  } else if constexpr (std::is_floating_point_v<To>) {
    to = To(value);
    return std::isfinite(to);
  } else if constexpr (std::is_integral_v<To> && std::is_integral_v<From>) {
    to = To(value);
    return From(to) == value && (to < To(0)) == (value < From(0));
  } else {
    return false; // floats to integers, and halves, which nothing is converted to
  }
}

template <typename From, typename To>
std::optional<size_t> convert(const char *from, size_t count, char *to) {
  for (size_t i = 0; i < count; ++i) {
    From element;
    std::memcpy(&element, from + i * sizeof(From), sizeof(From));
    To converted{};
    if (!store(arithmeticValue(element), converted))
      return i;
    std::memcpy(to + i * sizeof(To), &converted, sizeof(To));
  }
  return std::nullopt;
}
} // namespace

const char *elementTypeName(ElementType type) { return types[int(type)].name; }
size_t elementSize(ElementType type) { return types[int(type)].size; }
const char *elementTypeDescriptor(ElementType type) { return types[int(type)].descriptor; }
bool isFloat(ElementType type) { return type >= ElementType::F16; }

std::optional<ElementType> parseElementTypeDescriptor(const std::string &descriptor) {
  for (int type = 0; type <= int(ElementType::F64); ++type) {
    const TypeEntry &entry = types[type];
    // Byte order means nothing for one byte.
    bool anyOrder = entry.size == 1 && !descriptor.empty() && std::strchr("<>|=", descriptor[0]);
    if (descriptor == entry.descriptor || (anyOrder && descriptor.substr(1) == entry.descriptor + 1))
      return ElementType(type);
  }
  return std::nullopt;
}

std::string shapeToString(const Shape &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::optional<int64_t> elementCount(const Shape &shape) {
  int64_t count = 1;
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    empty |= size == 0;
    if (size && count > maxElements / size)
      return std::nullopt;
    count *= size ? size : 1;
  }
  return empty ? 0 : count;
}

bool isConvertible(ElementType from, ElementType to) {
  return from == to || (to != ElementType::F16 && (isFloat(to) || !isFloat(from)));
}

std::optional<size_t> convertElements(const void *from, ElementType fromType, size_t count, void *to,
                                      ElementType toType) {
  if (fromType == toType && (!isFloat(toType) || toType == ElementType::F16)) {
    std::memcpy(to, from, count * elementSize(toType));
    return std::nullopt;
  }
  if (!isConvertible(fromType, toType))
    return count ? std::optional<size_t>(0) : std::nullopt;
  return dispatch(fromType, [&](auto source) {
    return dispatch(toType, [&](auto target) {
      return convert<decltype(source), decltype(target)>(static_cast<const char *>(from), count,
                                                         static_cast<char *>(to));
    });
  });
}

} // namespace quantization
