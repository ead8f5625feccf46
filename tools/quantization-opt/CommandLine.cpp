//===- CommandLine.cpp - the driver's own flags -----------------*- C++ -*-===//
//
// This file defines the flags that quantization-opt has beside those of mlir-opt.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace quantization;

// Sorts before the others in --help.
static cl::OptionCategory category("Compiling a network");

static cl::opt<std::string> emitKind("emit", cl::cat(category), cl::value_desc("kind"),
                                     cl::desc("What to write: lib, obj, c-header, asm, llvm, mlir, onnx-qdq, report, report-text or policy\n"
                                              "(default: by the name of the output, .so .o .h .s .ll .mlir .onnx .json .txt .yaml,\n"
                                              "else mlir)"));
static cl::opt<std::string> fromForm("from", cl::cat(category), cl::value_desc("form"),
                                     cl::desc("The form of an IR input, to go on from: raw, network, observed, assigned, simulated,\n"
                                              "integral, additive, tiled or lowered"));
static cl::opt<std::string> toForm("to", cl::cat(category), cl::value_desc("form"),
                                   cl::desc("Stop at the end of this form's room and write IR"));
static cl::opt<std::string> policy("policy", cl::cat(category), cl::value_desc("name or file"), cl::init("float"),
                                   cl::desc("The number formats: float (default), int8, int8-symmetric, a format such as int4 or dfp8, or a YAML or JSON file"));
static cl::opt<std::string> calibrateWith("calibrate-with", cl::cat(category), cl::value_desc("path"),
                                          cl::desc("Samples: an .npz, a folder of .npy, or ONNX test_data_set folders"));
static cl::opt<std::string> loadStatisticsFrom("load-statistics-from", cl::cat(category), cl::value_desc("file"),
                                               cl::desc("Use the statistics of an earlier calibration (JSON)"));
static cl::opt<std::string> saveStatisticsTo("save-statistics-to", cl::cat(category), cl::value_desc("file"),
                                             cl::desc("Keep the statistics of this calibration (JSON)"));
static cl::opt<std::string> layers("layers", cl::cat(category), cl::value_desc("mode"),
                                   cl::desc("outputs: also return the value of every layer; isolated: also take it as an input"));
static cl::opt<std::string> io("io", cl::cat(category), cl::init("f32"), cl::value_desc("type or in,out"),
                               cl::desc("Element type of inputs and outputs, f32 (default), u8 or i8; or of each: u8,f32.\n"
                                        "8-bit values are codes, scale * (code - zero point), as the C header states;\n"
                                        "with --input-mean or --input-std, inputs are pixels instead"));
static cl::list<double> inputMean("input-mean", cl::cat(category), cl::CommaSeparated, cl::value_desc("numbers"),
                                  cl::desc("8-bit inputs are pixels, of which (pixel - mean) / std is taken:\n"
                                           "one number, or one per channel"));
static cl::list<double> inputStd("input-std", cl::cat(category), cl::CommaSeparated, cl::value_desc("numbers"),
                                 cl::desc("See --input-mean"));
static cl::list<std::string> shapes("shape", cl::cat(category), cl::value_desc("name=1x3x224x224"),
                                    cl::desc("The shape of an input with dimensions that the model leaves open"));
static cl::opt<std::string> triple("mtriple", cl::cat(category), cl::value_desc("triple"),
                                   cl::desc("Target triple, x86-64 or AArch64 with ELF files (default: this machine)"));
static cl::opt<std::string> cpu("mcpu", cl::cat(category), cl::value_desc("name"),
                                cl::desc("Target processor (default: this machine's)"));
static cl::opt<std::string> features("mattr", cl::cat(category), cl::value_desc("+a,-b"), cl::desc("Target features"));
static cl::list<std::string> libraryPaths("library-path", cl::cat(category), cl::value_desc("folder"),
                                          cl::desc("Where a foreign target's libm.so.6 and libc.so.6 are, for --emit=lib"));
static cl::list<std::string> lowerings("lowering", cl::cat(category), cl::value_desc("GLOB:name"),
                                       cl::desc("How the layers of that name become code: loops, shift (weights that are powers of two)\n"
                                                "or a kernel of the target; may be given several times"));
static cl::opt<bool> profile("profile", cl::cat(category), cl::desc("Read the clock between the steps of a run, for quantization-run --profile"));
static cl::opt<bool> entry("entry", cl::cat(category), cl::desc("Export run(in, out), with memory of its own, from an object too"));
static cl::opt<bool> emulateKernels("emulate-kernels", cl::cat(category), cl::Hidden,
                                    cl::desc("Choose the kernels of the machine named by --mcpu and --mattr, but spell out their\n"
                                             "instructions for this one, to test what does not run here"));
static cl::opt<std::string> costTable("cost-table", cl::cat(category), cl::value_desc("file"),
                                      cl::desc("The accelerator that a report models (JSON, see docs/Costs.md)"));
static cl::opt<bool> searchFlag("search", cl::cat(category), cl::desc("Search for the formats of each stage; --emit=policy writes them, others use them"));
static cl::opt<std::string> evaluateWith("evaluate-with", cl::cat(category), cl::value_desc("path"),
                                         cl::desc("Samples that a search judges formats by; others than --calibrate-with's"));
static cl::opt<std::string> labels("labels", cl::cat(category), cl::value_desc("file"),
                                   cl::desc("Their classes (.npy); by default those that the float network gives"));
static cl::opt<std::string> maxDrop("max-drop", cl::cat(category), cl::value_desc("1%"), cl::init("1%"),
                                    cl::desc("The share of the float network's accuracy that may be lost (default: 1%)"));
static cl::opt<std::string> confidence("confidence", cl::cat(category), cl::value_desc("95%"), cl::init("95%"),
                                       cl::desc("How sure it is that no more is lost on other samples (default: 95%; 50%: as counted)"));
static cl::opt<std::string> score("score", cl::cat(category), cl::value_desc("name"),
                                  cl::desc("What a search judges by: accuracy (default with --labels), agreement with the float\n"
                                           "network's classes, or sqnr, the noise of results"));
static cl::opt<std::string> minSqnr("min-sqnr", cl::cat(category), cl::value_desc("20"), cl::init("20"),
                                    cl::desc("With --score=sqnr: decibels by which results are above their noise (default: 20)"));
static cl::opt<std::string> maxTraffic("max-traffic", cl::cat(category), cl::value_desc("ratio"),
                                       cl::desc("Budget of a search: traffic of values, as a ratio to 32 bits each"));
static cl::opt<std::string> maxWeightBytes("max-weight-bytes", cl::cat(category), cl::value_desc("200K"),
                                           cl::desc("Budget of a search: bytes of weights (K: 1000, M: 1000000)"));
static cl::opt<std::string> maxActivationBytes("max-activation-bytes", cl::cat(category), cl::value_desc("200K"),
                                               cl::desc("Budget of a search: bytes of results of layers with weights"));
static cl::opt<std::string> maxLatency("max-latency", cl::cat(category), cl::value_desc("2.5"),
                                       cl::desc("Budget of a search: milliseconds per sample, measured on this machine"));
static cl::opt<std::string> minimize("minimize", cl::cat(category), cl::value_desc("cost"), cl::init("traffic"),
                                     cl::desc("What a search makes as small as it can: traffic (default), weight-bytes,\n"
                                              "activation-bytes or latency"));
static cl::opt<std::string> searchMethod("search-method", cl::cat(category), cl::value_desc("name"), cl::init("guided"),
                                         cl::desc("guided (default), descent, that of 1511.05236, or uniform: the same formats\n"
                                                  "for all stages"));
static cl::opt<std::string> searchWeights("search-weights", cl::cat(category), cl::value_desc("formats"), cl::init("int2..int8"),
                                          cl::desc("Formats of weights to choose from (default: int2..int8)"));
static cl::opt<std::string> searchActivations("search-activations", cl::cat(category), cl::value_desc("formats"), cl::init("uint2..uint8"),
                                              cl::desc("Formats of values to choose from (default: uint2..uint8; q1.0..q8.8 goes down\n"
                                                       "in two directions)"));
static cl::opt<std::string> searchLog("search-log", cl::cat(category), cl::value_desc("file"),
                                      cl::desc("Keep what a search has evaluated, and go on from there"));
static cl::opt<std::string> searchMemory("search-memory", cl::cat(category), cl::value_desc("1G"), cl::init("1G"),
                                         cl::desc("What a search may keep of values and weights to save time (default: 1G)"));
static cl::opt<std::string> pareto("pareto", cl::cat(category), cl::value_desc("file"),
                                   cl::desc("Candidates that no other beats in cost and accuracy, as .csv or .json"));
/// LLVM's library has a flag of the next one's name, for link-time optimization.
static const bool madeRoom = [] {
  auto &registered = cl::getRegisteredOptions();
  if (auto other = registered.find("threads"); other != registered.end())
    other->second->removeArgument();
  return true;
}();
static cl::opt<int64_t> threads("threads", cl::cat(category), cl::init(1), cl::value_desc("number"),
                               cl::desc("Threads that share the loops of one run (default: 1)"));
static cl::opt<bool> quiet("quiet", cl::cat(category), cl::desc("No progress, and no list of layers that stay float"));

void preferOwnFlags() {
  for (auto &[name, option] : cl::getRegisteredOptions()) {
    bool common = name == "help" || name == "help-hidden" || name == "version";
    if (!common && !is_contained(option->Categories, &category) && option->getOptionHiddenFlag() == cl::NotHidden)
      option->setHiddenFlag(cl::Hidden);
  }
}

bool wantsCompiler(StringRef input) {
  if (input.ends_with(".onnx") || emitKind.getNumOccurrences() || fromForm.getNumOccurrences() || toForm.getNumOccurrences())
    return true;
  // mlir-opt knows what to say of a file that is not there, and an empty module is none to compile.
  uint64_t size;
  if (input == "-" || !sys::fs::exists(input) || (!sys::fs::file_size(input, size) && size == 0 && input.ends_with(".mlir")))
    return false;
  Expected<InputKind> kind = detectInput(input);
  if (kind)
    return *kind == InputKind::Onnx;
  consumeError(kind.takeError());
  return true; // and reports it
}

/// Names of devices say nothing.
static bool isDevice(StringRef path) { return sys::fs::exists(path) && !sys::fs::is_regular_file(path) && !sys::fs::is_directory(path); }

static Expected<Form> readForm(const cl::opt<std::string> &flag) {
  if (std::optional<Form> form = parseForm(flag))
    return *form;
  return createStringError("--" + flag.ArgStr.str() + "=" + flag + " is no form; known are " + allForms());
}

static Expected<EmitKind> readEmit(StringRef output, bool &asText) {
  StringRef name = emitKind;
  bool given = emitKind.getNumOccurrences();
  if (!given && !toForm.getNumOccurrences() && output != "-" && !isDevice(output)) {
    name = StringSwitch<StringRef>(sys::path::extension(output))
               .Case(".so", "lib").Case(".o", "obj").Case(".h", "c-header").Case(".s", "asm").Case(".ll", "llvm")
               .Case(".onnx", "onnx-qdq").Case(".yaml", "policy").Case(".json", "report").Case(".txt", "report-text").Case(".mlir", "mlir").Default("");
    if (name.empty())
      return createStringError("-o " + output + ": the name does not say what to write; end it in .so, .o, .h, .s, .ll, .onnx, .json, "
                                                ".txt, .yaml or .mlir, or give --emit=KIND");
  } else if (!given) {
    name = "mlir";
  }
  auto kind = StringSwitch<std::optional<EmitKind>>(name)
                  .Case("mlir", EmitKind::MLIR).Case("llvm", EmitKind::LLVM).Case("asm", EmitKind::Assembly)
                  .Case("obj", EmitKind::Object).Case("lib", EmitKind::Library).Case("c-header", EmitKind::Header)
                  .Case("onnx-qdq", EmitKind::OnnxQdq).Cases({"report", "report-text"}, EmitKind::Report)
                  .Case("policy", EmitKind::Policy).Default(std::nullopt);
  asText = name == "report-text";
  if (kind)
    return *kind;
  return createStringError("--emit=" + name.str() + " is unknown; known are mlir, llvm, asm, obj, lib, c-header, onnx-qdq, report, "
                           "report-text and policy");
}

static Expected<std::pair<std::string, std::vector<int64_t>>> readShape(StringRef text) {
  // Names may hold '=': the shape follows the last one.
  auto [name, dimensions] = text.rsplit('=');
  std::vector<int64_t> shape;
  SmallVector<StringRef> parts;
  dimensions.split(parts, 'x');
  for (StringRef part : parts) {
    int64_t size;
    if (part.getAsInteger(10, size) || size < 1)
      return createStringError("--shape=" + text.str() + ": expected name=1x3x224x224 with positive dimensions");
    shape.push_back(size);
  }
  if (name.empty())
    return createStringError("--shape=" + text.str() + ": expected name=1x3x224x224");
  return std::pair(name.str(), shape);
}

/// `0.5`, and with a suffix that stands for a factor `1%` or `200K`.
static Expected<double> readNumber(const cl::opt<std::string> &flag, ArrayRef<std::pair<StringRef, double>> suffixes, double most) {
  StringRef text = flag.getValue();
  double factor = 1, value;
  for (auto [suffix, stands] : suffixes)
    if (text.consume_back(suffix)) {
      factor = stands;
      break;
    }
  if (text.getAsDouble(value) || !(value >= 0) || value * factor > most)
    return createStringError("--" + flag.ArgStr.str() + "=" + flag + ": expected a number such as " + flag.ValueStr.str());
  return value * factor;
}

static Expected<std::optional<SearchOptions>> readSearch() {
  SmallVector<const cl::opt<std::string> *> ofSearch = {&evaluateWith, &labels,        &maxDrop,       &confidence,   &score,       &minSqnr, &maxTraffic,        &maxWeightBytes, &maxActivationBytes, &maxLatency,
                                                        &minimize,     &searchMethod, &searchWeights, &searchActivations, &searchLog,      &searchMemory, &pareto};
  if (!searchFlag) {
    for (const cl::opt<std::string> *flag : ofSearch)
      if (flag->getNumOccurrences())
        return createStringError("--" + flag->ArgStr.str() + " is for a search; give --search, or leave it out");
    return std::nullopt;
  }
  SearchOptions options;
  options.evaluateWith = evaluateWith, options.labels = labels;
  options.weights = searchWeights, options.activations = searchActivations;
  options.pareto = pareto, options.log = searchLog;
  auto memory = readNumber(searchMemory, {{"K", 1e3}, {"M", 1e6}, {"G", 1e9}}, 1e15);
  if (!memory)
    return memory.takeError();
  options.memory = static_cast<int64_t>(*memory);
  auto drop = readNumber(maxDrop, {{"%", 0.01}}, 1);
  if (!drop)
    return drop.takeError();
  options.goal.maxDrop = *drop;
  auto sure = readNumber(confidence, {{"%", 0.01}}, 1);
  if (!sure)
    return sure.takeError();
  if (*sure < 0.5 || *sure > 0.9999)
    return createStringError("--confidence=" + confidence + ": expected 50% to 99.99%");
  options.goal.confidence = *sure;
  if (score.getNumOccurrences() && score != "accuracy" && score != "agreement" && score != "sqnr")
    return createStringError("--score=" + score + " is unknown; known are accuracy, agreement and sqnr");
  if (score == "accuracy" && labels.empty())
    return createStringError("--score=accuracy needs the classes of samples: give --labels");
  if ((score == "agreement" || score == "sqnr") && !labels.empty())
    return createStringError("--score=" + score + " needs no --labels; leave one of them out");
  if (score == "sqnr") {
    if (maxDrop.getNumOccurrences())
      return createStringError("--max-drop is of accuracies; with --score=sqnr give --min-sqnr");
    if (confidence.getNumOccurrences())
      return createStringError("--confidence is of counted samples, and --score=sqnr counts none; leave one of them out");
    options.goal.confidence = 0.5;
    auto decibels = readNumber(minSqnr, {{"dB", 1}}, 80);
    if (!decibels)
      return decibels.takeError();
    options.score = ScoreKind::Sqnr;
    options.goal.maxDrop = dropOfSqnr(*decibels);
  } else if (minSqnr.getNumOccurrences()) {
    return createStringError("--min-sqnr is for --score=sqnr; give that, too, or leave it out");
  }
  for (auto [flag, cost] : {std::pair{&maxTraffic, Cost::Traffic}, {&maxWeightBytes, Cost::WeightBytes}, {&maxActivationBytes, Cost::ActivationBytes},
                            {&maxLatency, Cost::Latency}}) {
    if (!flag->getNumOccurrences())
      continue;
    std::pair<StringRef, double> share{"%", 0.01}, time[] = {{"ms", 1}, {"us", 1e-3}}, bytes[] = {{"K", 1e3}, {"M", 1e6}, {"G", 1e9}};
    auto budget = cost == Cost::Traffic   ? readNumber(*flag, share, 1e300)
                  : cost == Cost::Latency ? readNumber(*flag, time, 1e300)
                                          : readNumber(*flag, bytes, 1e300);
    if (!budget)
      return budget.takeError();
    options.goal.budgets[static_cast<size_t>(cost)] = *budget;
  }
  auto cost = StringSwitch<std::optional<Cost>>(minimize).Case("traffic", Cost::Traffic).Case("weight-bytes", Cost::WeightBytes)
                  .Case("activation-bytes", Cost::ActivationBytes).Case("latency", Cost::Latency).Default(std::nullopt);
  if (!cost)
    return createStringError("--minimize=" + minimize + " is unknown; known are traffic, weight-bytes, activation-bytes and latency");
  options.goal.minimize = *cost;
  auto method = StringSwitch<std::optional<SearchMethod>>(searchMethod).Case("guided", SearchMethod::Guided)
                    .Case("descent", SearchMethod::Descent).Case("uniform", SearchMethod::Uniform).Default(std::nullopt);
  if (!method)
    return createStringError("--search-method=" + searchMethod + " is unknown; known are guided, descent and uniform");
  options.method = *method;
  return options;
}

Expected<CompileOptions> readCommandLine(StringRef input, StringRef output) {
  CompileOptions options;
  options.input = input.str();
  options.output = output.str();
  auto kind = readEmit(output, options.reportAsText);
  if (!kind)
    return kind.takeError();
  options.emit = *kind;
  for (auto [flag, form] : {std::pair{&fromForm, &options.from}, std::pair{&toForm, &options.to}}) {
    if (!flag->getNumOccurrences())
      continue;
    auto parsed = readForm(*flag);
    if (!parsed)
      return parsed.takeError();
    *form = *parsed;
  }
  for (const std::string &text : shapes) {
    auto shape = readShape(text);
    if (!shape)
      return shape.takeError();
    options.shapes.insert(*shape);
  }
  if (!layers.empty() && layers != "outputs" && layers != "isolated")
    return createStringError("--layers=" + layers + " is unknown; known are outputs and isolated");
  auto types = InterfaceTypes::parse(io);
  if (!types)
    return types.takeError();
  options.calibrateWith = calibrateWith;
  if (policy.getNumOccurrences())
    options.rooms.policy = policy;
  options.rooms.loadStatistics = loadStatisticsFrom;
  options.rooms.saveStatistics = saveStatisticsTo;
  options.rooms.layers = layers;
  options.rooms.io = *types;
  options.rooms.mean.assign(inputMean.begin(), inputMean.end());
  options.rooms.std.assign(inputStd.begin(), inputStd.end());
  options.triple = triple;
  options.cpu = cpu;
  options.features = features;
  options.libraryPaths.assign(libraryPaths.begin(), libraryPaths.end());
  options.entry = entry;
  options.rooms.lowerings.assign(lowerings.begin(), lowerings.end());
  options.rooms.profile = profile;
  options.costTable = costTable;
  auto found = readSearch();
  if (!found)
    return found.takeError();
  options.search = *found;
  options.quiet = quiet;
  options.rooms.emulated = emulateKernels;
  if (threads < 1 || threads > kMostThreads)
    return createStringError("--threads=" + Twine(threads) + ": expected 1 to " + Twine(kMostThreads));
  if (threads.getNumOccurrences())
    options.threads = threads;
  // The linker registers flags of these names for itself.
  for (cl::opt<std::string> *flag : {&triple, &cpu, &features})
    flag->removeArgument();
  return options;
}
