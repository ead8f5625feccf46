//===- Costs.h - what formats cost ------------------------------*- C++ -*-===//
//
// This file declares what number formats cost in memory, traffic and arithmetic, known from widths and shapes alone. docs/Costs.md has
// the formulas and where they are from.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_COSTS_H
#define QUANTIZATION_ASSIGN_COSTS_H

#include "quantization/Assign/Stages.h"
#include <map>

namespace quantization {

/// Float values, and everything before formats are chosen.
constexpr int64_t kFloatBits = 32;

struct FormatWidth {
  std::string format = "float"; ///< its name, without options
  int64_t bits = kFloatBits;
  /// Of weights: as NumberFormat says.
  int64_t cluster = 0, factorBits = 0;
  bool isAdditive = false;
};

/// Bytes of values stored without gaps.
constexpr int64_t packedBytes(int64_t elements, int64_t bits) { return (elements * bits + 7) / 8; }

//===----------------------------------------------------------------------===//
// Layers with weights
//===----------------------------------------------------------------------===//

/// A convolution or matrix product in one run of the network.
struct LayerWork {
  std::string layer;
  int64_t positions = 0; ///< of the result, per channel: pixels, rows
  int64_t channels = 0;  ///< of the result, in all groups
  int64_t depth = 0;     ///< products that one result adds up
  int64_t groups = 1;
  int64_t weights = 0;   ///< trained ones; 0 for a product of two values
  int64_t biases = 0;
  FormatWidth weight, input, result;
  std::optional<double> zeroShare; ///< of the input, where it is known
  int64_t inputs = 0;              ///< channels that one result reads

  int64_t results() const { return positions * channels; }
  /// Products of a weight and a value.
  int64_t multiplications() const { return results() * depth; }
  /// What a result adds up before it is multiplied by a factor: so many sums.
  int64_t clusters() const { return weight.cluster ? (inputs + weight.cluster - 1) / weight.cluster : 1; }
  /// 1701.08978: multiplications that are left where products are added and subtracted, one for each cluster of a result.
  int64_t multiplicationsLeft() const { return weight.isAdditive ? results() * clusters() : multiplications(); }
  int64_t factorBits() const { return weights ? channels * clusters() * weight.factorBits : 0; }
  /// 1704.03079: bits that enter a multiplier, weight and value.
  int64_t computeCost() const { return multiplications() * (weight.bits + input.bits); }
  int64_t weightBytes() const { return packedBytes(weights * weight.bits + factorBits(), 1); }
  /// All parameters as wide as the weights.
  int64_t parameterBytes() const { return packedBytes((weights + biases) * weight.bits + factorBits(), 1); }
  int64_t resultBytes() const { return packedBytes(results(), result.bits); }
  /// Multiplications by inputs that are zero, every input taken to be read equally often.
  std::optional<int64_t> skippable() const;
};

struct WorkTotal {
  int64_t multiplications = 0, multiplicationsLeft = 0, computeCost = 0, weights = 0, parameters = 0, weightBytes = 0, parameterBytes = 0;
  int64_t results = 0, resultBytes = 0; ///< of layers with weights
  std::optional<int64_t> skippable;     ///< where it is known of a layer
  std::map<std::pair<int64_t, int64_t>, int64_t> byWidth; ///< multiplications by bits of weight and value

  /// The share of multiplications that additions take the place of.
  double replacedRatio() const { return multiplications ? 1 - double(multiplicationsLeft) / multiplications : 0; }
  /// To the same multiplications on floats.
  double computeRatio() const { return multiplications ? computeCost / (2.0 * kFloatBits * multiplications) : 1; }
  /// From this many samples at a time on, results take more memory than weights.
  std::optional<int64_t> resultsOutweighWeightsFrom() const;
};

WorkTotal totalOf(llvm::ArrayRef<LayerWork> layers);

//===----------------------------------------------------------------------===//
// Traffic
//===----------------------------------------------------------------------===//

struct StageTraffic {
  Stage stage;
  int64_t data = 0, weights = 0; ///< elements that its sublayers read and write; elements of weights
  int64_t dataBits = 0, weightBits = 0;
};

/// 1511.05236: what the sublayers read and write, each at the width of its stage. Stages that are not counted are in no sum.
struct Traffic {
  std::vector<StageTraffic> stages;
  int64_t data = 0, weights = 0, dataBits = 0, weightBits = 0;

  /// To 32 bits, with weights read once for many samples, and once for each.
  double batchedRatio() const { return data ? double(dataBits) / (kFloatBits * data) : 1; }
  double unbatchedRatio() const { return data ? double(dataBits + weightBits) / (kFloatBits * (data + weights)) : 1; }
};

/// `widthsOf` gives bits of values and of weights for a sublayer with weights; others have those of their stage's leader.
Traffic trafficOf(llvm::ArrayRef<Sublayer> sublayers, llvm::ArrayRef<StageRule> rules,
                  llvm::function_ref<std::pair<int64_t, int64_t>(llvm::StringRef)> widthsOf);

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// A value that is kept from step `first` to step `last`.
struct LiveValue {
  int64_t bytes = 0;
  size_t first = 0, last = 0;
};

/// The most bytes that live at one step, and the first such step.
std::pair<int64_t, size_t> peakOf(llvm::ArrayRef<LiveValue> values);

//===----------------------------------------------------------------------===//
// A model of an accelerator
//===----------------------------------------------------------------------===//

/// A tile of multipliers and adder trees, as a JSON table describes it. What follows from it is a model, not a measurement.
struct Accelerator {
  struct Row {
    std::string weights; ///< a glob for names of formats
    int64_t weightBits = 0, valueBits = 0;
    double area = 0, power = 0; ///< mm², mW
  };
  std::string note;
  double clock = 0;                           ///< MHz
  int64_t tileOutputs = 0, tileInputs = 0; ///< results at once, products per result
  std::vector<Row> rows;

  /// The error names every problem, one `file: problem` per line.
  static llvm::Expected<Accelerator> parse(llvm::StringRef json, llvm::StringRef file);
  static llvm::Expected<Accelerator> load(llvm::StringRef path);
  /// lib/Assign/Costs/accelerator.json.
  static Accelerator standard();

  /// The first row whose glob matches the weights' format and that is wide enough; null where none is.
  const Row *rowFor(const FormatWidth &weight, const FormatWidth &value) const;
  int64_t cyclesOf(const LayerWork &layer) const;
  /// Microjoules of so many cycles.
  double energyOf(const Row &row, int64_t cycles) const { return row.power * cycles / (clock * 1000); }
};

struct ModelledCosts {
  int64_t cycles = 0;
  double microseconds = 0, energy = 0; ///< µJ
  double power = 0, area = 0;          ///< mW on average; mm² of the largest tile that a layer needs
  std::optional<double> energySaving, powerSaving, areaSaving; ///< of what float would take, 0 to 1
  std::vector<std::string> unknown;    ///< layers for which the table has no row: then only the cycles hold
};

ModelledCosts modelOf(llvm::ArrayRef<LayerWork> layers, const Accelerator &accelerator);

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_COSTS_H
