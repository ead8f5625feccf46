//===- Forms.cpp - the way from form to form --------------------*- C++ -*-===//
//
// This file lists the passes of each room in order. docs/Walk.md shows one network at every door.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/Forms.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "quantization/Assign/Passes.h"
#include "quantization/Calibrate/Passes.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Import/Passes.h"
#include "quantization/Pipeline/Passes.h"
#include "quantization/Quantize/Passes.h"
#include "quantization/Target/Portable.h"
#include "quantization/Tile/Passes.h"

using namespace mlir;
using namespace quantization;

static constexpr StringLiteral kNames[] = {"raw",      "network",  "observed", "assigned", "simulated",
                                           "integral", "additive", "tiled",    "lowered"};

StringRef quantization::nameOf(Form form) { return kNames[static_cast<int>(form)]; }

std::optional<Form> quantization::parseForm(StringRef name) {
  for (auto [i, known] : llvm::enumerate(kNames))
    if (name == known)
      return static_cast<Form>(i);
  return std::nullopt;
}

std::string quantization::allForms() {
  std::string text;
  for (StringRef name : kNames)
    text += (text.empty() ? "" : ", ") + name.str();
  return text;
}

//===----------------------------------------------------------------------===//
// Rooms
//===----------------------------------------------------------------------===//

static void buildImport(OpPassManager &manager, const RoomOptions &options) {
  manager.addPass(createConvertONNXToNN(ConvertONNXToNNOptions{options.recordSublayers}));
  manager.addPass(createSimplifyNetwork());
}

static std::string policyOf(const RoomOptions &options) { return options.policy.value_or("float"); }

static void buildCalibrate(OpPassManager &manager, const RoomOptions &options) {
  if (options.corrections.equalizeRanges)
    manager.addPass(createEqualizeRanges(EqualizeRangesOptions{options.corrections.openClips}));
  manager.addPass(createInsertObservers());
  if (options.runner)
    manager.addPass(createRecordStatistics(*options.runner, options.recordChannels));
  if (options.runner && options.corrections.needMoments())
    manager.addPass(createRecordMoments(*options.runner, options.corrections.names()));
  if (!options.loadStatistics.empty())
    manager.addPass(createLoadStatistics(LoadStatisticsOptions{options.loadStatistics}));
  if (!options.saveStatistics.empty())
    manager.addPass(createSaveStatistics(SaveStatisticsOptions{options.saveStatistics}));
}

static void buildAssign(OpPassManager &manager, const RoomOptions &options) {
  manager.addPass(createAssignPrecision(AssignPrecisionOptions{policyOf(options), options.onlyWidths}));
}

static void buildQuantize(OpPassManager &manager, const RoomOptions &options) {
  if (options.runner && options.corrections.feedBackErrors)
    manager.addPass(createFeedBackErrors(*options.runner));
  manager.addPass(createCompleteQuantization());
  // A caller who takes codes needs them quantized; one who takes f32 gets the accumulator's own precision.
  manager.addPass(createInsertQuantization(InsertQuantizationOptions{options.io.output == "f32"}));
  manager.addPass(createQuantizeConstants());
  // The first does what the second does, too.
  if (options.runner && options.corrections.reestimateStatistics)
    manager.addPass(createReestimateStatistics(*options.runner));
  else if (options.runner && options.corrections.correctBias)
    manager.addPass(createCorrectBias(*options.runner));
}

static void buildFold(OpPassManager &manager, const RoomOptions &options) {
  if (!options.layers.empty())
    manager.addPass(createExposeLayers(ExposeLayersOptions{options.layers}));
  manager.addPass(createLowerActivations());
  manager.addPass(createAbsorbQuantization());
  if (options.io.input != "f32" || options.io.output != "f32" || !options.mean.empty() || !options.std.empty()) {
    ConvertInterfaceOptions interface;
    interface.io = options.io.input + "," + options.io.output;
    interface.mean.append(options.mean.begin(), options.mean.end());
    interface.std.append(options.std.begin(), options.std.end());
    manager.addPass(createConvertInterface(interface));
  }
  manager.addPass(createFoldScales());
  manager.addPass(createMaterializeRescale());
}

static void buildTernary(OpPassManager &, const RoomOptions &) {} // nothing is ternary without a ternary format

static void buildTile(OpPassManager &manager, const RoomOptions &options) {
  manager.addPass(createSetTarget(SetTargetOptions{options.triple, options.cpu, options.features, options.emulated, options.threads}));
  SelectLoweringOptions lowerings;
  lowerings.requests.append(options.lowerings.begin(), options.lowerings.end());
  manager.addPass(createSelectLowering(lowerings));
  manager.addPass(createChooseLayout());
  manager.addPass(createPackValues());
  manager.addPass(createConvertNNToLinalg());
  manager.addPass(createCSEPass());
  manager.addPass(createFuseElementwise());
  manager.addPass(createFuseEpilogue());
  manager.addPass(createFusePacking());
  manager.addPass(createExpandPacking());
  manager.addPass(createTileAndFuse());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createExpandPadding());
  manager.addPass(createSeparateResults());
  manager.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(bufferization::createOneShotBufferizePass(bufferize));
  bufferization::BufferResultsToOutParamsPassOptions outputs;
  outputs.hoistStaticAllocs = true;
  outputs.modifyPublicFunctions = true;
  manager.addPass(bufferization::createBufferResultsToOutParamsPass(outputs));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createCanonicalizerPass()); // copies whose sides CSE has made one
  manager.addPass(memref::createFoldMemRefAliasOpsPass());
  manager.addPass(createPlanMemory());
}

static void buildTarget(OpPassManager &manager, const RoomOptions &options) { buildPortablePipeline(manager, options.profile); }

void quantization::buildPipeline(OpPassManager &manager, Form from, Form to, const RoomOptions &options) {
  using Room = void (*)(OpPassManager &, const RoomOptions &);
  static constexpr std::pair<Form, Room> kRooms[] = {
      {Form::Network, buildImport},   {Form::Observed, buildCalibrate}, {Form::Assigned, buildAssign},
      {Form::Simulated, buildQuantize}, {Form::Integral, buildFold},    {Form::Additive, buildTernary},
      {Form::Tiled, buildTile},       {Form::Lowered, buildTarget},
  };
  bool policyChecked = from >= Form::Assigned;
  for (auto [form, room] : kRooms) {
    if (form <= from || form > to)
      continue;
    // As soon as layers have their names: calibration may take long.
    if (form >= Form::Observed && !std::exchange(policyChecked, true))
      manager.addPass(createCheckPolicy(CheckPolicyOptions{to < Form::Assigned ? "float" : policyOf(options), options.formatFlags,
                                                           options.onlyWidths}));
    room(manager, options);
    manager.addPass(createVerifyForm(VerifyFormOptions{nameOf(form).str()}));
  }
}

OwningOpRef<ModuleOp> quantization::tileCopy(ModuleOp additive, const RoomOptions &options, std::string &why) {
  OwningOpRef<ModuleOp> copy = additive.clone();
  PassManager manager(additive.getContext());
  buildPipeline(manager, Form::Additive, Form::Tiled, options);
  ScopedDiagnosticHandler handler(additive.getContext(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure(); // somebody else's
    if (why.empty())
      why = diagnostic.str();
    return success();
  });
  return succeeded(manager.run(*copy)) ? std::move(copy) : nullptr;
}

std::vector<std::string> quantization::optionsWithoutEffect(Form from, const RoomOptions &options) {
  // Each with the form at the end of the room that reads it.
  const std::tuple<bool, Form, const char *> kOptions[] = {
      {!options.loadStatistics.empty(), Form::Assigned, "--load-statistics-from"},
      {!options.saveStatistics.empty(), Form::Assigned, "--save-statistics-to"},
      {options.policy.has_value(), Form::Assigned, "--policy"},
      {options.io.input != "f32" || options.io.output != "f32", Form::Integral, "--io"},
      {!options.mean.empty(), Form::Integral, "--input-mean"},
      {!options.std.empty(), Form::Integral, "--input-std"},
      {!options.layers.empty(), Form::Integral, "--layers"},
      {!options.lowerings.empty(), Form::Tiled, "--lowering"},
      {options.profile, Form::Lowered, "--profile"},
  };
  std::vector<std::string> flags;
  for (auto [given, readUntil, flag] : kOptions)
    if (given && from >= readUntil)
      flags.push_back(flag);
  return flags;
}
