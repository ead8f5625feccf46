//===- ChannelMoments.cpp - mean and deviation by channel -------*- C++ -*-===//
//
// This file adds up values and their squares in doubles, in an order that is always the same (Numerics R38).
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/ChannelMoments.h"
#include <algorithm>
#include <cmath>

using namespace quantization;

ChannelSums::ChannelSums(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> order, int64_t axis)
    : places(1, 0), sums(shape[axis], 0), squares(shape[axis], 0), times(shape[axis], 0) {
  std::vector<size_t> strides(shape.size(), 1);
  for (size_t i = order.size(), stride = 1; i-- > 0;) {
    strides[order[i]] = stride;
    stride *= shape[order[i]];
  }
  channelStride = strides[axis];
  for (size_t dimension = 0; dimension < shape.size(); ++dimension) {
    if (static_cast<int64_t>(dimension) == axis)
      continue;
    std::vector<size_t> next;
    for (size_t place : places)
      for (int64_t i = 0; i < shape[dimension]; ++i)
        next.push_back(place + i * strides[dimension]);
    places = std::move(next);
  }
}

bool ChannelSums::add(llvm::ArrayRef<float> values, size_t from, size_t to) {
  auto addOne = [&](size_t channel, size_t place) {
    double value = values[place + channel * channelStride];
    sums[channel] += value;
    squares[channel] += value * value;
  };
  for (size_t channel = from; channel < to; ++channel)
    ++times[channel];
  // Neighbours in memory one after the other.
  if (channelStride == 1)
    for (size_t place : places)
      for (size_t channel = from; channel < to; ++channel)
        addOne(channel, place);
  else
    for (size_t channel = from; channel < to; ++channel)
      for (size_t place : places)
        addOne(channel, place);
  return std::all_of(squares.begin() + from, squares.begin() + to, [](double sum) { return std::isfinite(sum); });
}

ChannelMoments ChannelSums::moments() const {
  ChannelMoments moments;
  for (size_t channel = 0; channel < sums.size(); ++channel) {
    double count = static_cast<double>(times[channel]) * static_cast<double>(places.size());
    double mean = sums[channel] / count;
    moments.mean.push_back(mean);
    moments.deviation.push_back(std::sqrt(std::max(0.0, squares[channel] / count - mean * mean)));
  }
  return moments;
}
