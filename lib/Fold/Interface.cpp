//===- Interface.cpp - the caller's element types ---------------*- C++ -*-===//
//
// This file reads --io and judges --input-mean and --input-std.
//
//===----------------------------------------------------------------------===//

#include "quantization/Fold/Interface.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantization;
using llvm::StringRef;

llvm::Expected<InterfaceTypes> InterfaceTypes::parse(StringRef text) {
  auto [input, output] = text.split(',');
  if (!text.contains(','))
    output = input;
  for (StringRef type : {input, output})
    if (type != "f32" && type != "u8" && type != "i8")
      return llvm::createStringError("--io=" + text.str() +
                                     " is unknown; known are f32, u8 and i8, one for both or --io=IN,OUT such as u8,f32");
  return InterfaceTypes{input.str(), output.str()};
}

std::string quantization::whyNoPixels(StringRef input, llvm::ArrayRef<double> mean, llvm::ArrayRef<double> std) {
  if (mean.empty() && std.empty())
    return "";
  if (input == "f32")
    return "mean and std describe 8-bit pixels: give --io=u8 with them";
  for (double value : mean)
    if (!std::isfinite(static_cast<float>(value)))
      return llvm::formatv("mean must be finite, not {0}", value).str();
  for (double value : std)
    if (!(static_cast<float>(value) > 0) || !std::isfinite(static_cast<float>(value)))
      return llvm::formatv("std must be positive, not {0}", value).str();
  return "";
}

std::string quantization::whyNoChannels(StringRef name, llvm::ArrayRef<int64_t> shape, size_t means, size_t stds) {
  size_t channels = shape.size() < 2 ? 1 : static_cast<size_t>(shape[1]);
  auto fits = [&](size_t count) { return count <= 1 || count == channels; };
  if (fits(means) && fits(stds))
    return "";
  return "input \"" + name.str() + "\" has " + std::to_string(channels) + " channels, but mean and std have " + std::to_string(means) +
         " and " + std::to_string(stds) + " entries";
}
