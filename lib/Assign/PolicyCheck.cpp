//===- PolicyCheck.cpp - whether a policy can be followed -------*- C++ -*-===//
//
// This file reports all that is wrong with a policy, each problem at its line.
//
//===----------------------------------------------------------------------===//

#include "FormatGroups.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace quantization;

static std::string quoted(StringRef name) { return ("\"" + name + "\"").str(); }

/// A place in the policy; line 0 is the policy as a whole.
static Location placeIn(const Policy &policy, unsigned line, Location otherwise) {
  return line ? FileLineColLoc::get(otherwise.getContext(), policy.file, line, 1) : otherwise;
}
static std::string prefixOf(const Policy &policy, unsigned line) { return line ? "" : policy.file + ": "; }

static std::vector<StringRef> layersOf(ModuleOp network) {
  std::vector<StringRef> layers;
  network.walk([&](Operation *op) {
    if (isLayer(op))
      layers.push_back(nn::layerOf(op));
  });
  return layers;
}

//===----------------------------------------------------------------------===//
// Without a network
//===----------------------------------------------------------------------===//

static void reportSyntax(StringRef file, llvm::Error error, Location location) {
  // One problem per line; those of a file start with `file:line:`.
  std::string text = llvm::toString(std::move(error));
  for (StringRef problem : llvm::split(text, '\n')) {
    StringRef rest = problem;
    unsigned line = 0;
    if (rest.consume_front(file.str() + ":") && !rest.consumeInteger(10, line) && rest.consume_front(":"))
      emitError(FileLineColLoc::get(location.getContext(), file, line, 1)) << rest.ltrim();
    else
      emitError(location) << problem;
  }
}

static bool isKnown(const FormatSpec &spec) {
  auto format = parseFormat(spec);
  if (!format)
    llvm::consumeError(format.takeError());
  return static_cast<bool>(format);
}

/// Whether nothing but the width in its name is known of a format; an option that a known one lacks is a mistake.
static bool isWidthAlone(const FormatSpec &spec) {
  FormatSpec plain;
  plain.name = spec.name;
  return spec.bitsInName() && !isKnown(spec) && (spec.options.empty() || !isKnown(plain));
}

/// Bits of a code of `spec`, in the narrowest field that holds it.
static int64_t fieldBits(const FormatSpec &spec) {
  auto format = parseFormat(spec);
  if (format)
    return (*format)->isFloat() ? 32 : packedBits((*format)->levels());
  llvm::consumeError(format.takeError());
  return spec.bitsInName().value_or(32);
}

static bool hasFewBits(const PolicyRule &rule) { return rule.activations && fieldBits(*rule.activations) < 8; }

static bool checkFormats(const Policy &policy, Location location, bool onlyWidths) {
  bool valid = true;
  auto check = [&](const std::optional<FormatSpec> &spec, const PolicyRule *rule, bool weights) {
    if (!spec || (onlyWidths && isWidthAlone(*spec)))
      return;
    auto format = parseFormat(*spec);
    std::string problem;
    if (!format)
      problem = llvm::toString(format.takeError());
    else if (std::string why = weights ? (*format)->whyNotForWeights() : (*format)->whyNotForValues(); !why.empty())
      problem = (rule ? "rule " + quoted(rule->match) + ": " + (weights ? "weights" : "activations") : std::string("input")) +
                " cannot be " + spec->str() + ": " + why;
    if (problem.empty())
      return;
    valid = false;
    unsigned line = spec->line ? spec->line : rule ? rule->line : 0;
    emitError(placeIn(policy, line, location)) << prefixOf(policy, line) << problem;
  };
  check(policy.input, nullptr, false);
  for (const PolicyRule &rule : policy.rules) {
    check(rule.weights, &rule, true);
    check(rule.activations, &rule, false);
    if (!rule.packed || hasFewBits(rule))
      continue;
    valid = false;
    emitError(placeIn(policy, rule.line, location))
        << prefixOf(policy, rule.line) << "rule " << quoted(rule.match) << ": storage cannot be packed: activations are "
        << (rule.activations ? rule.activations->str() : "float") << ", and only values of 4 bits or fewer share a byte; leave storage out";
  }
  return valid;
}

/// For a format that names no policy, as what goes with it is a choice: how it is written into a file.
static std::optional<std::string> asPolicyFile(StringRef name) {
  auto format = parseFormat(name);
  if (!format) {
    llvm::consumeError(format.takeError());
    return std::nullopt;
  }
  StringRef weights = (*format)->whyNotForWeights().empty() ? name : "int8", values = (*format)->whyNotForValues().empty() ? name : "uint8";
  return ("{version: 1, layers: [{match: \"*\", weights: \"" + weights + "\", activations: \"" + values + "\"}]}").str();
}

FailureOr<Policy> quantization::loadPolicy(StringRef nameOrFile, Location location, bool onlyWidths) {
  llvm::Expected<Policy> policy = Policy::load(nameOrFile);
  if (std::optional<std::string> file = policy || llvm::sys::fs::exists(nameOrFile) ? std::nullopt : asPolicyFile(nameOrFile)) {
    llvm::consumeError(policy.takeError());
    return emitError(location) << "\"" << nameOrFile
                               << "\" is a number format, but no policy by itself: write one into a file, which gives weights and values their formats, such as "
                               << *file;
  }
  if (!policy) {
    reportSyntax(nameOrFile, policy.takeError(), location);
    return failure();
  }
  if (!checkFormats(*policy, location, onlyWidths))
    return failure();
  return *policy;
}

bool quantization::warnOfUnknownFormats(const Policy &policy, Location location) {
  SmallVector<std::string> warned;
  auto check = [&](const std::optional<FormatSpec> &spec) {
    if (!spec || isKnown(*spec) || llvm::is_contained(warned, spec->name))
      return;
    warned.push_back(spec->name);
    emitWarning(placeIn(policy, spec->line, location))
        << prefixOf(policy, spec->line) << "number format " << quoted(spec->name) << " is not known; costs are those of "
        << spec->bitsInName().value_or(0) << " bits, as its name says";
  };
  check(policy.input);
  for (const PolicyRule &rule : policy.rules) {
    check(rule.weights);
    check(rule.activations);
  }
  return !warned.empty();
}

bool quantization::isAllFloat(const Policy &policy) {
  auto isFloat = [](const std::optional<FormatSpec> &spec) {
    return !spec || (isKnown(*spec) && llvm::cantFail(parseFormat(*spec))->isFloat());
  };
  return isFloat(policy.input) && llvm::all_of(policy.rules, [&](const PolicyRule &rule) {
    return isFloat(rule.weights) && isFloat(rule.activations);
  });
}

void quantization::warnOfFloatValues(const Policy &policy, Location location) {
  auto isFloat = [](const std::optional<FormatSpec> &spec) {
    return !spec || (isKnown(*spec) && llvm::cantFail(parseFormat(*spec))->isFloat());
  };
  auto rule = llvm::find_if(policy.rules, [&](const PolicyRule &rule) { return !isFloat(rule.weights); });
  if (rule == policy.rules.end() || !isFloat(policy.input) || !llvm::all_of(policy.rules, [&](const PolicyRule &rule) { return isFloat(rule.activations); }))
    return;
  emitWarning(placeIn(policy, rule->line, location))
      << prefixOf(policy, rule->line) << "rule " << quoted(rule->match) << " gives weights " << rule->weights->str()
      << ", but the policy leaves all values in float, so no layer computes with integers; give activations a format, too (a key that is missing means float)";
}

bool quantization::needsRanges(const Policy &policy) {
  auto needs = [](const std::optional<FormatSpec> &spec) {
    if (!spec || !isKnown(*spec))
      return false;
    std::unique_ptr<NumberFormat> format = llvm::cantFail(parseFormat(*spec));
    return !format->isFloat() && format->needsRange();
  };
  return needs(policy.input) || llvm::any_of(policy.rules, [&](const PolicyRule &rule) { return needs(rule.activations); });
}

//===----------------------------------------------------------------------===//
// With a network
//===----------------------------------------------------------------------===//

/// Whether the values of `layer` go to other layers only; those of the network's results keep their type.
static bool staysInside(Operation *layer) {
  return llvm::all_of(layer->getUsers(), [&](Operation *user) {
    bool passesOn = isa<nn::ObserveOp>(user) || user == followerOf(layer);
    return passesOn ? staysInside(user) : !user->hasTrait<OpTrait::IsTerminator>();
  });
}

/// The layers that each rule decides.
using LayersByRule = llvm::DenseMap<const PolicyRule *, SmallVector<Operation *>>;
static LayersByRule layersByRule(const Policy &policy, ModuleOp network) {
  LayersByRule layers;
  network.walk([&](Operation *op) {
    if (isLayer(op))
      layers[policy.ruleFor(nn::layerOf(op))].push_back(op);
  });
  return layers;
}

/// Whether the values of one of `layers` stay inside.
static bool anyStaysInside(ArrayRef<Operation *> layers) {
  return llvm::any_of(layers, [](Operation *op) { return op->getNumResults() == 1 && anchorOf(op->getResult(0)) == op && staysInside(op); });
}

void quantization::packWherePossible(Policy &policy, ModuleOp network) {
  LayersByRule layers = layersByRule(policy, network);
  for (PolicyRule &rule : policy.rules)
    rule.packed |= hasFewBits(rule) && anyStaysInside(layers[&rule]);
}

LogicalResult quantization::checkPolicy(const Policy &policy, ModuleOp network) {
  bool valid = true;
  auto report = [&](unsigned line, const Twine &problem) {
    valid = false;
    emitError(placeIn(policy, line, network.getLoc())) << prefixOf(policy, line) << problem;
  };
  std::vector<StringRef> layers = layersOf(network);
  for (const PolicyRule &rule : policy.rules)
    if (rule.match != "*" && llvm::none_of(layers, [&](StringRef layer) { return rule.matches(layer); }))
      report(rule.line, "no layer matches " + quoted(rule.match) + "; layers are named as the nodes of the model");
  LayersByRule decided = layersByRule(policy, network);
  for (const PolicyRule &rule : policy.rules) {
    if (rule.lowering && llvm::none_of(decided[&rule], hasWeights))
      report(rule.line, "rule " + quoted(rule.match) + " has a lowering, which is for convolutions and matrix products, and decides none; leave it out");
  }
  for (const PolicyRule &rule : policy.rules)
    if (rule.packed && !anyStaysInside(decided[&rule]))
      report(rule.line, "rule " + quoted(rule.match) + " has packed storage, which is for values between layers, and decides none; leave storage out");
  // Layers that the compiler folds away count as well.
  if (auto record = network->getAttrOfType<ArrayAttr>("nn.sublayers"))
    for (auto sublayer : record.getAsRange<nn::SublayerAttr>())
      layers.push_back(sublayer.getLayer());
  for (const StageRule &stage : policy.stages)
    if (llvm::none_of(layers, [&](StringRef layer) { return stage.matches(layer); }))
      report(stage.line, "no layer matches the stage " + quoted(stage.name) + "; layers are named as the nodes of the model");
  auto hash = network->getAttrOfType<StringAttr>("nn.model_hash");
  if (policy.model && hash && hash.getValue() != *policy.model)
    report(0, "meant for the model " + *policy.model + ", but this one is " + hash.getValue() +
                  "; search again, or remove the line \"model\"");
  return success(valid);
}

/// Warns where no layer that `rule` decides has the integer form that its format would need.
static void warnOfFloatLayers(const Policy &policy, const PolicyRule &rule, ArrayRef<Operation *> layers, ModuleOp network) {
  bool asks = rule.activations && rule.activations->name != "float";
  std::vector<std::string> floats;
  for (Operation *op : layers)
    floats.push_back(quoted(nn::layerOf(op)));
  if (asks && !floats.empty() && llvm::none_of(layers, [](Operation *op) { return isa<nn::QuantizableOpInterface>(op); }))
    emitWarning(placeIn(policy, rule.line, network.getLoc()))
        << prefixOf(policy, rule.line) << "rule " << quoted(rule.match) << " gives " << rule.activations->str() << " to " << llvm::join(floats, ", ")
        << ", which " << (floats.size() == 1 ? "has" : "have") << " no integer form and " << (floats.size() == 1 ? "stays" : "stay") << " float";
}

void quantization::warnOfIdleRules(const Policy &policy, ModuleOp network) {
  LayersByRule decided = layersByRule(policy, network);
  std::vector<StringRef> layers = layersOf(network);
  for (auto [index, rule] : llvm::enumerate(policy.rules)) {
    auto earlier = llvm::ArrayRef(policy.rules).take_front(index);
    // A last "*" is there for layers that nobody has thought of.
    if (rule.match == "*" && llvm::none_of(earlier, [](const PolicyRule &other) { return other.match == "*"; }))
      continue;
    warnOfFloatLayers(policy, rule, decided[&rule], network);
    bool matches = false, decides = false;
    SmallVector<std::string> winners;
    for (StringRef layer : layers) {
      if (!rule.matches(layer))
        continue;
      matches = true;
      const PolicyRule *winner = policy.ruleFor(layer);
      decides |= winner == &rule;
      std::string name = quoted(winner->match) + " (line " + std::to_string(winner->line) + ")";
      if (!llvm::is_contained(winners, name))
        winners.push_back(name);
    }
    if (matches && !decides)
      emitWarning(placeIn(policy, rule.line, network.getLoc()))
          << prefixOf(policy, rule.line) << "rule " << quoted(rule.match) << " decides nothing: the first rule that matches wins, and "
          << llvm::join(winners, ", ") << (winners.size() == 1 ? " comes" : " come")
          << " before it for all its layers; move it up or remove it";
  }
}
