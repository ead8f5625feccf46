//===- CheckOptions.cpp - what can be told before the work begins *- C++ -*-===//
//
// This file refuses flags that contradict each other, the input or the output, before anything costs time.
//
//===----------------------------------------------------------------------===//

#include "Compilation.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Pipeline/Passes.h"
#include "quantization/Import/OnnxImporter.h"
#include "quantization/Tile/Lowerings.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace quantization;

static Form lastForm(EmitKind emit) {
  switch (emit) {
  case EmitKind::Policy:
    return Form::Observed;
  case EmitKind::MLIR:
  case EmitKind::Report:
    return Form::Additive;
  case EmitKind::OnnxQdq:
    return Form::Simulated;
  default:
    return Form::Lowered;
  }
}

LogicalResult Compilation::chooseForms() {
  llvm::Expected<InputKind> detected = detectInput(options.input);
  if (!detected)
    return fail(detected.takeError());
  kind = *detected;
  if (kind == InputKind::IR && !options.from)
    return fail(options.input + ": give --from=FORM for IR, one of " + allForms());
  if (kind == InputKind::Onnx && options.from.value_or(Form::Raw) != Form::Raw)
    return fail("--from is for IR; an ONNX file starts at raw");
  from = options.from.value_or(Form::Raw);
  to = options.to.value_or(lastForm(options.emit));
  // Costs follow from formats alone.
  bool onlyCosts = options.emit == EmitKind::Report && to == Form::Assigned;
  if (options.emit != EmitKind::MLIR && to != lastForm(options.emit) && !onlyCosts)
    return fail("--to=" + nameOf(to) + " stops before the output of --emit; leave one of them out");
  if (onlyCosts)
    whyNoCode = "--to=assigned stops before there are integers";
  if (to < from && !options.to)
    return fail("what --emit writes comes from the " + nameOf(to) + " form, which lies before --from=" + nameOf(from) +
                "; start from an earlier form, or give --to=FORM for IR");
  if (to < from)
    return fail("--to=" + nameOf(to) + " lies before --from=" + nameOf(from));
  return success();
}

LogicalResult Compilation::checkOptions() {
  bool valid = succeeded(checkOutput());
  valid &= succeeded(checkEffect());
  if (std::string why = whyNoPixels(options.rooms.io.input, options.rooms.mean, options.rooms.std); !why.empty())
    valid = succeeded(fail(why));
  bool machineGiven = !(options.triple + options.cpu + options.features).empty();
  if (to >= Form::Tiled || options.emit == EmitKind::Report || machineGiven) {
    auto resolved = resolveTarget(options.triple, options.cpu, options.features);
    if (resolved)
      target = *resolved;
    else if (options.emit == EmitKind::Report && !machineGiven)
      whyNoCode = llvm::toString(resolved.takeError());
    else
      valid = succeeded(fail(resolved.takeError()));
  }
  if (options.rooms.emulated && to < Form::Tiled)
    valid = succeeded(fail("--emulate-kernels has no effect before the tiled form"));
  if (!options.rooms.lowerings.empty() && to < Form::Tiled && options.emit != EmitKind::Report)
    valid = succeeded(fail("--lowering has no effect before the tiled form"));
  for (llvm::StringRef request : options.rooms.lowerings)
    if (llvm::StringRef name = request.rsplit(':').second; !name.empty())
      if (std::string why = whyNoLowering(name); !why.empty())
        valid = succeeded(fail("--lowering=" + request + ": " + why));
  if (options.rooms.profile && to < Form::Lowered)
    valid = succeeded(fail("--profile is for code: " + nameOf(to) + ", where this stops, comes before it; leave it out"));
  if (options.threads.value_or(1) > 1) {
    if (to < Form::Tiled)
      valid = succeeded(fail("--threads has no effect before the tiled form"));
    if (target && !llvm::Triple(target->triple).isOSLinux())
      valid = succeeded(fail("--threads=" + Twine(*options.threads) + " needs Linux, and " + target->triple + " is for another system"));
  }
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (options.rooms.emulated && target && host.getArch() != llvm::Triple(target->triple).getArch())
    valid = succeeded(fail("--emulate-kernels runs kernels of other processors on this one, and " + target->triple +
                           " is of another architecture"));
  if (options.entry && !options.rooms.layers.empty())
    valid = succeeded(fail("--entry is for one input and one output, and --layers adds some; leave one of them out"));
  valid &= succeeded(checkCostTable());
  valid &= succeeded(checkSearch());
  for (const std::string *path : {&options.calibrateWith, &options.rooms.loadStatistics})
    if (!path->empty() && !llvm::sys::fs::exists(*path))
      valid = succeeded(fail("cannot read " + *path + ": there is no such file or folder"));
  return success(succeeded(checkPolicy()) && valid);
}

LogicalResult Compilation::checkEffect() {
  std::vector<std::string> flags = optionsWithoutEffect(from, options.rooms);
  // The assigned form may ask for samples: readCorrections.
  if (!options.calibrateWith.empty() && (from > Form::Assigned || (from == Form::Assigned && !flags.empty())))
    flags.insert(flags.begin(), "--calibrate-with");
  if (!options.shapes.empty() && kind == InputKind::IR)
    flags.push_back("--shape");
  if (!flags.empty())
    return fail(llvm::join(flags, ", ") + (flags.size() == 1 ? " has" : " have") + " no effect on --from=" + nameOf(from) +
                ", where that is decided already; leave " + (flags.size() == 1 ? "it" : "them") + " out or start from an earlier form");
  if (!options.calibrateWith.empty() && !options.rooms.loadStatistics.empty())
    return fail("--load-statistics-from takes the place of --calibrate-with; leave one of them out");
  if (!options.rooms.saveStatistics.empty() && to < Form::Observed)
    return fail("--save-statistics-to needs calibration, but --to=" + nameOf(to) + " stops before it");
  return success();
}

LogicalResult Compilation::checkCostTable() {
  if (options.costTable.empty()) {
    accelerator = Accelerator::standard();
    return success();
  }
  if (options.emit != EmitKind::Report)
    return fail("--cost-table is for --emit=report; leave it out");
  auto loaded = Accelerator::load(options.costTable);
  if (!loaded)
    return fail(loaded.takeError());
  accelerator = std::move(*loaded);
  return success();
}

LogicalResult Compilation::checkSearch() {
  if (!options.search)
    return options.emit == EmitKind::Policy ? fail("--emit=policy writes what --search finds; give --search, too") : success();
  bool valid = true;
  if (to < Form::Observed || (options.to && to == Form::Observed))
    valid = succeeded(fail("--search finds formats, but --to=" + nameOf(to) + " stops before they are assigned"));
  if (from >= Form::Assigned)
    valid = succeeded(fail("--search has no effect on --from=" + nameOf(from) + ", where formats are assigned already"));
  if (options.calibrateWith.empty() && options.rooms.loadStatistics.empty())
    valid = succeeded(fail("--search needs the ranges of values: give --calibrate-with or --load-statistics-from"));
  if (options.search->evaluateWith.empty())
    valid = succeeded(fail("--search needs samples to judge formats by: give --evaluate-with"));
  for (const std::string *path : {&options.search->evaluateWith, &options.search->labels})
    if (!path->empty() && !llvm::sys::fs::exists(*path))
      valid = succeeded(fail("cannot read " + *path + ": there is no such file or folder"));
  for (const std::string *path : {&options.search->pareto, &options.search->log})
    if (StringRef folder = llvm::sys::path::parent_path(*path); !folder.empty() && !llvm::sys::fs::is_directory(folder))
      valid = succeeded(fail("cannot write " + *path + ": there is no folder " + folder));
  StringRef pareto = options.search->pareto;
  if (!pareto.empty() && !pareto.ends_with(".csv") && !pareto.ends_with(".json"))
    valid = succeeded(fail("--pareto=" + pareto + ": the name does not say what to write; end it in .csv or .json"));
  return success(succeeded(readLadders()) && valid);
}

LogicalResult Compilation::checkLowerings(const Policy &policy) {
  bool valid = true;
  for (const PolicyRule &rule : policy.rules)
    if (std::string why = whyNoLowering(rule.lowering.value_or("loops")); !why.empty()) {
      emitError(FileLineColLoc::get(&context, policy.file, rule.line, 1)) << "rule \"" << rule.match << "\": " << why;
      valid = false;
    }
  return success(valid);
}

LogicalResult Compilation::checkPolicy() {
  if (from >= Form::Assigned)
    return success();
  std::string name = options.rooms.policy.value_or("float");
  bool isReport = options.emit == EmitKind::Report;
  bool mayBeUnknown = isReport && (to == Form::Assigned || (options.calibrateWith.empty() && options.rooms.loadStatistics.empty()));
  FailureOr<Policy> policy = loadPolicy(name, UnknownLoc::get(&context), mayBeUnknown);
  if (failed(policy) || failed(checkLowerings(*policy)))
    return failure();
  onlyWidths = warnOfUnknownFormats(*policy, UnknownLoc::get(&context));
  allFloat = isAllFloat(*policy);
  needsRanges = quantization::needsRanges(*policy);
  if (!isReport && !options.search && to >= Form::Integral)
    warnOfFloatValues(*policy, UnknownLoc::get(&context));
  stages = policy->stages;
  if (options.rooms.policy)
    base = *policy;
  corrections = policy->corrections;
  if (corrections.any() && failed(checkCorrections()))
    return failure();
  // A report tells of zeros.
  if (!options.calibrateWith.empty() && (needsRanges || corrections.any() || !options.rooms.saveStatistics.empty() || options.to || isReport || options.search))
    runner = createSampleRunner(options.calibrateWith, options.quiet);
  else if (!options.calibrateWith.empty())
    emitWarning(UnknownLoc::get(&context)) << "nothing that is asked for needs the samples of --calibrate-with, which are not read: policy \"" << name
                                           << "\" needs no ranges";
  return success();
}

LogicalResult Compilation::checkCorrections() {
  std::string names = llvm::join(corrections.names(), ", "), who = "policy \"" + *options.rooms.policy + "\" asks for corrections (" + names + ")";
  if (options.search)
    return fail(who + ", and a search judges formats without them; take them out, and put them into the policy that it writes");
  if (!options.rooms.saveStatistics.empty() && corrections.equalizeRanges)
    return fail(who + ", so --save-statistics-to would write the ranges of a changed network; leave one of them out");
  if (!options.calibrateWith.empty() || to < Form::Observed)
    return success();
  if (options.emit != EmitKind::Report)
    return fail(who + ", which need samples: give --calibrate-with=FILE.npz");
  corrections = Corrections(); // formats have costs all the same
  return success();
}

LogicalResult Compilation::readCorrections() {
  if (from != Form::Assigned)
    return success();
  auto names = (*module)->getAttrOfType<ArrayAttr>("nn.corrections");
  if (!names)
    return options.calibrateWith.empty() ? success() : fail("--calibrate-with has no effect on --from=assigned, where that is decided already; leave it out or start from an earlier form");
  std::vector<std::string> known;
  for (Attribute attribute : names) {
    bool *correction = corrections.find(cast<StringAttr>(attribute).getValue());
    if (!correction)
      return fail(options.input + ": nn.corrections has an unknown entry; expected " + Corrections::known());
    *correction = true;
  }
  if (to < Form::Simulated)
    return success();
  if (options.calibrateWith.empty())
    return fail(options.input + ": the IR asks for corrections (" + llvm::join(corrections.names(), ", ") +
                "), which need samples: give --calibrate-with=FILE.npz");
  runner = createSampleRunner(options.calibrateWith, options.quiet);
  return success();
}

LogicalResult Compilation::checkOutput() {
  if (options.output == "-")
    return options.emit == EmitKind::Library ? fail("--emit=lib needs a file: give -o model.so") : success();
  StringRef folder = llvm::sys::path::parent_path(options.output);
  if (!folder.empty() && !llvm::sys::fs::is_directory(folder))
    return fail("cannot write " + options.output + ": there is no folder " + folder);
  if (llvm::sys::fs::is_directory(options.output))
    return fail("cannot write " + options.output + ": it is a folder");
  if (llvm::sys::fs::access(folder.empty() ? "." : folder, llvm::sys::fs::AccessMode::Write))
    return fail("cannot write " + options.output + ": the folder is not writable");
  return success();
}

LogicalResult Compilation::checkRanges() {
  if (onlyWidths && to > Form::Assigned && from < Form::Assigned && !bringsQuantization(*module)) {
    whyNoCode = "policy \"" + *options.rooms.policy + "\" has number formats that are not known";
    to = Form::Assigned;
    return success();
  }
  bool known = !needsRanges || runner || !options.rooms.loadStatistics.empty();
  if (to < Form::Simulated || from >= Form::Observed || known || bringsQuantization(*module))
    return success();
  std::string why = "policy \"" + *options.rooms.policy + "\" needs to know the ranges of values: give samples with "
                                                         "--calibrate-with=FILE.npz, or --load-statistics-from=FILE.json";
  if (options.emit != EmitKind::Report)
    return fail(why);
  // Formats have costs all the same.
  whyNoCode = why;
  to = Form::Assigned;
  return success();
}

LogicalResult Compilation::checkInterface() {
  bool valid = true;
  for (auto function : module->getOps<func::FuncOp>()) {
    if (from >= Form::Tiled || function.isExternal())
      continue;
    unsigned inputs = function.getNumArguments(), outputs = function.getNumResults();
    if (options.entry && (inputs != 1 || outputs != 1))
      valid = succeeded(fail("--entry is for networks with one input and one output, not " + Twine(inputs) + " and " + Twine(outputs) +
                             "; leave it out and call NAME_run instead"));
    for (BlockArgument argument : function.getArguments())
      if (nn::isF32(argument))
        if (std::string why = whyNoChannels(nn::layerOf(argument), nn::shapeOf(argument), options.rooms.mean.size(),
                                            options.rooms.std.size());
            !why.empty())
          valid = succeeded(fail(why));
  }
  return success(valid);
}

LogicalResult Compilation::checkMachine() {
  auto ofModule = (*module)->getAttrOfType<fixed::TargetAttr>("fixed.target");
  StringRef wayOut = from < Form::Tiled ? "leave it out, or take fixed.target out of the IR"
                                        : "leave it out, or start from a form before tiled without fixed.target";
  bool valid = true;
  int64_t threads = ofModule ? ofModule.getThreads() : 1;
  if (options.threads && *options.threads != threads && (ofModule || from >= Form::Tiled))
    valid = succeeded(fail(options.input + ": the IR is for " + Twine(threads) + (threads == 1 ? " thread" : " threads") +
                           ", but --threads says " + Twine(*options.threads) + "; " + wayOut));
  if (!ofModule || !target)
    return success(valid);
  TargetSpec spec{ofModule.getTriple().str(), ofModule.getCpu().str(), ofModule.getFeatures().str()};
  bool isOther = (!options.triple.empty() && spec.triple != target->triple) || (!options.cpu.empty() && spec.cpu != target->cpu) ||
                 (!options.features.empty() && spec.features != target->features);
  if (isOther)
    valid = succeeded(fail(options.input + ": the IR is for " + spec.triple + " " + spec.cpu + ", but --mtriple, --mcpu and --mattr say " +
                           target->triple + " " + target->cpu + "; " + wayOut));
  if (ofModule.getEmulated() && !options.rooms.emulated && to >= Form::Lowered)
    valid = succeeded(fail(options.input + ": its kernels are emulated; give --emulate-kernels again"));
  if (!ofModule.getEmulated() && options.rooms.emulated)
    valid = succeeded(fail(options.input + ": its kernels are not emulated, but --emulate-kernels is given; " + wayOut));
  auto resolved = resolveTarget(spec.triple, spec.cpu, spec.features);
  if (!resolved)
    return fail(resolved.takeError());
  target = *resolved;
  return success(valid);
}

std::string Compilation::formatFlags() const {
  std::string text;
  for (auto [given, flag] : {std::pair(options.rooms.policy.has_value(), "--policy"), {!options.calibrateWith.empty(), "--calibrate-with"},
                             {!options.rooms.loadStatistics.empty(), "--load-statistics-from"},
                             {!options.rooms.saveStatistics.empty(), "--save-statistics-to"}})
    if (given)
      text += (text.empty() ? "" : ", ") + std::string(flag);
  return text;
}
