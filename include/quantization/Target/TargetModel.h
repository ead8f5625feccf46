//===- TargetModel.h - what passes ask of the machine -----------*- C++ -*-===//
//
// This file declares the questions that passes ask about the machine to compile for. No pass knows a processor's name.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_TARGETMODEL_H
#define QUANTIZATION_TARGET_TARGETMODEL_H

#include "mlir/IR/BuiltinOps.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quantization {

/// How a micro-kernel multiplies: per step and lane, `codes` values of the input times as many weights are added to one accumulator.
enum class DotKind {
  Fma,              ///< f32, one fused multiply-add
  MultiplyAddPairs, ///< i16 * i16, two neighbours added to i32 (vpmaddwd)
  DotBytes,         ///< u8 * i8, four neighbours added to i32 (vpdpbusd)
  MultiplyAddBytes, ///< u8 * i8, two neighbours added to i16, which saturates; sums of `chain` steps to i32 (vpmaddubsw)
  CountBits,        ///< words of 32 values between -1 and 1 by 32 weights that are 1 or -1: the bits of (sign ^ weight) & not zero counted
  Lookup,           ///< codes of 4 values between -1 and 1 by 4 weights that are 1 or -1: a row of a table, of which the weights pick one
  SubsetSums,       ///< sums of any of 4 values of 4 bits, of which the weights that are -1, not 1, pick one
  TileBytes,        ///< DotBytes on tile registers: rows of positions by columns of channels (tdpbusd)
  Additions,        ///< u8 added to and subtracted from i16, as ternary weights say that are known when the code is written
};

/// A tile register: its rows, and the bytes of each.
constexpr int64_t kTileRows = 16, kTileBytes = 64;

/// A row of the target's table of micro-kernels.
struct DotKernel {
  llvm::StringRef name; ///< as in the `lowering` of ops
  DotKind kind;
  int64_t lanes;     ///< accumulators of a register, or of a row of a tile
  int64_t codes;     ///< input values of a step
  int64_t registers; ///< of vectors, or tiles
  /// Each channel by itself: a step takes as many rows of the kernel, not neighbouring channels.
  bool depthwise;
  /// Values as the kernel reads them: f32, i16 (either sign), i8 (unsigned). CountBits: i32, a word with a bit for each of 32 values that is not
  /// 0; where some may be negative, of three codes, one with a bit for each that is; and the count of those that are not 0. Lookup: i16, the
  /// place of a row. SubsetSums: i32, for 4 values 8 words with 16 sums of their lower and 16 of their upper halves.
  int64_t inputBits;
  /// MultiplyAddBytes: as many steps are added up in 16 bits; of other kinds in bytes.
  int64_t chain = 1;
  /// So many weights share a byte in memory. For as many vectors of a step a vector of bytes has a weight of each, of the first in the lowest
  /// bits; vectors that are left over lie in a part of one each. All are stored with weightOffset() added; of 8 to a byte a bit says that
  /// one is 1, not -1, and blocks have 8 vectors. CountBits and SubsetSums: the codes of the input for a word, or a byte, of weights.
  int64_t packing = 1;

  /// The widest weights that it multiplies.
  int64_t weightBits() const {
    return kind == DotKind::Fma || kind == DotKind::CountBits ? 32 : kind == DotKind::MultiplyAddPairs ? 16 : kind == DotKind::SubsetSums ? 8 : 8 / packing;
  }
  /// Values of the input that are one code, or the codes of one step.
  int64_t valuesTogether() const {
    return kind == DotKind::CountBits ? 32 : kind == DotKind::SubsetSums ? 8 : kind == DotKind::Lookup ? 4 : 1;
  }
  /// The bits of a value before it is brought together with others.
  int64_t bitsOfValue() const { return valuesTogether() > 1 ? 8 : inputBits; }
  bool readsUnsignedBytes() const { return kind == DotKind::SubsetSums || inputBits == 8; }
  /// Whether results are the sum of the input less twice that of what weights of -1 take; the former then comes with the biases.
  bool addsSumOfInput() const { return kind == DotKind::SubsetSums; }
  /// Whether words may have negative values.
  bool hasNegativeWords() const { return codes == 3; }
  bool hasSignBits() const { return packing == 8; }
  /// Whether products are multiplied, not counted, read from tables or added.
  bool multiplies() const {
    return kind != DotKind::CountBits && kind != DotKind::Lookup && kind != DotKind::SubsetSums && kind != DotKind::Additions;
  }
  /// Whether weights become instructions, not operands.
  bool knowsWeights() const { return kind == DotKind::Additions; }
  /// Of Additions: the outputs that have a register for their sum; the others are for inputs and what is shared of them.
  int64_t sumsAtOnce() const { return registers - kInputRegisters; }
  static constexpr int64_t kInputRegisters = 4;
  /// Bytes, or larger elements, of weights that a lane has in memory for as many steps: for most kernels those of one step.
  int64_t storedCodes() const { return codes >= packing ? codes / packing : 1; }
  int64_t storedSteps() const { return storedCodes() * packing / codes; }
  int64_t weightOffset() const { return packing == 1 ? 0 : int64_t(1) << (weightBits() - 1); }
};

/// A contraction as the choice of its kernel sees it.
struct ContractionShape {
  bool isFloat, isDepthwise;
  /// Of stored input values (17 for u16, which no signed lane of 16 bits holds), and of the accumulator.
  int64_t inputBits, accumulatorBits;
  /// The largest input code, as a kernel on unsigned bytes reads it, and the largest weight, which are around zero: by their types.
  int64_t largestInput, largestWeight;
  /// That hold every weight, with its sign; and how many weights the layer has.
  int64_t weightBits, weights;
  /// Whether each weight is 1 or -1; and the smallest and the largest code of the input by its type, and its zero point.
  bool hasSignWeights;
  int64_t leastCode, largestCode, zeroPoint;
  int64_t groups, inputs, outputs; ///< channels of a group
  /// The values of a kernel row that lie side by side, and how many such runs a result has.
  int64_t run, runs;
  /// Results of a channel that lie side by side.
  int64_t positions;
  /// Whether it is one vector by a matrix.
  bool isVector;
  /// Of ternary weights of a convolution: how many stretches of inputs have a factor an output (SignedSums.h; 0 where they are no such), how
  /// many weights are not 0, and the positions of the result.
  int64_t sumChunks, nonzeros, area;
};

/// Whether `kernel` computes contractions of that shape.
bool computes(const DotKernel &kernel, const ContractionShape &shape);

/// The values of a run that one multiplication of `kernel` takes: a step's, or as many steps' as a tile has rows. Multiplications start
/// at multiples of it; the last one ends with the run, and what it has in common with the one before counts once.
int64_t depthOf(const DotKernel &kernel, int64_t run);
/// The steps that the weights of a run are packed into.
int64_t stepsOf(const DotKernel &kernel, int64_t run);

class TargetModel {
public:
  virtual ~TargetModel() = default;

  /// The kernel to use; null where the plain loops are to stay.
  virtual const DotKernel *chooseKernel(const ContractionShape &shape) const = 0;
  /// The kernel of that name; null where this machine has none.
  virtual const DotKernel *findKernel(llvm::StringRef name) const = 0;
  /// The names of all kernels that compute it, best first.
  virtual std::vector<llvm::StringRef> kernelsFor(const ContractionShape &shape) const = 0;
  /// The 32-bit lanes of a vector register.
  virtual int64_t lanes() const = 0;
  /// Whether kernels spell their instructions out in plain ones.
  virtual bool isEmulated() const = 0;
  /// How many threads share the loops of a layer.
  int64_t threads() const { return numThreads; }

  /// The model of the module's `fixed.target`; plain loops without one.
  static std::unique_ptr<TargetModel> of(mlir::ModuleOp module);
  /// The names of the kernels of all targets.
  static std::vector<llvm::StringRef> allKernels();

private:
  int64_t numThreads = 1;
};

} // namespace quantization

#endif // QUANTIZATION_TARGET_TARGETMODEL_H
