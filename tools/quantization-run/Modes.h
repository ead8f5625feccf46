//===- Modes.h - what quantization-run can do -------------------*- C++ -*-===//
//
// Part of quantization-opt. This file declares quantization-run's modes. Each prints its result and returns true when all
// went well; else `error` says why, or is empty where a verification found differences.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_MODES_H
#define QUANTIZATION_RUN_MODES_H

#include "Options.h"

namespace quantization {

/// Runs an artifact on samples; writes its outputs and prints its accuracy.
bool evaluate(const Options &options, std::string &error);
/// Times an artifact.
bool benchmark(const Options &options, std::string &error);
/// Tells what each step of a run takes.
bool profile(const Options &options, std::string &error);
/// Compares the values of every layer with float ones (--verify-against=onnxruntime and =float).
bool verifyValues(const Options &options, std::string &error);
/// Compares the integers of every layer with ONNX Runtime's (--verify-against=qdq).
bool verifySteps(const Options &options, std::string &error);

} // namespace quantization

#endif // QUANTIZATION_RUN_MODES_H
