//===- Reference.h - values from ONNX Runtime -------------------*- C++ -*-===//
//
// Part of quantization-opt. This file asks ONNX Runtime, in a Python of its own, for the values inside a model.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_REFERENCE_H
#define QUANTIZATION_RUN_REFERENCE_H

#include "Compiler.h"

namespace quantization {

/// What ONNX Runtime knows of one value.
struct ReferenceValue {
  bool exists = false;
  bool isQuantized = false; ///< the integers that a QuantizeLinear makes
  bool hasGrid = false;     ///< scale and zero point are known
  double scale = 1;
  int64_t zeroPoint = 0;
  ElementType type = ElementType::F32; ///< of `data`
  std::vector<char> data;              ///< of the last run, samples one after the other
  int64_t elements = 0;                ///< of one sample, of the last run
};

class ReferenceModel {
public:
  /// Starts ONNX Runtime on `model`, to give the values of those names. With `quantized`, a value V is given as the
  /// integers V_quantized where the model has them.
  static std::unique_ptr<ReferenceModel> start(const std::string &model, const std::vector<std::string> &names,
                                               bool quantized, const TemporaryFolder &folder, std::string &error);
  /// Computes the values for samples of the inputs that `specs` describe.
  bool run(const std::vector<TensorSpec> &specs, const Buffers &inputs, int64_t samples, std::string &error);
  /// Null for a name that was not asked for.
  const ReferenceValue *value(const std::string &name) const;
  /// Asked for, but not in the model.
  std::vector<std::string> missing() const;

private:
  bool receiveDescription(std::string &error);

  std::vector<std::string> names;
  std::vector<ReferenceValue> values;
  std::string inputsFile, outputsFile;
  std::unique_ptr<Conversation> python;
};

} // namespace quantization

#endif // QUANTIZATION_RUN_REFERENCE_H
