//===- Steps.cpp - what a loop nest computes and moves ----------*- C++ -*-===//
//
// This file reads off one step of a tiled network which layers it computes, with what, and how many multiplications and bytes that takes:
//
//   fixed.contract %x, %w, %y {layer = "conv1", lowering = "madd256"}
//     ==>   #fixed.step<layers = ["conv1", "relu1"], kernel = "madd256", macs = 1024, read = 64, written = 32, weights = 512>
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/Steps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "quantization/Target/WeightsInCode.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace quantization;

int64_t quantization::turnsOf(Operation *op, Operation *step) {
  int64_t turns = 1;
  for (Operation *parent = op; parent != step; parent = parent->getParentOp())
    if (auto loop = dyn_cast<scf::ForOp>(parent->getParentOp())) {
      std::optional<APInt> count = loop.getStaticTripCount();
      turns *= count ? count->getSExtValue() : 0;
    }
  return turns;
}

namespace {

/// Which arguments of the body `value` is computed from.
void collectArguments(Value value, SmallPtrSetImpl<Value> &arguments) {
  if (isa<BlockArgument>(value)) {
    arguments.insert(value);
    return;
  }
  for (Operation *op = value.getDefiningOp(); Value operand : op->getOperands())
    collectArguments(operand, arguments);
}

/// The two buffers of which the body adds up products, if it does; a sum of squares has one.
SmallVector<Value> factorsOf(linalg::GenericOp op) {
  if (!op.getNumReductionLoops())
    return {};
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (!isa<arith::MulIOp, arith::MulFOp, math::FmaOp>(inner))
      continue;
    SmallPtrSet<Value, 4> arguments[2];
    SmallVector<Value> factors;
    for (unsigned side : {0, 1}) {
      collectArguments(inner.getOperand(side), arguments[side]);
      if (arguments[side].size() != 1)
        continue;
      auto argument = cast<BlockArgument>(*arguments[side].begin());
      if (argument.getOwner() == op.getBody())
        factors.push_back(op->getOperand(argument.getArgNumber()));
    }
    if (factors.size() == 2 && factors[0] != factors[1])
      return factors;
  }
  return {};
}

/// How often the body of `nest` runs for one run of it; 0 where that is not known.
int64_t turnsOfBody(Operation *nest) {
  if (auto contract = dyn_cast<fixed::ContractOp>(nest))
    return cast<ShapedType>(contract.getInit().getType()).getNumElements();
  int64_t turns = 1;
  for (int64_t range : cast<linalg::GenericOp>(nest).getStaticLoopRanges())
    turns *= ShapedType::isDynamic(range) ? 0 : range;
  return turns;
}

/// Products of convolutions and matrix products, and the operations by which the code has them.
struct Products {
  int64_t all = 0, multiplications = 0, additions = 0;
};

Products countProducts(Operation *step, const TargetModel &target) {
  Products products;
  step->walk([&](Operation *op) {
    if (auto contract = dyn_cast<fixed::ContractOp>(op)) {
      int64_t turns = turnsOf(op, step), count = contract.countProducts();
      const DotKernel *kernel = target.findKernel(contract.getLowering());
      std::optional<SumOperations> sums = kernel && kernel->knowsWeights() ? operationsOfSums(contract) : std::nullopt;
      products.all += turns * count;
      products.multiplications += turns * (sums ? sums->factors : kernel && !kernel->multiplies() ? 0 : count);
      products.additions += sums ? turns * sums->additions : 0;
      return;
    }
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic || factorsOf(generic).empty())
      return;
    int64_t count = turnsOf(op, step) * turnsOfBody(op);
    products.all += count, products.multiplications += count;
  });
  return products;
}

/// Multiplications by which values are rescaled; several for a result where several rescales are computed together.
int64_t countRescales(Operation *step) {
  int64_t rescales = 0;
  step->walk([&](fixed::RequantizeOp op) {
    Operation *nest = op->getParentOp();
    if (isa<fixed::ContractOp, linalg::GenericOp>(nest))
      rescales += turnsOf(nest, step) * turnsOfBody(nest);
  });
  return rescales;
}

/// The buffer that `value`, perhaps a view of it, is a part of.
Value bufferBehind(Value value, Operation *inside = nullptr) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>()) {
    if (inside && !inside->isProperAncestor(view))
      break;
    value = view.getViewSource();
  }
  return value;
}

struct Traffic {
  int64_t read = 0, written = 0, weights = 0;
};

/// What goes in and out of the step; what it touches again and again counts once.
Traffic trafficOf(Operation *step) {
  SetVector<Value> read, written;
  step->walk([&](MemoryEffectOpInterface op) {
    SmallVector<MemoryEffects::EffectInstance> effects;
    op.getEffects(effects);
    for (const MemoryEffects::EffectInstance &effect : effects) {
      if (!effect.getValue() || !isa<MemRefType>(effect.getValue().getType()))
        continue;
      Value buffer = bufferBehind(effect.getValue(), step);
      if (isa<MemoryEffects::Read>(effect.getEffect()))
        read.insert(buffer);
      if (isa<MemoryEffects::Write>(effect.getEffect()))
        written.insert(buffer);
    }
  });
  Traffic traffic;
  for (Value buffer : read)
    (bufferBehind(buffer).getDefiningOp<memref::GetGlobalOp>() ? traffic.weights : traffic.read) += bytesOf(cast<MemRefType>(buffer.getType()));
  for (Value buffer : written)
    traffic.written += bytesOf(cast<MemRefType>(buffer.getType()));
  return traffic;
}

/// The layer of the contraction first, then all whose values are computed on the way to the result.
SmallVector<Attribute> layersOf(Operation *step) {
  SetVector<Attribute> layers;
  step->walk([&](fixed::ContractOp op) { layers.insert(op.getLayerAttr()); });
  auto addNames = [&](Operation *op) {
    // Equal constants of several layers are one, with the name of any.
    if (op->hasTrait<OpTrait::ConstantLike>() || op->hasTrait<OpTrait::IsTerminator>())
      return;
    op->getLoc()->walk([&](Location loc) {
      if (auto named = dyn_cast<NameLoc>(loc))
        layers.insert(named.getName());
      return WalkResult::advance();
    });
  };
  step->walk([&](Operation *op) {
    if (op != step && !isa<ViewLikeOpInterface>(op))
      addNames(op);
  });
  addNames(step);
  return layers.takeVector();
}

/// Values go from buffer to buffer as they are.
bool moves(Operation *step) {
  if (isa<memref::CopyOp>(step))
    return true;
  auto generic = dyn_cast<linalg::GenericOp>(step);
  return generic && generic.getBody()->without_terminator().empty();
}

} // namespace

int64_t quantization::bytesOf(MemRefType type) {
  int64_t bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
  return type.hasStaticShape() ? type.getNumElements() * ((bits + 7) / 8) : 0;
}

bool quantization::isStep(Operation *op) { return isa<memref::CopyOp>(op) || (op->getNumRegions() && op->getNumResults() == 0); }

SmallVector<memref::GetGlobalOp> quantization::weightsOf(Operation *step) {
  SetVector<Operation *> weights;
  step->walk([&](Operation *op) {
    SmallVector<Value> factors;
    if (auto contract = dyn_cast<fixed::ContractOp>(op))
      factors.push_back(contract.getWeights());
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      factors = factorsOf(generic);
    for (Value factor : factors)
      if (auto constant = bufferBehind(factor).getDefiningOp<memref::GetGlobalOp>())
        weights.insert(constant);
  });
  return llvm::map_to_vector(weights, [](Operation *op) { return cast<memref::GetGlobalOp>(op); });
}

fixed::StepAttr quantization::describeStep(Operation *step) {
  MLIRContext *context = step->getContext();
  StringRef kernel = moves(step) ? "copy" : "loops";
  step->walk([&](fixed::ContractOp contract) { kernel = contract.getLowering(); }); // perhaps in a loop over rows
  Traffic traffic = trafficOf(step);
  Products products = countProducts(step, *TargetModel::of(step->getParentOfType<ModuleOp>()));
  return fixed::StepAttr::get(context, ArrayAttr::get(context, layersOf(step)), kernel, products.all, traffic.read, traffic.written,
                              traffic.weights, products.additions, products.multiplications, countRescales(step));
}
