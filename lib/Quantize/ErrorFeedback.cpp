//===- ErrorFeedback.cpp - later weights make up for errors -----*- C++ -*-===//
//
// This file rounds weights as optimal brain surgery does, in a fixed order (2210.17323, Numerics R41).
//
//===----------------------------------------------------------------------===//

#include "ErrorFeedback.h"
#include <algorithm>
#include <cmath>

using llvm::ArrayRef;

namespace quantization {

InputProducts::InputProducts(size_t inputs, size_t window) : size(inputs), block(std::min(inputs, window)) {
  for (size_t first = 0; first < size; first += block) {
    size_t length = std::min(block, size - first);
    sums.emplace_back(length * length, 0.0);
  }
}

void InputProducts::add(ArrayRef<float> rows, size_t count, size_t thread, size_t threads) {
  for (size_t number = 0; number < sums.size(); ++number) {
    size_t first = number * block, length = std::min(block, size - first);
    double *sum = sums[number].data();
    for (size_t r = 0; r < count; ++r) {
      const float *row = rows.data() + r * size + first;
      for (size_t i = thread; i < length; i += threads) {
        if (double factor = row[i]; factor != 0)
          for (size_t j = i; j < length; ++j)
            sum[i * length + j] += factor * row[j];
      }
    }
  }
}

std::vector<double> InputProducts::factorOfInverse(size_t first) const {
  size_t n = std::min(block, size - first);
  const std::vector<double> &given = sums[first / block];
  double trace = 0;
  for (size_t i = 0; i < n; ++i)
    trace += given[i * n + i];
  double raised = trace / static_cast<double>(n) / 100;
  if (!(raised > 0) || !std::isfinite(raised))
    return {};
  // H = R R', R upper triangular, from the last column on; then U = 1 / R.
  std::vector<double> r = given;
  for (size_t i = 0; i < n; ++i)
    r[i * n + i] += raised;
  for (size_t column = n; column-- > 0;) {
    double pivot = std::sqrt(r[column * n + column]);
    if (!(pivot > 0))
      return {};
    for (size_t i = 0; i <= column; ++i)
      r[i * n + column] /= i == column ? 1 : pivot;
    r[column * n + column] = pivot;
    std::vector<double> above(column);
    for (size_t i = 0; i < column; ++i)
      above[i] = r[i * n + column];
    for (size_t i = 0; i < column; ++i)
      for (size_t j = i; j < column; ++j)
        r[i * n + j] -= above[i] * above[j];
  }
  // Rows of the inverse from the last on: U_i = (e_i - sum over k > i of R_ik U_k) / R_ii.
  std::vector<double> inverse(n * n, 0.0);
  for (size_t i = n; i-- > 0;) {
    double *row = inverse.data() + i * n;
    row[i] = 1;
    for (size_t k = i + 1; k < n; ++k)
      if (double factor = r[i * n + k]; factor != 0)
        for (size_t j = k; j < n; ++j)
          row[j] -= factor * inverse[k * n + j];
    for (size_t j = i; j < n; ++j)
      row[j] /= r[i * n + i];
  }
  return inverse;
}

std::vector<float> feedBackErrors(ArrayRef<float> weights, size_t outputs, const InputProducts &products, StepwiseRounding &rounding) {
  size_t inputs = products.inputs(), group = std::min(rounding.groupSize(), inputs);
  std::vector<std::vector<double>> factors;
  for (size_t first = 0; first < inputs; first += products.window())
    factors.push_back(products.factorOfInverse(first));
  std::vector<float> rounded(weights.size());
  for (size_t output = 0; output < outputs; ++output) {
    std::vector<double> now(weights.begin() + output * inputs, weights.begin() + (output + 1) * inputs);
    for (size_t at = 0; at < inputs; ++at) {
      if (at % group == 0)
        rounding.begin(std::vector<float>(now.begin() + at, now.begin() + std::min(at + group, inputs)));
      double value = rounding.round(now[at]);
      rounded[output * inputs + at] = static_cast<float>(value);
      const std::vector<double> &factor = factors[at / products.window()];
      if (factor.empty())
        continue;
      size_t first = at / products.window() * products.window(), length = std::min(products.window(), inputs - first), i = at - first;
      double error = (now[at] - value) / factor[i * length + i];
      for (size_t j = i + 1; j < length; ++j)
        now[first + j] -= error * factor[i * length + j];
    }
  }
  return rounded;
}

} // namespace quantization
