//===- StatisticsFile.cpp - statistics as JSON ------------------*- C++ -*-===//
//
// This file reads and writes statistics, and refuses what is damaged or stale.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/StatisticsFile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>
#include <limits>

namespace quantization {

namespace json = llvm::json;

/// Brackets of a statistics file never nest deeper; a hostile file must not exhaust the parser's stack.
static constexpr int maxDepth = 16;

static llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static bool nestsTooDeeply(llvm::StringRef text) {
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString && c == '\\')
      ++i;
    else if (c == '"')
      inString = !inString;
    else if (!inString && (c == '[' || c == '{') && ++depth > maxDepth)
      return true;
    else if (!inString && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

/// Unpacks runs of empty bins; false when an entry is no integer or the number of bins is another.
static bool readBins(const json::Array &array, std::vector<int64_t> &bins) {
  size_t next = 0;
  for (const json::Value &value : array) {
    std::optional<int64_t> entry = value.getAsInteger();
    if (!entry || next >= bins.size())
      return false;
    if (*entry >= 0)
      bins[next++] = *entry;
    else if (*entry >= -static_cast<int64_t>(bins.size() - next))
      next -= *entry;
    else
      return false;
  }
  return next == bins.size();
}

/// Whether the parts agree, as in every recorded object.
static bool isConsistent(const Statistics &statistics) {
  uint64_t sum = 0, limit = static_cast<uint64_t>(statistics.count);
  for (int64_t count : statistics.bins) {
    if (static_cast<uint64_t>(count) > limit - sum)
      return false;
    sum += count;
  }
  double reach = std::ldexp(1.0, statistics.exponent);
  return sum == limit && statistics.zeros <= statistics.count &&
         statistics.zeros <= statistics.bins[Statistics::middle] && statistics.min <= statistics.max &&
         statistics.min > -reach && statistics.max < reach;
}

static llvm::Expected<Statistics> readStatistics(const json::Value &value, const llvm::Twine &where) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return failure(where + ": expected an object");
  Statistics statistics;
  for (auto [key, end] : {std::pair("min", &statistics.min), std::pair("max", &statistics.max)}) {
    std::optional<double> number = object->getNumber(key);
    if (!number || !(std::fabs(*number) <= std::numeric_limits<float>::max()))
      return failure(where + ": \"" + key + "\" is missing or not a 32-bit float");
    *end = static_cast<float>(*number);
  }
  for (auto [key, count] : {std::pair("count", &statistics.count), std::pair("zeros", &statistics.zeros)}) {
    std::optional<int64_t> number = object->getInteger(key);
    if (!number || *number < 0)
      return failure(where + ": \"" + key + "\" is missing or not a natural number");
    *count = *number;
  }
  std::optional<int64_t> exponent = object->getInteger("exponent");
  if (!exponent || *exponent < Statistics::minExponent || *exponent > Statistics::maxExponent)
    return failure(where + ": \"exponent\" is missing or not an integer from " +
                   llvm::Twine(Statistics::minExponent) + " to " + llvm::Twine(Statistics::maxExponent));
  statistics.exponent = static_cast<int32_t>(*exponent);
  const json::Array *bins = object->getArray("bins");
  if (!bins || !readBins(*bins, statistics.bins))
    return failure(where + ": \"bins\" is missing or does not describe " + llvm::Twine(Statistics::numBins) + " bins");
  if (!isConsistent(statistics))
    return failure(where + ": the numbers contradict each other; calibrate again");
  return statistics;
}

llvm::Expected<StatisticsFile> StatisticsFile::parse(llvm::StringRef text, llvm::StringRef fileName) {
  std::string start = fileName.str() + ": ";
  if (nestsTooDeeply(text))
    return failure(start + "not a statistics file: brackets nest too deeply");
  llvm::Expected<json::Value> root = json::parse(text);
  if (!root)
    return failure(start + "not valid JSON: " + llvm::toString(root.takeError()));
  const json::Object *object = root->getAsObject();
  if (!object)
    return failure(start + "not a statistics file: expected an object");
  const json::Value *version = object->get("schema");
  if (!version)
    return failure(start + "not a statistics file: \"schema\" is missing");
  if (version->getAsInteger() != schema)
    return failure(start + llvm::formatv("schema {0} is not known; this program reads schema {1}, so calibrate again",
                                         *version, schema));
  std::optional<llvm::StringRef> model = object->getString("model");
  if (!model)
    return failure(start + "\"model\" is missing or not a string");
  std::optional<int64_t> samples = object->getInteger("samples");
  if (!samples || *samples < 0)
    return failure(start + "\"samples\" is missing or not a natural number");
  const json::Object *values = object->getObject("values");
  if (!values)
    return failure(start + "\"values\" is missing or not an object");

  StatisticsFile result{fileName.str(), model->str(), *samples, {}};
  for (const auto &[layer, value] : *values) {
    llvm::Expected<Statistics> statistics = readStatistics(value, start + "layer \"" + layer.str() + "\"");
    if (!statistics)
      return statistics.takeError();
    result.values.emplace(layer.str(), std::move(*statistics));
  }
  return result;
}

static void writeBins(json::OStream &stream, const std::vector<int64_t> &bins) {
  for (size_t i = 0; i < bins.size();) {
    size_t end = i;
    while (end < bins.size() && bins[end] == 0)
      ++end;
    if (end > i) {
      stream.value(-static_cast<int64_t>(end - i));
      i = end;
    } else
      stream.value(bins[i++]);
  }
}

void StatisticsFile::write(llvm::raw_ostream &os) const {
  json::OStream stream(os);
  stream.object([&] {
    stream.attribute("schema", schema);
    stream.attribute("model", model);
    stream.attribute("samples", samples);
    stream.attributeBegin("values");
    os << '\n'; // one layer a line
    stream.object([&] {
      for (const auto &[layer, statistics] : values) {
        stream.attributeBegin(json::fixUTF8(layer));
        stream.object([&, &statistics = statistics] {
          stream.attribute("min", double(statistics.min));
          stream.attribute("max", double(statistics.max));
          stream.attribute("count", statistics.count);
          stream.attribute("zeros", statistics.zeros);
          stream.attribute("exponent", statistics.exponent);
          stream.attributeArray("bins", [&] { writeBins(stream, statistics.bins); });
        });
        os << '\n';
        stream.attributeEnd();
      }
    });
    stream.attributeEnd();
  });
  os << '\n';
}

llvm::Error StatisticsFile::checkModel(llvm::StringRef hash) const {
  if (hash == model)
    return llvm::Error::success();
  return failure(file + ": statistics of another model: recorded on " + model + ", but this one is " + hash +
                 "; calibrate again");
}

} // namespace quantization
