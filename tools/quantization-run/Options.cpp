//===- Options.cpp - the command line of quantization-run -------*- C++ -*-===//
//
// Part of quantization-opt. This file parses quantization-run's command line.
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <cmath>
#include <cstdlib>

namespace quantization {

const char *Options::helpText() {
  return R"(usage:
  quantization-run MODEL.so --inputs=DATA --outputs=OUT.npz [--labels=LABELS.npy]
  quantization-run MODEL.so --benchmark [--inputs=DATA]
  quantization-run MODEL.onnx --profile [--inputs=DATA] -- FLAGS
  quantization-run MODEL.onnx --inputs=DATA --verify-against=onnxruntime|float|qdq -- FLAGS

Runs a compiled network on data, times it or its steps, or compares it with a reference layer by layer.

DATA is an .npz (keys are the names of the network's inputs, the leading axis counts samples), a folder with NAME.npy
per input, an .npy for a network of one input, or a folder of ONNX test data sets.

  --inputs=DATA         samples to run on
  --outputs=OUT.npz     where to write the outputs, under their names in the ONNX model
  --labels=LABELS.npy   one class index per sample; prints the top-1 accuracy of the first output
  --threads=N           samples are shared out to N threads (default 1); the outputs do not depend on N
  --samples=N           only the first N samples
  --name=NAME           the network's name in the artifact, where the file has been renamed

  --benchmark           time per sample; on random inputs unless --inputs is given
  --profile             compile MODEL.onnx by quantization-opt with FLAGS and time each step of a run; MODEL may also be a
                        .so that was compiled with --profile
  --by-time             the steps that take longest first
  --iterations=N        timed passes per thread (default: as many as fit in a second)
  --warmup=N            passes before timing starts (default 10)
  --json                print the benchmark, the profile or the verification as JSON

  --verify-against=R    compile MODEL.onnx by quantization-opt with FLAGS and compare every layer's values with
                          onnxruntime  those of the float model in ONNX Runtime
                          float        those of the same model compiled with --policy=float
                          qdq          the integers of the exported QDQ model in ONNX Runtime, each layer computed
                                       from ONNX Runtime's inputs to it
  --max-steps=N         qdq: largest difference of a layer that is right, in steps of its output (default 1)
  --min-agreement=P     qdq: smallest share of samples, in percent, with the same top-1 class
  --min-sqnr=DB         onnxruntime, float: smallest signal-to-noise ratio of a layer that is right
  --help                this text

environment:
  QUANTIZATION_OPT         the compiler, if it is not beside quantization-run
  QUANTIZATION_PYTHON      a Python that has numpy, onnx and onnxruntime
  QUANTIZATION_PYTHONPATH  the folder of the Python package `quantization`

exit status: 0 if all went well and what was verified is right, else 1
)";
}

namespace {
bool parseNumber(const std::string &text, double &value) {
  char *end = nullptr;
  value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' && std::isfinite(value);
}

bool parseInteger(const std::string &text, int64_t low, int64_t high, int64_t &value) {
  double number;
  if (!parseNumber(text, number) || number != std::floor(number) || number < double(low) || number > double(high))
    return false;
  value = int64_t(number);
  return true;
}
} // namespace

std::optional<Options> Options::parse(int argc, char **argv, std::string &error) {
  constexpr int64_t many = 1000000000;
  Options options;
  auto fail = [&](const std::string &text) {
    error = text;
    return std::nullopt;
  };
  bool haveFlags = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--") {
      haveFlags = true;
      options.compilerFlags.assign(argv + i + 1, argv + argc);
      break;
    }
    if (argument.rfind("-", 0) != 0) {
      if (!options.model.empty())
        return fail("more than one model: " + options.model + " and " + argument);
      options.model = argument;
      continue;
    }
    size_t equals = argument.find('=');
    bool hasValue = equals != std::string::npos;
    std::string key = argument.substr(0, equals), value = hasValue ? argument.substr(equals + 1) : "";
    auto isFlag = [&](const char *name, bool &flag) {
      if (key != name || hasValue)
        return false;
      return flag = true;
    };
    auto isText = [&](const char *name, std::string &text) {
      if (key != name || value.empty())
        return false;
      text = value;
      return true;
    };
    if (argument == "-h" || isFlag("--help", options.help)) {
      options.help = true;
      return options;
    }
    if (isFlag("--benchmark", options.benchmark) || isFlag("--json", options.json) ||
        isFlag("--profile", options.profile) || isFlag("--by-time", options.byTime) ||
        isText("--inputs", options.inputs) || isText("--outputs", options.outputs) ||
        isText("--labels", options.labels) || isText("--name", options.name) ||
        isText("--verify-against", options.verifyAgainst))
      continue;

    int64_t threads = 0;
    struct {
      const char *name;
      int64_t low, high;
      int64_t *value;
    } integers[] = {{"--threads", 1, 1024, &threads},
                    {"--samples", 1, many, &options.samples},
                    {"--iterations", 1, many, &options.iterations},
                    {"--warmup", 0, many, &options.warmup},
                    {"--max-steps", 0, many, &options.maxSteps}};
    bool known = false;
    for (auto &integer : integers) {
      if (key != integer.name)
        continue;
      known = true;
      if (!parseInteger(value, integer.low, integer.high, *integer.value))
        return fail(argument + ": expected " + key + "=N with an integer N in [" + std::to_string(integer.low) + ", " +
                    std::to_string(integer.high) + "]");
    }
    if (threads)
      options.threads = int(threads);
    for (auto [name, number] :
         {std::pair("--min-sqnr", &options.minSqnr), std::pair("--min-agreement", &options.minAgreement)}) {
      if (key != name)
        continue;
      known = true;
      number->emplace();
      if (!parseNumber(value, **number))
        return fail(argument + ": expected " + key + "= with a number");
    }
    if (!known)
      return fail("unknown or incomplete option " + argument +
                  "; options are written --option=value, and --help lists them");
  }

  if (options.model.empty())
    return fail("no model given; --help lists the options");
  const std::string &against = options.verifyAgainst;
  bool isModel = options.model.size() > 5 && options.model.compare(options.model.size() - 5, 5, ".onnx") == 0;
  if (options.byTime && !options.profile)
    return fail("--by-time goes with --profile");
  if (options.profile) {
    if (options.benchmark || !against.empty() || !options.outputs.empty() || !options.labels.empty())
      return fail("--profile goes with neither --benchmark nor --verify-against nor --outputs nor --labels");
    if (options.threads != 1)
      return fail("--profile makes one run at a time; for threads that share a run, give --threads=N to the compiler, after --");
    if (haveFlags && !isModel)
      return fail("flags after -- are the compiler's, and " + options.model + " is compiled already; profile the .onnx file, or leave them out");
    return options;
  }
  if (!against.empty()) {
    if (against != "onnxruntime" && against != "float" && against != "qdq")
      return fail("--verify-against=" + against + ": expected onnxruntime, float or qdq");
    if (options.inputs.empty())
      return fail("--verify-against needs --inputs=DATA");
    if (options.benchmark || !options.outputs.empty() || !options.labels.empty())
      return fail("--verify-against goes with neither --benchmark nor --outputs nor --labels");
    return options;
  }
  if (haveFlags)
    return fail("flags after -- are the compiler's and only go with --verify-against and --profile");
  if (isModel)
    return fail(options.model +
                ": is a model, not an artifact; compile it by quantization-opt --emit=lib, or give --verify-against or --profile");
  if (options.benchmark) {
    if (!options.outputs.empty() || !options.labels.empty())
      return fail("--benchmark goes with neither --outputs nor --labels");
    return options;
  }
  if (options.json)
    return fail("--json goes with --benchmark, --profile or --verify-against");
  if (options.outputs.empty() && options.labels.empty())
    return fail("nothing to do: give --outputs, --labels, --benchmark, --profile or --verify-against");
  if (options.inputs.empty())
    return fail("no samples: give --inputs=DATA");
  return options;
}

} // namespace quantization
