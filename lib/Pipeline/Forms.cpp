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

static void buildImport(OpPassManager &manager, const RoomOptions &) {
  manager.addPass(createConvertONNXToNN());
  manager.addPass(createSimplifyNetwork());
}

static void buildCalibrate(OpPassManager &manager, const RoomOptions &options) {
  manager.addPass(createInsertObservers());
  if (options.runner)
    manager.addPass(createRecordStatistics(*options.runner));
  if (!options.loadStatistics.empty())
    manager.addPass(createLoadStatistics(LoadStatisticsOptions{options.loadStatistics}));
  if (!options.saveStatistics.empty())
    manager.addPass(createSaveStatistics(SaveStatisticsOptions{options.saveStatistics}));
}

static void buildAssign(OpPassManager &manager, const RoomOptions &options) {
  manager.addPass(createAssignPrecision(AssignPrecisionOptions{options.policy}));
}

static void buildQuantize(OpPassManager &manager, const RoomOptions &options) {
  // A caller who takes codes needs them quantized; one who takes f32 gets the accumulator's own precision.
  manager.addPass(createInsertQuantization(InsertQuantizationOptions{options.io == "f32"}));
  manager.addPass(createQuantizeConstants());
}

static void buildFold(OpPassManager &manager, const RoomOptions &options) {
  if (!options.layers.empty())
    manager.addPass(createExposeLayers(ExposeLayersOptions{options.layers}));
  manager.addPass(createLowerActivations());
  manager.addPass(createAbsorbQuantization());
  if (options.io != "f32" || !options.mean.empty() || !options.std.empty()) {
    ConvertInterfaceOptions interface;
    interface.io = options.io;
    interface.mean.append(options.mean.begin(), options.mean.end());
    interface.std.append(options.std.begin(), options.std.end());
    manager.addPass(createConvertInterface(interface));
  }
  manager.addPass(createFoldScales());
  manager.addPass(createMaterializeRescale());
}

static void buildTernary(OpPassManager &, const RoomOptions &) {} // nothing is ternary without a ternary format

static void buildTile(OpPassManager &manager, const RoomOptions &) {
  manager.addPass(createChooseLayout());
  manager.addPass(createConvertNNToLinalg());
  manager.addPass(createCSEPass());
  manager.addPass(createFuseElementwise());
  manager.addPass(createTileAndFuse());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
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
  manager.addPass(memref::createFoldMemRefAliasOpsPass());
  manager.addPass(createPlanMemory());
}

static void buildTarget(OpPassManager &manager, const RoomOptions &) { buildPortablePipeline(manager); }

void quantization::buildPipeline(OpPassManager &manager, Form from, Form to, const RoomOptions &options) {
  using Room = void (*)(OpPassManager &, const RoomOptions &);
  static constexpr std::pair<Form, Room> kRooms[] = {
      {Form::Network, buildImport},   {Form::Observed, buildCalibrate}, {Form::Assigned, buildAssign},
      {Form::Simulated, buildQuantize}, {Form::Integral, buildFold},    {Form::Additive, buildTernary},
      {Form::Tiled, buildTile},       {Form::Lowered, buildTarget},
  };
  for (auto [form, room] : kRooms) {
    if (form <= from || form > to)
      continue;
    room(manager, options);
    manager.addPass(createVerifyForm(VerifyFormOptions{nameOf(form).str()}));
  }
}
