//===- Judge.cpp - how good a candidate's results are -----------*- C++ -*-===//
//
// This file scores results: by the classes that they name, as labelled or as the float network has them, or by their noise beside the float
// network's.
//
//===----------------------------------------------------------------------===//

#include "Judge.h"
#include "quantization/Calibrate/Samples.h"

using namespace quantization;

llvm::Expected<Judge> Judge::make(ScoreKind kind, llvm::StringRef labels, llvm::ArrayRef<Output> outputs, int64_t passes, int64_t batch) {
  Judge judge;
  judge.kind = kind, judge.passes = passes, judge.batch = batch, judge.numOutputs = outputs.size();
  if (kind == ScoreKind::Sqnr) {
    judge.names = llvm::map_to_vector(outputs, [](const Output &output) { return output.name; });
    judge.floats.assign(outputs.size(), std::vector<std::vector<float>>(passes));
    return judge;
  }
  constexpr const char *wayOut = "; --score=sqnr judges by noise instead";
  if (outputs.size() != 1)
    return llvm::createStringError("the network has " + std::to_string(outputs.size()) + " outputs, and samples are judged by the class that one output names" + wayOut);
  if (outputs[0].elements / batch < 2)
    return llvm::createStringError("output \"" + outputs[0].name + "\" is a single number, which names no class to judge by" + wayOut);
  judge.classes.assign(passes * batch, 0);
  judge.floatIsRight.assign(passes * batch, 1);
  if (!labels.empty())
    if (llvm::Error error = judge.readLabels(labels))
      return error;
  return judge;
}

llvm::Error Judge::readLabels(llvm::StringRef path) {
  std::vector<TensorSpec> specs{{"labels", ElementType::I64, {1}}};
  std::string error;
  std::unique_ptr<SampleSource> source = SampleSource::open(path.str(), specs, error);
  if (!source)
    return llvm::createStringError(error);
  // Samples that fill no batch are left out, so their labels may be there.
  if (int64_t judged = classes.size(); source->size() < judged || source->size() >= judged + batch)
    return llvm::createStringError(path + ": " + std::to_string(source->size()) + " labels for " + std::to_string(classes.size()) + " samples");
  std::vector<std::vector<char>> label;
  for (int64_t &value : classes) {
    if (!source->next(label, error))
      return llvm::createStringError(error);
    std::memcpy(&value, label[0].data(), sizeof(value));
  }
  hasLabels = true;
  return llvm::Error::success();
}

int64_t Judge::classOf(llvm::ArrayRef<float> results, int64_t sample) const {
  llvm::ArrayRef<float> scores = results.slice(results.size() / batch * sample, results.size() / batch);
  return std::distance(scores.begin(), llvm::max_element(scores));
}

void Judge::learn(int64_t pass, Results results) {
  if (kind == ScoreKind::Sqnr)
    for (auto [all, result] : llvm::zip_equal(floats, results))
      all[pass] = result.vec();
  else
    for (int64_t i = 0; i < batch; ++i) {
      int64_t is = classOf(results[0], i), &right = classes[pass * batch + i];
      if (hasLabels)
        floatIsRight[pass * batch + i] = is == right;
      else
        right = is;
    }
}

llvm::Error Judge::finish() {
  for (const auto &output : floats) {
    double &signal = signals.emplace_back(0);
    for (const std::vector<float> &pass : output)
      for (float value : pass)
        signal += double(value) * value;
    if (!(signal > 0 && std::isfinite(signal)))
      return llvm::createStringError("output \"" + names[signals.size() - 1] + "\" of the float network is zero or no number, beside which noise says nothing");
  }
  return llvm::Error::success();
}

void Judge::errorsOf(int64_t pass, Results results, llvm::MutableArrayRef<double> errors) const {
  if (kind == ScoreKind::Sqnr) {
    for (auto [error, output, result] : llvm::zip_equal(errors, floats, results)) {
      error = 0;
      for (auto [is, want] : llvm::zip_equal(result, output[pass]))
        error += (double(is) - want) * (double(is) - want);
      if (std::isnan(error))
        error = HUGE_VAL;
    }
    return;
  }
  errors[0] = errors[1] = 0;
  for (int64_t i = pass * batch; i < (pass + 1) * batch; ++i)
    if (classOf(results[0], i - pass * batch) != classes[i])
      errors[0] += 1, errors[1] += floatIsRight[i];
}

Score Judge::scoreOf(llvm::ArrayRef<double> sums, int64_t passes) const {
  if (kind == ScoreKind::Classes) {
    int64_t count = passes * batch;
    return {count - static_cast<int64_t>(sums[0]), count, static_cast<int64_t>(sums[1])};
  }
  // The share of the signal that is not noise, of the worst output.
  double share = 1;
  for (auto [noise, signal] : llvm::zip_equal(sums, signals))
    share = std::min(share, 1 - noise / signal);
  return {static_cast<int64_t>(std::floor(std::max(0.0, share) * kSqnrUnits)), kSqnrUnits};
}
