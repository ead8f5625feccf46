//===- PolicyCheck.h - whether a policy can be followed ---------*- C++ -*-===//
//
// This file declares what can be told of a policy before a layer gets its format: first without a network, then with its layers.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_POLICYCHECK_H
#define QUANTIZATION_ASSIGN_POLICYCHECK_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Assign/Policy.h"

namespace quantization {

/// The policy of that name or in that file, with formats that exist and can be had where they stand; with `onlyWidths` formats
/// whose name tells their width will do. Every problem is an error at its line of the file; what concerns the policy as a whole is
/// one at `location`.
mlir::FailureOr<Policy> loadPolicy(llvm::StringRef nameOrFile, mlir::Location location, bool onlyWidths = false);

/// Warns of formats of which only the width is known; whether there are some.
bool warnOfUnknownFormats(const Policy &policy, mlir::Location location);

/// Errors: globs that match no layer of the network, and the hash of another model.
mlir::LogicalResult checkPolicy(const Policy &policy, mlir::ModuleOp network);

/// Asks for packed storage in each rule whose values have few enough bits, and of which some stay inside the network.
void packWherePossible(Policy &policy, mlir::ModuleOp network);

/// Warns of the rules that decide nothing, because each layer they match falls under an earlier one, or is float whatever they say.
void warnOfIdleRules(const Policy &policy, mlir::ModuleOp network);

/// Whether the policy names no format but float, so that ranges are of no use.
bool isAllFloat(const Policy &policy);

/// Warns where weights have formats, but no values have: layers have integers only where both do.
void warnOfFloatValues(const Policy &policy, mlir::Location location);

/// Whether some format of values between layers depends on their range, so that calibration is needed. Formats must have been checked.
bool needsRanges(const Policy &policy);

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_POLICYCHECK_H
