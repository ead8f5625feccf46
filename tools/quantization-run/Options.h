//===- Options.h - the command line of quantization-run ---------*- C++ -*-===//
//
// Part of quantization-opt. This file holds quantization-run's options.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_OPTIONS_H
#define QUANTIZATION_RUN_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quantization {

struct Options {
  std::string model, inputs, outputs, labels, name, verifyAgainst;
  bool help = false, benchmark = false, profile = false, byTime = false, json = false;
  int threads = 1;
  int64_t samples = 0;    ///< 0: all
  int64_t iterations = 0; ///< 0: as many as fit in a second
  int64_t warmup = 10;
  int64_t maxSteps = 1;
  std::optional<double> minSqnr, minAgreement;
  std::vector<std::string> compilerFlags; ///< what follows `--`

  /// Nullopt, and `error` set, for what makes no sense.
  static std::optional<Options> parse(int argc, char **argv, std::string &error);
  static const char *helpText();
};

} // namespace quantization

#endif // QUANTIZATION_RUN_OPTIONS_H
