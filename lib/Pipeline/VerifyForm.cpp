//===- VerifyForm.cpp - what a form promises --------------------*- C++ -*-===//
//
// This file checks the form at the door of each room:
//
//   verify-form{form=integral}:
//     error: layer "conv3" breaks the integral form: 'arith.mulf' is floating point; absorb-quantization should have dealt with it
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Pipeline/Forms.h"
#include "quantization/Pipeline/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace quantization {
#define GEN_PASS_DEF_VERIFYFORM
#include "quantization/Pipeline/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct VerifyFormPass : quantization::impl::VerifyFormBase<VerifyFormPass> {
  using VerifyFormBase::VerifyFormBase;

  void runOnOperation() override {
    std::optional<Form> parsed = parseForm(form);
    if (!parsed) {
      getOperation().emitError() << "unknown form \"" << form << "\"; known are " << allForms();
      return signalPassFailure();
    }
    broken = false;
    checking = *parsed;
    llvm::StringMap<Operation *> layers;
    getOperation().walk([&](Operation *op) {
      if (isa<ModuleOp>(op))
        return;
      check(op);
      if (checking <= Form::Additive && checking >= Form::Network)
        checkName(op, layers);
    });
    if (broken)
      signalPassFailure();
  }

private:
  Form checking;
  bool broken;

  /// One sentence: layer, form, fact, and the pass that should have dealt with it.
  void report(Operation *op, const Twine &fact, StringRef pass) {
    broken = true;
    std::string layer = nn::layerOf(op).str();
    for (Value operand : op->getOperands())
      if (layer.empty() && operand.getDefiningOp())
        layer = nn::layerOf(operand.getDefiningOp()).str();
    InFlightDiagnostic message = op->emitError();
    if (!layer.empty())
      message << "layer \"" << layer << "\" ";
    else
      message << "'" << op->getName() << "' ";
    message << "breaks the " << nameOf(checking) << " form: " << fact << "; " << pass << " should have dealt with it";
  }

  template <typename... Dialects> void allowOnly(Operation *op, StringRef pass) {
    if (!isa_and_nonnull<Dialects...>(op->getDialect()))
      report(op, "'" + op->getName().getStringRef() + "' does not belong in it", pass);
  }

  void check(Operation *op) {
    switch (checking) {
    case Form::Raw:
      return allowOnly<nn::NNDialect, func::FuncDialect>(op, "the importer");
    case Form::Network:
      allowOnly<nn::NNDialect, func::FuncDialect>(op, "convert-onnx-to-nn");
      return checkConverted(op);
    case Form::Observed:
    case Form::Assigned:
      allowOnly<nn::NNDialect, func::FuncDialect>(op, "convert-onnx-to-nn");
      checkConverted(op);
      if (auto observe = dyn_cast<nn::ObserveOp>(op); observe && checking == Form::Assigned && !observe.getPrecision())
        report(op, "its value has no precision", "assign-precision");
      return;
    case Form::Simulated:
      allowOnly<nn::NNDialect, func::FuncDialect>(op, "insert-quantization");
      if (isa<nn::ObserveOp>(op))
        report(op, "an nn.observe is left", "insert-quantization");
      return checkConverted(op);
    case Form::Integral:
    case Form::Additive:
      return checkIntegral(op);
    case Form::Tiled:
      allowOnly<func::FuncDialect, arith::ArithDialect, linalg::LinalgDialect, memref::MemRefDialect, scf::SCFDialect,
                math::MathDialect, affine::AffineDialect, fixed::FixedDialect>(op, "the room Tile");
      if (isa<memref::AllocOp>(op))
        report(op, "a buffer lies outside the arena", "plan-memory");
      return;
    case Form::Lowered:
      return allowOnly<LLVM::LLVMDialect>(op, "the target's pipeline");
    }
  }

  void checkConverted(Operation *op) {
    if (isa<nn::OnnxOp, nn::NoneOp>(op))
      report(op, "it is still an ONNX node", "convert-onnx-to-nn");
    if (isa<nn::BatchNormOp>(op))
      report(op, "it is still a batch normalization", "simplify-network");
    for (Type type : op->getResultTypes())
      if (auto tensor = dyn_cast<ShapedType>(type); tensor && !tensor.hasStaticShape())
        report(op, "its shape is not static", "convert-onnx-to-nn");
  }

  /// Between the first quantize and the last dequantize only layers that the policy keeps in float compute on f32, and such a layer
  /// is an nn op; everything else is integer.
  void checkIntegral(Operation *op) {
    if (!isa_and_nonnull<nn::NNDialect, fixed::FixedDialect, func::FuncDialect>(op->getDialect())) {
      bool isFloat = llvm::any_of(op->getResultTypes(), [](Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); });
      return report(op, "'" + op->getName().getStringRef() + (isFloat ? "' is floating-point arithmetic" : "' does not belong in it"),
                    "absorb-quantization");
    }
    checkConverted(op);
    if (auto rescale = dyn_cast<fixed::RescaleOp>(op); rescale && !rescale.getMultipliers())
      report(op, "its rescale has floating-point scales", "materialize-rescale");
    if (isa<nn::ObserveOp>(op))
      report(op, "an nn.observe is left", "insert-quantization");
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if (!layer || op->getNumOperands() == 0 || !nn::isF32(op->getResult(0)) || isKeptFloat(op))
      return;
    // A layer whose operands are all dequantized and whose result is quantized again could have been an integer layer.
    bool fromCodes = llvm::all_of(op->getOperands(), [](Value v) { return v.getDefiningOp<nn::DequantizeOp>() != nullptr; });
    bool toCodes = !op->getResult(0).use_empty() && llvm::all_of(op->getResult(0).getUsers(), [](Operation *user) {
      return isa<nn::QuantizeOp>(user);
    });
    if (fromCodes && toCodes)
      report(op, "'" + op->getName().getStringRef() + "' computes in floating point between integers", "absorb-quantization");
  }

  void checkName(Operation *op, llvm::StringMap<Operation *> &layers) {
    if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()) || isa<nn::NoneOp>(op))
      return;
    StringRef layer = nn::layerOf(op);
    if (layer.empty())
      return report(op, "it has no layer name", "convert-onnx-to-nn");
    // These speak of the layer whose value they carry.
    if (isa<nn::ObserveOp, nn::QuantizeOp, nn::DequantizeOp>(op))
      return;
    auto [at, isNew] = layers.try_emplace(layer, op);
    if (!isNew) {
      report(op, "another layer has the same name", "convert-onnx-to-nn");
    }
  }
};

} // namespace
