//===- AssignPrecision.cpp - give each value a number format ----*- C++ -*-===//
//
// This file writes the formats of a policy onto observers and weights. With `conv*: int8, uint8{asymmetric}`:
//
//   %w = nn.constant {layer = "w"}
//   %0 = nn.conv %x, %w {layer = "conv1"}
//   %1 = nn.observe %0 {layer = "conv1"}
// becomes
//   %w = nn.constant {layer = "w", precision = #nn.precision<"int8", "min-max">}
//   %0 = nn.conv %x, %w {layer = "conv1"}
//   %1 = nn.observe %0 {layer = "conv1", precision = #nn.precision<"uint8{asymmetric}", "min-max">}
//
// A value has one storage format; where it is float and one of its readers is not, that reader gets an observer of its own.
//
//===----------------------------------------------------------------------===//

#include "FormatGroups.h"
#include "quantization/Assign/Passes.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_ASSIGNPRECISION
#include "quantization/Assign/Passes.h.inc"

namespace {
/// What a layer gets. A layer is float as a whole or not at all.
struct Decision {
  const PolicyRule *rule = nullptr;
  std::string weights, activations; ///< formats; the weights' is empty where there are no constant weights
  std::string whyFloat;             ///< empty for a quantized layer

  bool isFloat() const { return !whyFloat.empty(); }
};

struct AssignPrecision : impl::AssignPrecisionBase<AssignPrecision> {
  using AssignPrecisionBase::AssignPrecisionBase;
  void runOnOperation() override;

private:
  Decision decide(Operation *layer);
  Decision &decisionOf(Operation *layer) { return decisions[layer]; }
  std::optional<std::string> formatByReaders(const FormatGroup &group);
  void assignGroup(const FormatGroup &group);
  void assignWeights(Operation *layer, const Decision &decision);
  void observeEdges(nn::ObserveOp observe);
  void noteReason(Operation *layer, const Decision &decision);
  void report(Operation *layer, const Decision &decision);

  nn::PrecisionAttr precision(StringRef format) {
    return nn::PrecisionAttr::get(&getContext(), format, toText(chosen.calibration));
  }
  std::string sourceOf(const PolicyRule &rule) const {
    return rule.line ? chosen.file + ":" + std::to_string(rule.line) : chosen.file;
  }

  Policy chosen;
  llvm::MapVector<Operation *, Decision> decisions; ///< of every layer, in the order of the function
  llvm::SmallPtrSet<Operation *, 8> withOwner;          ///< weights that are some layer's
  UniqueNames names;
};
} // namespace

static constexpr llvm::StringLiteral floatFormat = "float";

static bool isQuantizable(Operation *op) { return isa_and_nonnull<nn::QuantizableOpInterface>(op); }
static std::string quoted(StringRef name) { return ("\"" + name + "\"").str(); }

/// Whether several codes of values in this format fit a byte.
static bool sharesBytes(StringRef text) {
  auto format = parseFormat(text);
  if (format)
    return !(*format)->isFloat() && packedBits((*format)->levels()) < 8;
  llvm::consumeError(format.takeError());
  return false;
}

/// The constant with a layer's trained weights, or null.
static nn::ConstantOp weightsOf(Operation *op) {
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  int64_t index = layer ? layer.getWeightsIndex() : -1;
  return index < 0 ? nn::ConstantOp() : op->getOperand(index).getDefiningOp<nn::ConstantOp>();
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

Decision AssignPrecision::decide(Operation *op) {
  Decision decision;
  decision.rule = chosen.ruleFor(nn::layerOf(op));
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  if (!layer) {
    decision.whyFloat = "it has no integer form";
    return decision;
  }
  const PolicyRule *rule = decision.rule;
  auto text = [](const std::optional<FormatSpec> &spec) { return spec ? spec->str() : floatFormat.str(); };
  decision.activations = rule ? text(rule->activations) : floatFormat.str();
  if (layer.keepsFormat()) // the format is that of the values it moves
    return decision;
  bool hasWeights = weightsOf(op) != nullptr;
  if (hasWeights)
    decision.weights = rule ? text(rule->weights) : floatFormat.str();

  int64_t bias = layer.getBiasIndex();
  if (!observerOf(op))
    decision.whyFloat = "its result is not observed; run insert-observers first";
  else if (!rule)
    decision.whyFloat = "no rule of the policy matches it";
  else if (decision.activations == floatFormat && hasWeights && decision.weights != floatFormat)
    decision.whyFloat = sourceOf(*rule) + ": weights are " + decision.weights + ", but activations are float, so all of it is";
  else if (decision.activations == floatFormat)
    decision.whyFloat = sourceOf(*rule) + ": the policy says float";
  else if (hasWeights && decision.weights == floatFormat)
    decision.whyFloat = sourceOf(*rule) + ": activations are " + decision.activations + ", but weights are float, so all of it is";
  else if (bias >= 0 && !op->getOperand(bias).getDefiningOp<nn::ConstantOp>())
    decision.whyFloat = "its bias is not a constant";
  return decision;
}

/// The activations' format of the first quantized layer that reads the group.
std::optional<std::string> AssignPrecision::formatByReaders(const FormatGroup &group) {
  Operation *first = nullptr;
  for (nn::ObserveOp member : group.members)
    for (Operation *user : member->getUsers())
      if (isQuantizable(user) && !onlyMoves(user) && !decisionOf(user).isFloat() &&
          (!first || user->isBeforeInBlock(first)))
        first = user;
  return first ? std::optional(decisionOf(first).activations) : std::nullopt;
}

void AssignPrecision::assignGroup(const FormatGroup &group) {
  // The first source decides, unless one is float. Inputs without a format and constants follow their readers.
  std::string format, floatSource;
  for (nn::ObserveOp source : group.sources) {
    Operation *layer = anchorOf(source.getInput());
    std::string wish;
    if (!layer)
      wish = chosen.input ? chosen.input->str() : "";
    else if (isLayer(layer))
      wish = decisionOf(layer).isFloat() ? floatFormat.str() : decisionOf(layer).activations;
    if (wish == floatFormat)
      floatSource = source.getLayer().str();
    if (format.empty())
      format = wish;
  }
  if (!floatSource.empty())
    format = floatFormat;
  else if (format.empty())
    format = formatByReaders(group).value_or(floatFormat.str());

  std::optional<Statistics> shared;
  if (group.members.size() > 1 && format != floatFormat)
    shared = group.mergedStatistics();
  nn::StatisticsAttr statistics = shared ? toAttribute(&getContext(), *shared) : nn::StatisticsAttr();
  for (nn::ObserveOp member : group.members) {
    member.setPrecisionAttr(precision(format));
    if (statistics)
      member.setStatisticsAttr(statistics);
    Operation *layer = anchorOf(member.getInput());
    if (!layer || !isLayer(layer))
      continue;
    Decision &decision = decisionOf(layer);
    decision.activations = format;
    if (decision.rule && decision.rule->packed && sharesBytes(format))
      nn::askForPacking(member);
    if (format == floatFormat && !decision.isFloat())
      decision.whyFloat = floatSource.empty() ? "no quantized layer makes or reads its values"
                                              : "its result shares one format with " + quoted(floatSource) + ", which is float";
  }
}

//===----------------------------------------------------------------------===//
// Acting on them
//===----------------------------------------------------------------------===//

void AssignPrecision::assignWeights(Operation *layer, const Decision &decision) {
  if (decision.rule && decision.rule->lowering && hasWeights(layer))
    layer->setAttr("lowering", StringAttr::get(&getContext(), *decision.rule->lowering));
  nn::ConstantOp weights = weightsOf(layer);
  if (!weights)
    return;
  if (!withOwner.insert(weights).second) { // each layer chooses scales of its own
    OpBuilder builder(weights);
    builder.setInsertionPointAfter(weights);
    auto clone = cast<nn::ConstantOp>(builder.clone(*weights));
    clone.setLayer(names.fresh(weights.getLayer().str() + "_for_" + nn::layerOf(layer).str()));
    layer->setOperand(cast<nn::QuantizableOpInterface>(layer).getWeightsIndex(), clone.getResult());
    weights = clone;
  }
  weights.setPrecisionAttr(precision(decision.isFloat() ? StringRef(floatFormat) : StringRef(decision.weights)));
}

void AssignPrecision::observeEdges(nn::ObserveOp observe) {
  if (observe.getPrecisionAttr().getFormat() != floatFormat)
    return;
  // In the order of the function, which the list of uses does not keep.
  SmallVector<Operation *> readers;
  for (Operation *user : observe->getUsers())
    if (isQuantizable(user) && !onlyMoves(user) && !decisionOf(user).isFloat() && !llvm::is_contained(readers, user))
      readers.push_back(user);
  llvm::sort(readers, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *reader : readers) {
    OpBuilder builder(reader);
    std::string name = names.fresh(observe.getLayer().str() + "_for_" + nn::layerOf(reader).str());
    auto edge = nn::ObserveOp::create(builder, observe.getLoc(), observe.getType(), observe.getResult(),
                                      builder.getStringAttr(name), observe.getStatisticsAttr(),
                                      precision(decisionOf(reader).activations));
    reader->replaceUsesOfWith(observe.getResult(), edge.getResult());
  }
}

/// Leaves the reason on a float layer, for whoever lists those in the end.
void AssignPrecision::noteReason(Operation *layer, const Decision &decision) {
  layer->removeAttr("nn.why_float");
  if (!decision.isFloat() || !isQuantizable(layer))
    return;
  Operation *anchor = layer->getNumResults() == 1 ? anchorOf(layer->getResult(0)) : layer;
  std::string reason = anchor == layer ? decision.whyFloat : "it follows " + quoted(nn::layerOf(anchor)) + ", which is float";
  layer->setAttr("nn.why_float", StringAttr::get(&getContext(), reason));
}

void AssignPrecision::report(Operation *layer, const Decision &decision) {
  auto options = remark::RemarkOpts::name(nn::layerOf(layer)).category("assign-precision");
  Operation *anchor = layer->getNumResults() == 1 ? anchorOf(layer->getResult(0)) : layer;
  if (anchor != layer) {
    const PolicyRule *deciding = decisionOf(anchor).rule;
    std::string text = "part of " + quoted(nn::layerOf(anchor)) + ", which decides";
    if (decision.rule != deciding && decision.rule)
      remark::missed(layer->getLoc(), options) << text + "; " + sourceOf(*decision.rule) + " has no effect on it";
    else
      remark::passed(layer->getLoc(), options) << text;
    return;
  }
  if (decision.isFloat()) {
    ++numFloat;
    remark::missed(layer->getLoc(), options) << "float: " + decision.whyFloat;
    return;
  }
  ++numQuantized;
  std::string text = onlyMoves(layer) ? "moves values" : sourceOf(*decision.rule);
  if (!decision.weights.empty())
    text += ": weights " + decision.weights + ", activations " + decision.activations;
  else
    text += ": activations " + decision.activations;
  remark::passed(layer->getLoc(), options) << text;
}

void AssignPrecision::runOnOperation() {
  ModuleOp module = getOperation();
  if (nn::isQuantized(module)) // by the file
    return;
  decisions.clear();
  withOwner.clear();
  FailureOr<Policy> loaded = loadPolicy(policy, module.getLoc(), onlyWidths);
  if (failed(loaded) || failed(checkPolicy(*loaded, module)))
    return signalPassFailure();
  chosen = *loaded;
  module.walk([&](Operation *op) {
    if (isLayer(op))
      decisions[op] = Decision();
  });
  names = UniqueNames(module);
  for (auto &[layer, decision] : decisions)
    decision = decide(layer);
  for (const FormatGroup &group : findFormatGroups(module))
    assignGroup(group);
  // A clamp is in the format of the layer it follows; one that stands alone has decided above.
  for (auto &[layer, decision] : decisions)
    if (Operation *follower = followerOf(layer))
      decisionOf(follower).whyFloat = decision.whyFloat;

  for (auto &[layer, decision] : decisions)
    assignWeights(layer, decision);
  SmallVector<nn::ObserveOp> observers;
  module.walk([&](nn::ObserveOp observe) { observers.push_back(observe); });
  for (nn::ObserveOp observe : observers)
    observeEdges(observe);
  for (auto &[layer, decision] : decisions) {
    noteReason(layer, decision);
    report(layer, decision);
  }
}

} // namespace quantization
