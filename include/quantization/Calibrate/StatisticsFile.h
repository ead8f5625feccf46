//===- StatisticsFile.h - statistics as JSON --------------------*- C++ -*-===//
//
// This file defines the file in which statistics outlive a compilation:
//   {"schema": 1, "model": "<sha256>", "samples": N, "values": {"<layer>":
//    {"min": , "max": , "count": , "zeros": , "exponent": , "bins": [...]}}}
// A negative entry -k of "bins" stands for k empty bins.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_STATISTICSFILE_H
#define QUANTIZATION_CALIBRATE_STATISTICSFILE_H

#include "quantization/Calibrate/Statistics.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <string>

namespace quantization {

struct StatisticsFile {
  static constexpr int64_t schema = 1;

  std::string file;  ///< where it was read from, for messages
  std::string model; ///< SHA-256 of the model's bytes, in hexadecimal
  int64_t samples = 0;
  std::map<std::string, Statistics, std::less<>> values; ///< by layer

  /// Reads `text`, the contents of `fileName`. Fails with one line when it is not such a file or contradicts itself.
  static llvm::Expected<StatisticsFile> parse(llvm::StringRef text, llvm::StringRef fileName);

  /// Every number reads back as the same bits.
  void write(llvm::raw_ostream &os) const;

  /// Fails when the statistics were recorded on another model than the one with this hash.
  llvm::Error checkModel(llvm::StringRef hash) const;
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_STATISTICSFILE_H
