//===- Facts.h - what observers carry ---------------------------*- C++ -*-===//
//
// This file declares how recorded statistics and calibration methods are written into attributes and read back.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_FACTS_H
#define QUANTIZATION_CALIBRATE_FACTS_H

#include "quantization/Calibrate/RangeEstimation.h"
#include "quantization/Calibrate/Statistics.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

/// As in a statistics file, a negative entry -k of `bins` stands for k empty bins.
nn::StatisticsAttr toAttribute(mlir::MLIRContext *context, const Statistics &statistics);

/// None when the numbers contradict each other, as only a hand-written attribute can.
std::optional<Statistics> fromAttribute(nn::StatisticsAttr attribute);

/// `min-max`, `percentile=99.99`, `kl` or `mse`: what `#nn.precision` holds.
std::string toText(CalibrationMethod method);
std::optional<CalibrationMethod> parseCalibrationMethod(llvm::StringRef text);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_FACTS_H
