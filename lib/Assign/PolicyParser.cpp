//===- PolicyParser.cpp - a policy file, read -------------------*- C++ -*-===//
//
// This file reads a policy from YAML (or JSON, which is YAML) and reports all
// that is wrong with it, each problem with its line.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Policy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <algorithm>
#include <map>

namespace quantization {

namespace yaml = llvm::yaml;

namespace {

class Parser {
public:
  Parser(llvm::StringRef text, llvm::StringRef fileName) : text(text), fileName(fileName) {}

  llvm::Expected<Policy> parse();

private:
  using Handler = llvm::function_ref<void(llvm::StringRef key, unsigned line, yaml::Node *value)>;

  unsigned lineOf(const char *position) const;
  unsigned lineOf(const yaml::Node *node) const { return lineOf(node->getSourceRange().Start.getPointer()); }
  void problem(unsigned line, const llvm::Twine &message) { problems.emplace(line, message.str()); }

  std::optional<std::string> readText(yaml::Node *node, llvm::StringRef what);
  std::optional<FormatSpec> readFormat(yaml::Node *node, llvm::StringRef what);
  void readMapping(yaml::Node *node, llvm::StringRef what, llvm::ArrayRef<llvm::StringRef> keys, Handler handle);
  void readCalibration(yaml::Node *node);
  void readCorrections(yaml::Node *node);
  void readStorage(yaml::Node *node, PolicyRule &rule);
  void readRule(yaml::Node *node);
  std::optional<std::string> readGlob(yaml::Node *node, llvm::StringRef what);
  void readStage(yaml::Node *node);
  void readPolicy(yaml::Node *root);

  llvm::StringRef text, fileName;
  llvm::SourceMgr sources;
  Policy policy;
  std::multimap<unsigned, std::string> problems; // by line
};

} // namespace

/// "a, b or c".
static std::string alternatives(llvm::ArrayRef<llvm::StringRef> words) {
  return llvm::join(words.drop_back(), ", ") + " or " + words.back().str();
}

unsigned Parser::lineOf(const char *position) const {
  // Positions of empty nodes may lie outside of the text.
  if (position < text.begin() || position > text.end())
    return 1;
  return 1 + std::count(text.begin(), position, '\n');
}

std::optional<std::string> Parser::readText(yaml::Node *node, llvm::StringRef what) {
  if (auto *scalar = llvm::dyn_cast_or_null<yaml::ScalarNode>(node)) {
    llvm::SmallString<64> storage;
    llvm::StringRef value = scalar->getValue(storage);
    if (!value.empty())
      return value.str();
  }
  if (auto *alias = llvm::dyn_cast_or_null<yaml::AliasNode>(node))
    problem(lineOf(node), "expected a text as " + what + "; write it in quotes, \"*" + alias->getName() + "\": a star without them is a reference of YAML");
  else if (node)
    problem(lineOf(node), "expected a text as " + what);
  return std::nullopt;
}

std::optional<FormatSpec> Parser::readFormat(yaml::Node *node, llvm::StringRef what) {
  std::optional<std::string> value = readText(node, what);
  if (!value)
    return std::nullopt;
  llvm::Expected<FormatSpec> spec = FormatSpec::parse(*value);
  if (!spec) {
    problem(lineOf(node), llvm::toString(spec.takeError()));
    return std::nullopt;
  }
  spec->line = lineOf(node);
  return *spec;
}

/// Calls `handle` for each of `keys` that the mapping holds; other and repeated keys are problems.
void Parser::readMapping(yaml::Node *node, llvm::StringRef what, llvm::ArrayRef<llvm::StringRef> keys, Handler handle) {
  auto *mapping = llvm::dyn_cast<yaml::MappingNode>(node);
  if (!mapping)
    return problem(lineOf(node), "expected " + what + " as a mapping with " + alternatives(keys));
  llvm::StringSet<> seen;
  for (yaml::KeyValueNode &entry : *mapping) {
    yaml::Node *keyNode = entry.getKey();
    if (!keyNode)
      return; // the syntax error is reported by the scanner
    unsigned line = lineOf(keyNode);
    std::optional<std::string> key = readText(keyNode, "a key");
    yaml::Node *value = entry.getValue();
    if (!key || !value)
      continue;
    if (!llvm::is_contained(keys, *key))
      problem(line, "unknown key \"" + *key + "\" in " + what + "; expected " + alternatives(keys));
    else if (!seen.insert(*key).second)
      problem(line, "\"" + *key + "\" is given twice in " + what);
    else
      handle(*key, line, value);
  }
}

void Parser::readCalibration(yaml::Node *node) {
  unsigned line = lineOf(node);
  std::optional<RangeMethod> method;
  std::optional<double> value;
  bool hasMethod = false, hasValue = false;
  unsigned valueLine = line;
  std::string valueText;
  auto handle = [&](llvm::StringRef key, unsigned line, yaml::Node *node) {
    (key == "method" ? hasMethod : hasValue) = true;
    std::optional<std::string> written = readText(node, key);
    if (!written)
      return;
    if (key == "method") {
      method = parseRangeMethod(*written);
      if (!method)
        problem(line, "unknown calibration method \"" + *written + "\"; expected " + knownRangeMethods);
      return;
    }
    double number;
    valueLine = line, valueText = *written;
    if (llvm::StringRef(*written).getAsDouble(number))
      problem(line, "calibration value \"" + *written + "\" is not a number");
    else
      value = number;
  };
  readMapping(node, "the calibration", {"method", "value"}, handle);
  if (llvm::isa<yaml::MappingNode>(node) && !hasMethod)
    problem(line, "the calibration names no method; expected " + knownRangeMethods);
  if (!method)
    return;
  policy.calibration.method = *method;
  bool takesValue = policy.calibration.takesValue();
  if (hasValue && !takesValue)
    problem(line, "calibration method " + nameOf(*method) + " takes no value; only percentile and overflow do");
  else if (value && !CalibrationMethod::isValue(*method, *value))
    problem(valueLine, "calibration value \"" + valueText + "\" is not " + CalibrationMethod::expectedValue(*method));
  if (takesValue)
    policy.calibration.value = value.value_or(*method == RangeMethod::Percentile ? CalibrationMethod::defaultPercentile : 0);
}

void Parser::readCorrections(yaml::Node *node) {
  auto *list = llvm::dyn_cast<yaml::SequenceNode>(node);
  if (!list)
    return problem(lineOf(node), "expected \"corrections\" as a list of names, as in corrections: [correct-bias]");
  unsigned line = lineOf(node);
  for (yaml::Node &entry : *list) {
    std::optional<std::string> name = readText(&entry, "a correction");
    if (!name)
      continue;
    bool *correction = policy.corrections.find(*name);
    if (!correction)
      problem(lineOf(&entry), "unknown correction \"" + *name + "\"; expected " + Corrections::known());
    else if (std::exchange(*correction, true))
      problem(lineOf(&entry), "correction \"" + *name + "\" is given twice");
  }
  if (policy.corrections.openClips && !policy.corrections.equalizeRanges)
    problem(line, "open-clips is for equalize-ranges, which is not given");
}

std::optional<std::string> Parser::readGlob(yaml::Node *node, llvm::StringRef what) {
  std::optional<std::string> glob = readText(node, what);
  if (!glob)
    return std::nullopt;
  if (llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(*glob); !pattern)
    problem(lineOf(node), "match \"" + *glob + "\": " + llvm::toString(pattern.takeError()) +
                              "; write \\ before a bracket that stands for itself");
  return glob;
}

void Parser::readStorage(yaml::Node *node, PolicyRule &rule) {
  std::optional<std::string> text = readText(node, "storage");
  rule.packed = text == "packed";
  if (text && *text != "packed" && *text != "bytes")
    problem(lineOf(node), "storage \"" + *text + "\" is not known; expected packed or bytes");
}

void Parser::readRule(yaml::Node *node) {
  PolicyRule rule;
  rule.line = lineOf(node);
  llvm::StringSet<> given;
  auto handle = [&](llvm::StringRef key, unsigned line, yaml::Node *value) {
    given.insert(key);
    if (key == "weights")
      rule.weights = readFormat(value, key);
    else if (key == "activations")
      rule.activations = readFormat(value, key);
    else if (key == "lowering")
      rule.lowering = readText(value, key);
    else if (key == "storage")
      readStorage(value, rule);
    else if (std::optional<std::string> match = readGlob(value, key))
      rule.match = *match;
  };
  readMapping(node, "a layer rule", {"match", "weights", "activations", "lowering", "storage"}, handle);
  if (!llvm::isa<yaml::MappingNode>(node))
    return;
  if (!given.contains("match"))
    problem(rule.line, "a layer rule without \"match\"; write match: \"*\" for all layers");
  else if (!given.contains("weights") && !given.contains("activations") && (given.contains("lowering") || given.contains("storage")))
    problem(rule.line, "a layer rule that says how layers become code but not their formats; add weights and activations");
  else if (!given.contains("weights") && !given.contains("activations"))
    problem(rule.line, "a layer rule that decides nothing; write weights: float to leave a layer as it is");
  policy.rules.push_back(std::move(rule));
}

void Parser::readStage(yaml::Node *node) {
  StageRule stage;
  stage.line = lineOf(node);
  bool hasMatch = false, isEmptyList = false;
  auto handle = [&](llvm::StringRef key, unsigned line, yaml::Node *value) {
    if (key == "name") {
      stage.name = readText(value, key).value_or("");
    } else if (key == "counted") {
      std::optional<std::string> text = readText(value, key);
      if (text && *text != "true" && *text != "false")
        problem(line, "\"counted\" is \"" + *text + "\"; expected true or false");
      stage.counted = text.value_or("") != "false";
    } else {
      hasMatch = true;
      auto add = [&](yaml::Node *glob) {
        if (std::optional<std::string> text = readGlob(glob, key))
          stage.match.push_back(*text);
      };
      if (auto *list = llvm::dyn_cast<yaml::SequenceNode>(value)) {
        isEmptyList = true;
        for (yaml::Node &glob : *list) {
          isEmptyList = false;
          add(&glob);
        }
      } else {
        add(value);
      }
    }
  };
  readMapping(node, "a stage", {"name", "match", "counted"}, handle);
  if (!llvm::isa<yaml::MappingNode>(node))
    return;
  if (!hasMatch || (stage.match.empty() && isEmptyList))
    problem(stage.line, "a stage without \"match\"; name its layers, as in match: [conv1, \"module1/*\"]");
  if (stage.name.empty() && !stage.match.empty())
    stage.name = stage.match.front();
  policy.stages.push_back(std::move(stage));
}

void Parser::readPolicy(yaml::Node *root) {
  unsigned rootLine = lineOf(root);
  bool hasVersion = false;
  auto handle = [&](llvm::StringRef key, unsigned line, yaml::Node *value) {
    if (key == "version") {
      hasVersion = true;
      std::optional<std::string> found = readText(value, key);
      if (found && *found != std::to_string(Policy::version))
        problem(line,
                "version " + *found + " is not known; this program reads version " + llvm::Twine(Policy::version));
    } else if (key == "calibration") {
      readCalibration(value);
    } else if (key == "input") {
      policy.input = readFormat(value, key);
    } else if (key == "corrections") {
      readCorrections(value);
    } else if (key == "model") {
      policy.model = readText(value, key);
    } else if (auto *sequence = llvm::dyn_cast<yaml::SequenceNode>(value)) {
      for (yaml::Node &entry : *sequence)
        key == "layers" ? readRule(&entry) : readStage(&entry);
    } else {
      problem(line, key == "layers" ? "expected \"layers\" as a list of layer rules" : "expected \"stages\" as a list of stages");
    }
  };
  readMapping(root, "the policy", {"version", "calibration", "input", "model", "corrections", "layers", "stages"}, handle);
  if (llvm::isa<yaml::MappingNode>(root) && !hasVersion)
    problem(rootLine, "the version is missing; write version: " + llvm::Twine(Policy::version));
}

llvm::Expected<Policy> Parser::parse() {
  policy.file = fileName.str();
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic &diagnostic, void *context) {
        auto *parser = static_cast<Parser *>(context);
        parser->problem(std::max(diagnostic.getLineNo(), 1), diagnostic.getMessage());
      },
      this);
  yaml::Stream stream(text, sources, /*ShowColors=*/false);
  yaml::document_iterator document = stream.begin();
  yaml::Node *root = document == stream.end() ? nullptr : document->getRoot();
  if (root && !llvm::isa<yaml::NullNode>(root))
    readPolicy(root);
  else if (problems.empty())
    problem(1, "the policy is empty");
  if (!stream.failed() && document != stream.end() && ++document != stream.end())
    problem(lineOf(document->getRoot()), "expected a single document");
  if (stream.failed() && problems.empty())
    problem(1, "not valid YAML");
  if (problems.empty())
    return std::move(policy);

  std::vector<std::string> lines;
  for (const auto &[line, message] : problems)
    lines.push_back((fileName + ":" + llvm::Twine(line) + ": " + message).str());
  return llvm::createStringError(llvm::inconvertibleErrorCode(), llvm::join(lines, "\n"));
}

llvm::Expected<Policy> Policy::parse(llvm::StringRef text, llvm::StringRef fileName) {
  return Parser(text, fileName).parse();
}

llvm::Expected<Policy> Policy::load(llvm::StringRef nameOrFile) {
  if (std::optional<Policy> policy = named(nameOrFile))
    return *policy;
  auto buffer = llvm::MemoryBuffer::getFile(nameOrFile);
  if (!buffer)
    return llvm::createStringError("no policy or policy file named \"" + nameOrFile + "\" (" + buffer.getError().message() +
                                   "); known policies are int8, int8-symmetric, float, and number formats such as int4, "
                                   "int4{block=32}, dfp8 and q4.12");
  return parse((*buffer)->getBuffer(), nameOrFile);
}

} // namespace quantization
