//===- Array.h - element types and shapes of arrays -------------*- C++ -*-===//
//
// Part of quantization-opt. This file describes dense arrays as they come from users' files, and converts their
// elements to the type that a network's input wants. Plain C++: quantization-run uses it without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_ARRAY_H
#define QUANTIZATION_CALIBRATE_ARRAY_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quantization {

/// Element types of arrays in files and of a network's inputs and outputs; little-endian.
enum class ElementType { Bool, I8, U8, I16, U16, I32, U32, I64, U64, F16, F32, F64 };

/// numpy's name of `type`, e.g. "float32".
const char *elementTypeName(ElementType type);

/// Bytes of one element.
size_t elementSize(ElementType type);

bool isFloat(ElementType type);

/// numpy's descriptor, e.g. "<f4".
const char *elementTypeDescriptor(ElementType type);
std::optional<ElementType> parseElementTypeDescriptor(const std::string &descriptor);

using Shape = std::vector<int64_t>;

/// "[1, 3, 224, 224]"
std::string shapeToString(const Shape &shape);

/// The product of all sizes (1 for rank 0); nullopt where a size is negative or the product is beyond 2^48, which no
/// real array is.
std::optional<int64_t> elementCount(const Shape &shape);

/// Converts `count` elements. Floats are rounded to nearest; every integer converts to every float; integers and
/// booleans convert to integers that hold them. Returns the index of the first element that does not convert (a value
/// out of range, or NaN/Inf where `to` is a float), or nullopt when all did. Floats to integers: see `isConvertible`.
std::optional<size_t> convertElements(const void *from, ElementType fromType, size_t count, void *to,
                                      ElementType toType);

/// False for floats to integers, which would lose what the user wrote.
bool isConvertible(ElementType from, ElementType to);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_ARRAY_H
