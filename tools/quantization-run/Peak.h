//===- Peak.h - what the machine does at most -------------------*- C++ -*-===//
//
// Part of quantization-opt. This file declares the measurement that steps of a profile are compared with.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_PEAK_H
#define QUANTIZATION_RUN_PEAK_H

#include <string>

namespace quantization {

/// Multiplications per second of the instruction that micro-kernel `kernel` is made of, back to back on registers, on so many threads
/// at once; 0 where `kernel` is none, or of another machine. The best of several tries: other programs only slow it down.
double measurePeak(const std::string &kernel, int threads);

} // namespace quantization

#endif // QUANTIZATION_RUN_PEAK_H
