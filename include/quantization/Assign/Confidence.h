//===- Confidence.h - what samples can show ---------------------*- C++ -*-===//
//
// This file declares how far the accuracy of a network that has been tried on some samples can be trusted on others. It knows no search.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_CONFIDENCE_H
#define QUANTIZATION_ASSIGN_CONFIDENCE_H

#include <cstdint>

namespace quantization {

/// Two networks on the same samples, by which of them are right. Expected counts need not be whole.
struct PairedCounts {
  double both = 0, onlyFirst = 0, onlySecond = 0;
};

/// What a number drawn from the normal distribution stays below with this probability, 0.5 to 1.
double normalQuantile(double probability);

/// The second network's accuracy relative to the first's that it has at least with this confidence, 0.5 to 1: one-sided, by the score statistic of a
/// ratio of paired proportions (Nam and Blackwelder 2002; Tang, Tang and Chan 2003). Where nothing is right by the second network only
/// because nothing can be, as the first is always right, that is Wilson's bound of a proportion. At 0.5 it is the ratio that was counted.
double lowerRelativeAccuracy(const PairedCounts &counts, double confidence);

/// How many samples the first network must be right on, so that no disagreement at all shows that at most `drop` of its accuracy is lost.
double rightToShow(double drop, double confidence);
/// The least loss that this many show.
double leastDropShown(int64_t right, double confidence);

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_CONFIDENCE_H
