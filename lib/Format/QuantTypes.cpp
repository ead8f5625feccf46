//===- QuantTypes.cpp - questions to a quantized type -----------*- C++ -*-===//
//
// This file answers them for the types that formats choose.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::quant;
using namespace quantization;

SmallVector<double> quantization::scalesOf(QuantizedType type) {
  if (auto uniform = dyn_cast<UniformQuantizedType>(type))
    return {uniform.getScale()};
  return SmallVector<double>(cast<UniformQuantizedPerAxisType>(type).getScales());
}

int64_t quantization::zeroPointOf(QuantizedType type) {
  if (auto uniform = dyn_cast<UniformQuantizedType>(type))
    return uniform.getZeroPoint();
  return 0;
}

int64_t quantization::channelAxisOf(QuantizedType type) {
  if (auto perAxis = dyn_cast<UniformQuantizedPerAxisType>(type))
    return perAxis.getQuantizedDimension();
  return -1;
}

int64_t quantization::magnitudeOf(QuantizedType type) {
  int64_t zero = zeroPointOf(type);
  return std::max(std::abs(type.getStorageTypeMax() - zero), std::abs(type.getStorageTypeMin() - zero));
}

bool quantization::isSignedStorage(QuantizedType type) { return type.isSigned(); }

Grid quantization::gridOf(QuantizedType type, int64_t channel) {
  SmallVector<double> scales = scalesOf(type);
  Grid grid;
  grid.scale = static_cast<float>(scales[scales.size() == 1 ? 0 : channel]);
  grid.zeroPoint = zeroPointOf(type);
  grid.lo = type.getStorageTypeMin();
  grid.hi = type.getStorageTypeMax();
  return grid;
}

ElementGrids::ElementGrids(QuantizedType type, ArrayRef<int64_t> shape) {
  int64_t axis = channelAxisOf(type);
  for (int64_t d : shape.drop_front(axis < 0 ? shape.size() : axis + 1))
    inner *= d;
  Grid grid = gridOf(type);
  for (double scale : scalesOf(type)) {
    grid.scale = static_cast<float>(scale);
    grids.push_back(grid);
  }
  inner = std::max<size_t>(inner, 1);
}

QuantizedType quantization::typeOf(MLIRContext *context, const Grid &grid, unsigned width, bool isSigned) {
  return UniformQuantizedType::get(isSigned ? QuantizationFlags::Signed : 0, IntegerType::get(context, width),
                                   Float32Type::get(context), grid.scale, grid.zeroPoint, grid.lo, grid.hi);
}

IntegerType quantization::storageOf(QuantizedType type) {
  unsigned width = type.getStorageTypeIntegralWidth();
  return IntegerType::get(type.getContext(), width <= 8 ? 8 : width <= 16 ? 16 : 32);
}

int64_t quantization::packedBits(int64_t levels) { return levels <= 2 ? 1 : levels <= 4 ? 2 : levels <= 16 ? 4 : 8; }

int64_t quantization::packedBits(QuantizedType type) { return packedBits(type.getStorageTypeMax() - type.getStorageTypeMin() + 1); }

std::vector<char> quantization::toStorage(QuantizedType type, ArrayRef<int64_t> codes) {
  unsigned width = storageOf(type).getWidth() / 8;
  std::vector<char> bytes(codes.size() * width);
  for (auto [i, code] : llvm::enumerate(codes))
    std::memcpy(bytes.data() + i * width, &code, width);
  return bytes;
}
