//===- Samples.h - a stream of input samples --------------------*- C++ -*-===//
//
// Part of quantization-opt. This file gives a network's input samples one after the other, from numpy files or ONNX test
// data sets; memory does not grow with their number. Plain C++: quantization-run uses it without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_SAMPLES_H
#define QUANTIZATION_CALIBRATE_SAMPLES_H

#include "quantization/Calibrate/Array.h"

#include <memory>

namespace quantization {

/// An input of a network. `shape` has the batch in front: a sample is one entry along that axis, whatever its size. An
/// input without a batch is described with a 1 in front of its shape.
struct TensorSpec {
  std::string name;
  ElementType type = ElementType::F32;
  Shape shape;

  /// `shape` without the batch.
  Shape sampleShape() const { return shape.empty() ? Shape() : Shape(shape.begin() + 1, shape.end()); }
  /// Elements and bytes of one sample.
  int64_t sampleElements() const { return elementCount(sampleShape()).value_or(0); }
  size_t sampleBytes() const { return size_t(sampleElements()) * elementSize(type); }
};

/// Samples of all inputs of a network.
class SampleSource {
public:
  virtual ~SampleSource();

  /// Opens `path`, which is one of
  ///  - an .npz with one array per input, its key the input's name, its leading axis the samples;
  ///  - a folder with NAME.npy per input (a `/` in the name may be a `_` in the file's);
  ///  - an .npy, for a network of one input;
  ///  - an ONNX test data set (a folder with input_0.pb, ...), or a folder of those (test_data_set_0, ...); a tensor
  ///    belongs to the input of its own name, else to the one at the place that the file's number says.
  /// Elements convert to the spec's type where no value changes its meaning (see convertElements). Returns null, and an
  /// error of one line, for what does not fit `inputs`, and where there is no sample at all.
  static std::unique_ptr<SampleSource> open(const std::string &path, const std::vector<TensorSpec> &inputs,
                                            std::string &error);

  /// The number of samples.
  virtual int64_t size() const = 0;

  /// Arrays of an .npz that belong to no input.
  const std::vector<std::string> &unused() const { return others; }
  /// What to say of them, for a person; empty where there are none.
  std::string whyUnused() const;

  /// Reads the next sample: `buffers[i]` becomes input i's `sampleBytes()`, row-major. False after the last sample, with
  /// `error` empty, and on an error (which names input and sample, e.g. for NaN and Inf), with `error` set.
  bool next(std::vector<std::vector<char>> &buffers, std::string &error);

  /// Starts again at the first sample.
  virtual bool rewind(std::string &error) = 0;

protected:
  SampleSource(std::string path, std::vector<TensorSpec> inputs) : path(std::move(path)), inputs(std::move(inputs)) {}

  /// Reads sample `position` (one after the other) of all inputs.
  virtual bool readSample(std::vector<std::vector<char>> &buffers, std::string &error) = 0;
  /// Converts one sample of `input` to its spec's type.
  bool convertSample(size_t input, const char *data, ElementType type, char *to, std::string &error) const;

  std::string path;
  std::vector<TensorSpec> inputs;
  std::vector<std::string> others;
  int64_t position = 0;
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_SAMPLES_H
