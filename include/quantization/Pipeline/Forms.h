//===- Forms.h - the forms of a network and the way between -----*- C++ -*-===//
//
// This file declares the named forms that end each room, the passes from one to the next, and the check of what each promises.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_PIPELINE_FORMS_H
#define QUANTIZATION_PIPELINE_FORMS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "quantization/Assign/Policy.h"
#include "quantization/Fold/Interface.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace quantization {

class NetworkRunner;

enum class Form { Raw, Network, Observed, Assigned, Simulated, Integral, Additive, Tiled, Lowered };

llvm::StringRef nameOf(Form form);
std::optional<Form> parseForm(llvm::StringRef name);
/// "raw, network, ...", for messages.
std::string allForms();

/// What the rooms are told.
struct RoomOptions {
  /// A name or a file; by default float.
  std::optional<std::string> policy;
  /// The flags with which the caller chooses formats, for messages.
  std::string formatFlags;
  std::string loadStatistics, saveStatistics;
  /// Runs the network on the calibration samples; null where statistics are loaded or not needed.
  NetworkRunner *runner = nullptr;
  /// That run the network do so through `runner`.
  Corrections corrections;
  /// "", "outputs" or "isolated": see expose-layers.
  std::string layers;
  InterfaceTypes io;
  std::vector<double> mean, std;
  /// The machine to compile for, resolved; plain loops where the triple is empty.
  std::string triple, cpu, features;
  /// How layers become code, each GLOB:NAME.
  std::vector<std::string> lowerings;
  /// Kernels of that machine, in plain instructions.
  bool emulated = false;
  /// That share the loops of one run.
  int64_t threads = 1;
  /// Keep what each layer of the file reads and writes, for a report of costs.
  bool recordSublayers = false;
  /// Leave `channel_deviations` on observers that see samples, for reports.
  bool recordChannels = false;
  /// Formats whose name tells their width will do: the walk ends where they are assigned.
  bool onlyWidths = false;
  /// Code that reads the clock between the steps of a run.
  bool profile = false;
};

/// Adds the passes that lead from `from` to `to`, each room closed by `verify-form`.
void buildPipeline(mlir::OpPassManager &manager, Form from, Form to, const RoomOptions &options);

/// A copy of `additive` in the tiled form; null, with the first error in `why` and none reported, where it cannot become code.
mlir::OwningOpRef<mlir::ModuleOp> tileCopy(mlir::ModuleOp additive, const RoomOptions &options, std::string &why);

/// Those of `options` that have an effect only in rooms before `from`, as the driver's flags.
std::vector<std::string> optionsWithoutEffect(Form from, const RoomOptions &options);

} // namespace quantization

#endif // QUANTIZATION_PIPELINE_FORMS_H
