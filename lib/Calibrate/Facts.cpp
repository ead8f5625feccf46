//===- Facts.cpp - what observers carry -------------------------*- C++ -*-===//
//
// This file converts statistics and calibration methods to attributes and back.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Facts.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace quantization;

nn::StatisticsAttr quantization::toAttribute(MLIRContext *context, const Statistics &statistics) {
  SmallVector<int64_t> runs;
  for (int64_t count : statistics.bins) {
    if (count != 0)
      runs.push_back(count);
    else if (!runs.empty() && runs.back() < 0)
      --runs.back();
    else
      runs.push_back(-1);
  }
  auto f32 = Float32Type::get(context);
  return nn::StatisticsAttr::get(context, FloatAttr::get(f32, statistics.min), FloatAttr::get(f32, statistics.max),
                                 statistics.count, statistics.zeros, statistics.exponent,
                                 DenseI64ArrayAttr::get(context, runs));
}

/// Fills `bins`; false when the entries describe another number of them.
static bool readBins(ArrayRef<int64_t> runs, std::vector<int64_t> &bins) {
  size_t next = 0;
  for (int64_t entry : runs) {
    if (next >= bins.size())
      return false;
    if (entry >= 0)
      bins[next++] = entry;
    else if (entry >= -static_cast<int64_t>(bins.size() - next))
      next += static_cast<size_t>(-entry);
    else
      return false;
  }
  return next == bins.size();
}

std::optional<Statistics> quantization::fromAttribute(nn::StatisticsAttr attribute) {
  Statistics statistics;
  int64_t exponent = attribute.getExponent();
  if (exponent < Statistics::minExponent || exponent > Statistics::maxExponent ||
      !readBins(attribute.getBins(), statistics.bins))
    return std::nullopt;
  statistics.min = static_cast<float>(attribute.getMin().getValueAsDouble());
  statistics.max = static_cast<float>(attribute.getMax().getValueAsDouble());
  statistics.count = attribute.getCount();
  statistics.zeros = attribute.getZeros();
  statistics.exponent = static_cast<int32_t>(exponent);
  int64_t left = statistics.count;
  for (int64_t count : statistics.bins) {
    if (count > left)
      return std::nullopt;
    left -= count;
  }
  double reach = std::ldexp(1.0, statistics.exponent);
  bool agrees = left == 0 && statistics.zeros >= 0 && statistics.zeros <= statistics.bins[Statistics::middle] &&
                statistics.min <= statistics.max && statistics.min > -reach && statistics.max < reach;
  return agrees ? std::optional(std::move(statistics)) : std::nullopt;
}

std::string quantization::toText(CalibrationMethod method) {
  std::string text = nameOf(method.method).str();
  if (!method.takesValue())
    return text;
  for (int digits : {6, 15, 17}) { // the fewest that read back as the same number
    std::string number;
    llvm::raw_string_ostream(number) << llvm::format("%.*g", digits, method.value);
    if (std::strtod(number.c_str(), nullptr) == method.value || digits == 17)
      return text + "=" + number;
  }
  return text;
}

std::optional<CalibrationMethod> quantization::parseCalibrationMethod(StringRef text) {
  auto [name, number] = text.split('=');
  std::optional<RangeMethod> method = parseRangeMethod(name);
  if (!method)
    return std::nullopt;
  CalibrationMethod result{*method, 0};
  if (!result.takesValue())
    return text == name ? std::optional(result) : std::nullopt;
  if (number.getAsDouble(result.value) || !CalibrationMethod::isValue(*method, result.value))
    return std::nullopt;
  return result;
}
