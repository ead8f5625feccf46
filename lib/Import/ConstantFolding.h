//===- ConstantFolding.h - ONNX tensors computed at compile time *- C++ -*-===//
//
// This file declares the arithmetic of shapes and constants on plain bytes. No MLIR here.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_CONSTANTFOLDING_H
#define QUANTIZATION_LIB_IMPORT_CONSTANTFOLDING_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <vector>

namespace quantization::folding {

enum class Kind { F32, I64, I32, I16, I8, U16, U8, Bool };

/// Bytes of one element.
unsigned widthOf(Kind kind);

/// Folded results above this many elements are refused: they belong into the network's input, not into its constants.
inline constexpr int64_t kMaxFolded = int64_t(1) << 28;

/// A dense row-major tensor, little-endian, one byte per boolean.
struct Tensor {
  Kind kind = Kind::F32;
  std::vector<int64_t> shape;
  std::vector<char> bytes;

  int64_t size() const { return static_cast<int64_t>(bytes.size()) / widthOf(kind); }
};

using Shape = llvm::ArrayRef<int64_t>;

/// The number of elements; none where it exceeds `kMaxFolded` or a dimension is negative.
std::optional<int64_t> countOf(Shape shape);
/// NumPy's common shape of `a` and `b`; none where they have none.
std::optional<std::vector<int64_t>> broadcast(Shape a, Shape b);
/// Row-major distances between neighbours along each dimension.
std::vector<int64_t> stridesOf(Shape shape);

Tensor fromIntegers(Kind kind, std::vector<int64_t> shape, llvm::ArrayRef<int64_t> values);
Tensor fromFloats(std::vector<int64_t> shape, llvm::ArrayRef<float> values);
/// Every value converted as C does; floats beyond the range of 64 bits saturate, NaN gives 0.
std::vector<int64_t> integersOf(const Tensor &tensor);
std::vector<float> floatsOf(const Tensor &tensor);

/// Element i of the result is `in[offset + i · strides]`. All movements below are special cases. The result has at most
/// `kMaxFolded` elements, and all reads lie inside: the caller checks both.
Tensor strided(const Tensor &in, Shape shape, int64_t offset, Shape strides);
Tensor transpose(const Tensor &in, Shape permutation);
Tensor slice(const Tensor &in, Shape starts, Shape steps, Shape counts);
/// `shape` is a broadcast of the input's.
Tensor expand(const Tensor &in, Shape shape);
/// Shapes agree but along `axis`.
Tensor concat(llvm::ArrayRef<Tensor> inputs, int64_t axis);
/// `low` and `high` counts per dimension of `value`, a tensor of one element of the input's kind.
Tensor pad(const Tensor &in, Shape low, Shape high, const Tensor &value);
/// ONNX Gather along `axis`; fails on an index outside.
llvm::Expected<Tensor> gather(const Tensor &data, const Tensor &indices, int64_t axis);

Tensor cast(const Tensor &in, Kind kind);
enum class Arithmetic { Add, Sub, Mul, Div };
/// Elementwise with broadcasting; both of one kind. Integers wrap, and fail on a division by zero.
llvm::Expected<Tensor> compute(Arithmetic operation, const Tensor &a, const Tensor &b);
/// Elementwise equality with broadcasting, as booleans.
llvm::Expected<Tensor> equal(const Tensor &a, const Tensor &b);
/// condition ? a : b with broadcasting; `a` and `b` of one kind.
llvm::Expected<Tensor> where(const Tensor &condition, const Tensor &a, const Tensor &b);
/// start, start + delta, ... up to before `limit`; scalars of one kind.
llvm::Expected<Tensor> range(const Tensor &start, const Tensor &limit, const Tensor &delta);

} // namespace quantization::folding

#endif // QUANTIZATION_LIB_IMPORT_CONSTANTFOLDING_H
