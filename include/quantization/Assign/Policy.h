//===- Policy.h - which layer gets which format -----------------*- C++ -*-===//
//
// This file defines a policy: the number formats that a user asks for, layer by
// layer, as written in a YAML or JSON file or named by a single word.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_POLICY_H
#define QUANTIZATION_ASSIGN_POLICY_H

#include "quantization/Calibrate/RangeEstimation.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quantization {

/// A format as a user writes it: `int8`, `int4{per=channel}`, `q3.5{round=half-away, saturate=symmetric}`. Only the
/// syntax is judged here; what a name and its options mean is the formats' business.
struct FormatSpec {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options; ///< in the order written; a flag has an empty value
  unsigned line = 0;                                         ///< in the policy file; 0 when from elsewhere

  /// Names and values consist of letters, digits and `_ . + -`. Fails with a line that quotes the text.
  static llvm::Expected<FormatSpec> parse(llvm::StringRef text);

  /// Bits of a code, by what the name says: `int4`, `wrpn2` and `pow26` by the number at the end, `q3.5` by the sum, `binary` 1 and `float`
  /// 32. None where it says nothing.
  std::optional<int64_t> bitsInName() const;

  /// The text that parses to this.
  std::string str() const;
  bool operator==(const FormatSpec &other) const { return name == other.name && options == other.options; }
};

/// Whether a layer's name fits a glob: `*` any characters ('/' and '.' too), `?` one, `[a-z]` one of, `\` takes the next literally. A layer
/// is also matched by its own name, whatever characters that holds.
bool matchesGlob(llvm::StringRef glob, llvm::StringRef layer);

/// Layers that share one configuration, as a search changes it and a report of traffic counts it.
struct StageRule {
  std::string name;
  std::vector<std::string> match; ///< globs
  bool counted = true;            ///< false: traffic leaves it out
  unsigned line = 0;

  bool matches(llvm::StringRef layer) const;
};

/// What the layers that match a glob get.
struct PolicyRule {
  std::string match; ///< a glob
  std::optional<FormatSpec> weights, activations; ///< absent: the rule leaves them as they are
  unsigned line = 0;
  std::optional<std::string> lowering; ///< how layers with weights become code; absent: the target's choice
  bool packed = false;                 ///< values lie as many to a byte as their width allows, not in whole bytes

  bool matches(llvm::StringRef layer) const;
};

/// What is done to a network so that its formats lose less: docs/Corrections.md.
struct Corrections {
  bool equalizeRanges = false, openClips = false, correctBias = false, reestimateStatistics = false, feedBackErrors = false;

  /// The member of that name in a policy, or null.
  bool *find(llvm::StringRef name);
  /// The names of those that are on, as in a policy.
  std::vector<std::string> names() const;
  bool any() const { return !names().empty(); }
  /// Whether what channels are like in float is kept; with it the form says which corrections are to follow.
  bool needMoments() const { return correctBias || reestimateStatistics || feedBackErrors; }
  /// Those names, for messages.
  static const char *known();
};

struct Policy {
  static constexpr int64_t version = 1;

  std::string file; ///< the file, or the name that was asked for
  CalibrationMethod calibration;
  std::optional<FormatSpec> input; ///< format of the network's inputs
  std::optional<std::string> model; ///< hash of the only model that the policy is meant for
  Corrections corrections;
  std::vector<PolicyRule> rules;
  std::vector<StageRule> stages; ///< layers that none of them matches form stages by themselves

  /// The first rule that matches, or null.
  const PolicyRule *ruleFor(llvm::StringRef layer) const;

  /// Reads `text`, the contents of `fileName`. The error lists every problem, one `file:line: problem` each.
  static llvm::Expected<Policy> parse(llvm::StringRef text, llvm::StringRef fileName);

  /// The policy of that name, else the one in that file. The error lists every problem, one per line.
  static llvm::Expected<Policy> load(llvm::StringRef nameOrFile);

  /// The policies of one word: `int8`, `int8-symmetric` and `float`; `int4`: such weights and `uint4` activations; `dfp8`, `q4.12` or `wrpn4`
  /// for both; `pow24` or `binary` for weights, with `dfp16` activations.
  static std::optional<Policy> named(llvm::StringRef name);

  /// A file that parses to this.
  std::string toYaml() const;
};

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_POLICY_H
