//===- Policy.cpp - which layer gets which format ---------------*- C++ -*-===//
//
// This file answers which rule a layer falls under, knows the policies of one
// word, and prints a policy. PolicyParser.cpp reads one.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Policy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/YAMLParser.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace quantization {

bool matchesGlob(llvm::StringRef glob, llvm::StringRef layer) {
  if (glob == layer)
    return true;
  llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(glob);
  if (pattern)
    return pattern->match(layer);
  llvm::consumeError(pattern.takeError());
  return false;
}

bool PolicyRule::matches(llvm::StringRef layer) const { return matchesGlob(match, layer); }

bool StageRule::matches(llvm::StringRef layer) const {
  return llvm::any_of(match, [&](const std::string &glob) { return matchesGlob(glob, layer); });
}

static constexpr std::pair<const char *, bool Corrections::*> kCorrections[] = {
    {"equalize-ranges", &Corrections::equalizeRanges},
    {"open-clips", &Corrections::openClips},
    {"correct-bias", &Corrections::correctBias},
    {"reestimate-statistics", &Corrections::reestimateStatistics},
    {"feed-back-errors", &Corrections::feedBackErrors},
};

bool *Corrections::find(llvm::StringRef name) {
  for (auto [known, member] : kCorrections)
    if (name == known)
      return &(this->*member);
  return nullptr;
}

std::vector<std::string> Corrections::names() const {
  std::vector<std::string> on;
  for (auto [known, member] : kCorrections)
    if (this->*member)
      on.push_back(known);
  return on;
}

const char *Corrections::known() { return "equalize-ranges, open-clips, correct-bias, reestimate-statistics or feed-back-errors"; }

const PolicyRule *Policy::ruleFor(llvm::StringRef layer) const {
  for (const PolicyRule &rule : rules)
    if (rule.matches(layer))
      return &rule;
  return nullptr;
}

/// The formats of weights and activations where one format, with options or without, names the policy: its own for both, or what goes with it.
static std::optional<std::pair<FormatSpec, FormatSpec>> formatsNamed(llvm::StringRef text) {
  auto spec = FormatSpec::parse(text);
  if (!spec) {
    llvm::consumeError(spec.takeError());
    return std::nullopt;
  }
  FormatSpec itself = *spec, perChannel = itself;
  llvm::StringRef name = itself.name;
  if (llvm::none_of(llvm::make_first_range(itself.options), [](llvm::StringRef key) { return key == "per" || key == "block"; }))
    perChannel.options.emplace_back("per", "channel");
  auto isWidth = [&](llvm::StringRef prefix) {
    llvm::StringRef rest = name;
    return rest.consume_front(prefix) && !rest.empty() && llvm::all_of(rest, llvm::isDigit);
  };
  llvm::StringRef width = name;
  if (width.consume_front("int") && width.size() == 1 && width >= "2" && width <= "8")
    return std::pair(perChannel, FormatSpec{"uint" + width.str(), {{"asymmetric", ""}}});
  if (name == "binary" || name == "pow2" || isWidth("pow2"))
    return std::pair(itself, FormatSpec{"dfp16", {}}); // as in 1612.03940: inputs of 16 bits
  if (name == "ternary")
    return std::pair(itself, FormatSpec{"uint8", {{"asymmetric", ""}}});
  if (isWidth("dfp") || isWidth("wrpn") || (name.starts_with("q") && name.contains('.') && llvm::all_of(name.drop_front(), [](char c) {
                                              return llvm::isDigit(c) || c == '.' || c == '-';
                                            })))
    return std::pair(itself, itself);
  return std::nullopt;
}

std::optional<Policy> Policy::named(llvm::StringRef name) {
  FormatSpec weights{"int8", {{"per", "channel"}}}, activations;
  if (name == "int8")
    activations = {"uint8", {{"asymmetric", ""}}};
  else if (name == "int8-symmetric")
    activations = {"int8", {{"symmetric", ""}}};
  else if (name == "float")
    weights = activations = {"float", {}};
  else if (std::optional<std::pair<FormatSpec, FormatSpec>> both = formatsNamed(name))
    std::tie(weights, activations) = *both;
  else
    return std::nullopt;
  Policy policy;
  policy.file = name.str();
  if (name != "float")
    policy.input = activations;
  policy.rules.push_back({"*", weights, activations, 0, std::nullopt, false});
  return policy;
}

/// The fewest digits that read back as `value`.
static std::string shortest(double value) {
  for (int digits : {6, 15, 17}) {
    std::string text = llvm::formatv("{0}", llvm::format("%.*g", digits, value)).str();
    if (std::strtod(text.c_str(), nullptr) == value)
      return text;
  }
  return "nan";
}

static std::string quoted(llvm::StringRef text) {
  return "\"" + llvm::yaml::escape(text, /*EscapePrintable=*/false) + "\"";
}

std::string Policy::toYaml() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "version: " << version << "\n";
  if (model)
    os << "model: " << quoted(*model) << "\n";
  os << "calibration: {method: " << nameOf(calibration.method);
  if (calibration.takesValue())
    os << ", value: " << shortest(calibration.value);
  os << "}\n";
  if (input)
    os << "input: " << input->str() << "\n";
  if (corrections.any())
    os << "corrections: [" << llvm::join(corrections.names(), ", ") << "]\n";
  if (!rules.empty())
    os << "layers:\n";
  for (const PolicyRule &rule : rules) {
    os << "  - match: " << quoted(rule.match) << "\n";
    if (rule.weights)
      os << "    weights: " << rule.weights->str() << "\n";
    if (rule.activations)
      os << "    activations: " << rule.activations->str() << "\n";
    if (rule.lowering)
      os << "    lowering: " << quoted(*rule.lowering) << "\n";
    if (rule.packed)
      os << "    storage: packed\n";
  }
  if (!stages.empty())
    os << "stages:\n";
  for (const StageRule &stage : stages) {
    os << "  - name: " << quoted(stage.name) << "\n    match: [";
    llvm::interleaveComma(stage.match, os, [&](const std::string &glob) { os << quoted(glob); });
    os << "]\n";
    if (!stage.counted)
      os << "    counted: false\n";
  }
  return text;
}

} // namespace quantization
