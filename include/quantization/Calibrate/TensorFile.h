//===- TensorFile.h - ONNX tensors in files of their own --------*- C++ -*-===//
//
// Part of quantization-opt. This file reads a serialized ONNX TensorProto, as ONNX's test data sets hold them
// (input_0.pb), with a wire reader of its own: quantization-run uses it without protobuf.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_TENSORFILE_H
#define QUANTIZATION_CALIBRATE_TENSORFILE_H

#include "quantization/Calibrate/Array.h"

namespace quantization {

/// A tensor with its elements, row-major.
struct TensorFile {
  std::string name;
  ElementType type = ElementType::F32;
  Shape shape;
  std::vector<char> data;

  /// Reads `path`; nullopt, and `error` set, when it is no tensor of numbers or lacks data.
  static std::optional<TensorFile> read(const std::string &path, std::string &error);
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_TENSORFILE_H
