//===- ShareLoops.cpp - loops shared between threads ------------*- C++ -*-===//
//
// This file gives every thread a part of the turns of a layer's loops, settled at compile time:
//
//   func private @layer0(%in, %out) {              func private @layer0(%in, %out, %share) attributes {fixed.shares = 2} {
//     scf.parallel (%i) = 0 to 56 { ... }            scf.parallel (%i) = %share * 56 / 2 to (%share + 1) * 56 / 2 { ... }
//   }                                        ==>   }
//   call @layer0(%a, %b)                           call @layer0(%a, %b, 0)
//                                                  call @layer0(%a, %b, 1)
//
// Shares of one layer write different places, or the same values where tiles overlap; fork-shares lets their calls run side by side.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/TargetModel.h"
#include "llvm/ADT/StringSet.h"

#define DEBUG_TYPE "share-loops"

namespace quantization {
#define GEN_PASS_DEF_SHARELOOPS
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

/// One loop variable of a parallel loop, or of one whose turns do not know of each other.
struct Dimension {
  LoopLikeOpInterface loop;
  unsigned number;
  int64_t turns;
};

int64_t constantOf(Value value, int64_t otherwise) {
  APInt number;
  return matchPattern(value, m_ConstantInt(&number)) ? number.getSExtValue() : otherwise;
}

int64_t turnsOf(Value lower, Value upper, Value step) {
  int64_t from = constantOf(lower, 0), to = constantOf(upper, -1), by = constantOf(step, 0);
  return by > 0 && to > from ? (to - from + by - 1) / by : 1;
}

/// Of an operation without regions; one on a tile register takes a row at a time, and a part of a layer is a loop over long code.
double workOf(Operation &op) {
  constexpr double kPart = 1000;
  if (isa<func::CallOp>(op))
    return kPart;
  auto isTile = llvm::IsaPred<amx::TileType>;
  bool onTiles = llvm::any_of(op.getOperandTypes(), isTile) || llvm::any_of(op.getResultTypes(), isTile);
  return op.hasTrait<OpTrait::ConstantLike>() ? 0 : onTiles ? kTileRows : 1;
}

/// Vectors or single values that are computed, roughly.
double workOf(Block &block) {
  double work = 0;
  for (Operation &op : block.without_terminator()) {
    double turns = 1;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      turns = turnsOf(loop.getLowerBound(), loop.getUpperBound(), loop.getStep());
    if (auto loop = dyn_cast<scf::ParallelOp>(op))
      for (auto [lower, upper, step] : llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep()))
        turns *= turnsOf(lower, upper, step);
    double inside = 0;
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        inside += workOf(inner);
    work += op.getNumRegions() ? turns * inside : workOf(op);
  }
  return work;
}

/// Whether `op` leaves something behind but on the stack, which each share has to itself.
bool writes(Operation &op) {
  auto isElsewhere = [](Value value) {
    while (value && isa_and_nonnull<ViewLikeOpInterface>(value.getDefiningOp()))
      value = cast<ViewLikeOpInterface>(value.getDefiningOp()).getViewSource();
    return !value || !value.getDefiningOp<memref::AllocaOp>();
  };
  return op.walk([&](Operation *inner) {
             SmallVector<MemoryEffects::EffectInstance> effects;
             auto interface = dyn_cast<MemoryEffectOpInterface>(inner);
             bool takesMemory = llvm::any_of(inner->getOperandTypes(), llvm::IsaPred<BaseMemRefType>);
             if (!interface && takesMemory && !isMemoryEffectFree(inner) && !inner->getNumRegions())
               return WalkResult::interrupt(); // nobody knows what it does
             if (interface)
               interface.getEffects(effects);
             bool isWrite = llvm::any_of(effects, [&](const MemoryEffects::EffectInstance &effect) {
               return isa<MemoryEffects::Write>(effect.getEffect()) && isElsewhere(effect.getValue());
             });
             return isWrite ? WalkResult::interrupt() : WalkResult::advance();
           })
      .wasInterrupted();
}

/// What a turn of `loop` reaches of `buffer` through views: the whole, or the part of its own, of one dimension.
struct Reach {
  Value whole;
  std::optional<int64_t> ownDimension;
};

Reach reachOf(Value buffer, scf::ForOp loop, int64_t step) {
  Reach reach{buffer, std::nullopt};
  while (auto view = dyn_cast_or_null<ViewLikeOpInterface>(reach.whole.getDefiningOp())) {
    auto part = dyn_cast<memref::SubViewOp>(view.getOperation());
    if (part && !isa_and_nonnull<ViewLikeOpInterface>(part.getSource().getDefiningOp())) // else dimensions have other numbers
      for (auto [dimension, offset, size, stride] : llvm::enumerate(part.getMixedOffsets(), part.getMixedSizes(), part.getMixedStrides())) {
        std::optional<int64_t> length = getConstantIntValue(size);
        if (dyn_cast<Value>(offset) == loop.getInductionVar() && length && *length <= step && isConstantIntValue(stride, 1))
          reach.ownDimension = dimension;
      }
    reach.whole = view.getViewSource();
  }
  return reach;
}

/// Whether the turns of `loop` can be done in any order: each writes its own part of a buffer, and reads no other part of that. So are the
/// loops over rows that tiling makes.
bool hasIndependentTurns(scf::ForOp loop) {
  int64_t step = constantOf(loop.getStep(), 0);
  if (!loop.getInitArgs().empty() || step <= 0 || constantOf(loop.getLowerBound(), -1) < 0 || constantOf(loop.getUpperBound(), -1) < 0)
    return false;
  SmallVector<std::pair<Value, Reach>> accesses; // with what is written, or null
  llvm::SmallDenseMap<Value, int64_t> written;
  auto visit = [&](Operation *op) {
    if (op->getNumRegions() || isMemoryEffectFree(op) || isa<memref::AllocaOp>(op))
      return WalkResult::advance();
    auto interface = dyn_cast<MemoryEffectOpInterface>(op);
    if (!interface)
      return WalkResult::interrupt();
    SmallVector<MemoryEffects::EffectInstance> effects;
    interface.getEffects(effects);
    for (const MemoryEffects::EffectInstance &effect : effects) {
      if (!effect.getValue())
        return WalkResult::interrupt();
      Reach reach = reachOf(effect.getValue(), loop, step);
      bool isOfTurn = reach.whole.getDefiningOp<memref::AllocaOp>() && loop->isProperAncestor(reach.whole.getDefiningOp());
      if (isOfTurn)
        continue;
      accesses.push_back({reach.whole, reach});
      if (!isa<MemoryEffects::Write>(effect.getEffect()))
        continue;
      if (!reach.ownDimension || written.try_emplace(reach.whole, *reach.ownDimension).first->second != *reach.ownDimension)
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  };
  if (loop.getBody()->walk(visit).wasInterrupted())
    return false;
  return llvm::all_of(accesses, [&](const std::pair<Value, Reach> &access) {
    auto found = written.find(access.first);
    return found == written.end() || access.second.ownDimension == found->second;
  });
}

/// The variables of `loop`, and of one inside it where nothing beside that writes: every share would, and sums would be added twice.
void collectDimensions(scf::ParallelOp loop, SmallVectorImpl<Dimension> &dimensions) {
  for (unsigned i = 0; i < loop.getNumLoops(); ++i)
    dimensions.push_back({cast<LoopLikeOpInterface>(loop.getOperation()), i, turnsOf(loop.getLowerBound()[i], loop.getUpperBound()[i], loop.getStep()[i])});
  auto inner = loop.getBody()->getOps<scf::ParallelOp>();
  if (!llvm::hasSingleElement(inner))
    return;
  for (Operation &op : loop.getBody()->without_terminator())
    if (&op != (*inner.begin()).getOperation() && writes(op))
      return;
  collectDimensions(*inner.begin(), dimensions);
}

struct ShareLoopsPass : quantization::impl::ShareLoopsBase<ShareLoopsPass> {
  using ShareLoopsBase::ShareLoopsBase;

  void runOnOperation() override {
    shares = TargetModel::of(getOperation())->threads();
    if (shares == 1)
      return;
    llvm::StringMap<func::FuncOp> shared;
    llvm::StringSet<> parts; // of a layer are called by it, and each share calls them
    getOperation().walk([&](func::CallOp call) {
      if (auto caller = call->getParentOfType<func::FuncOp>(); caller && caller.isPrivate())
        parts.insert(call.getCallee());
    });
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPrivate() && !function.isExternal() && !parts.contains(function.getName()) && share(function)) {
        shared.try_emplace(function.getName(), function);
        ++numShared;
      }
    getOperation().walk([&](func::CallOp call) {
      auto callee = shared.find(call.getCallee());
      if (callee == shared.end())
        return;
      OpBuilder builder(call);
      for (int64_t i = 0; i < shares; ++i) {
        SmallVector<Value> arguments(call.getOperands());
        arguments.push_back(arith::ConstantIndexOp::create(builder, call.getLoc(), i));
        func::CallOp::create(builder, call.getLoc(), callee->second, arguments)->setDiscardableAttrs(call->getDiscardableAttrDictionary());
      }
      call.erase();
    });
  }

private:
  int64_t shares;

  bool share(func::FuncOp function) {
    SmallVector<Dimension> chosen;
    Block &body = function.getBody().front();
    for (Operation &op : body.without_terminator()) {
      if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
        std::optional<Dimension> best = choose(loop);
        if (!best)
          return false;
        chosen.push_back(*best);
      } else if (auto loop = dyn_cast<scf::ForOp>(op); loop && hasIndependentTurns(loop)) {
        std::optional<Dimension> best = bestOf(Dimension{cast<LoopLikeOpInterface>(loop.getOperation()), 0,
                                                           turnsOf(loop.getLowerBound(), loop.getUpperBound(), loop.getStep())});
        if (!best)
          return false;
        chosen.push_back(*best);
      } else if (writes(op)) {
        return false; // every share would do it; but each has a stack of its own
      }
    }
    if (chosen.empty() || workOf(body) < leastWork)
      return false;
    unsigned last = function.getNumArguments();
    if (failed(function.insertArgument(last, IndexType::get(&getContext()), {}, function.getLoc())))
      return false;
    for (Dimension &dimension : chosen)
      restrict(dimension, function.getArgument(last));
    function->setAttr("fixed.shares", OpBuilder(&getContext()).getI64IntegerAttr(shares));
    remark::passed(function.getLoc(), remark::RemarkOpts::name("Shared").category(DEBUG_TYPE).function(function.getName()))
        << remark::reason("{0} turns between {1} threads", chosen.front().turns, shares);
    return true;
  }

  /// The loop that spreads most evenly; of equals the outermost. None where all are too short.
  std::optional<Dimension> choose(scf::ParallelOp loop) {
    SmallVector<Dimension> dimensions;
    collectDimensions(loop, dimensions);
    return bestOf(dimensions);
  }

  std::optional<Dimension> bestOf(ArrayRef<Dimension> dimensions) {
    std::optional<Dimension> best;
    double most = 0;
    for (const Dimension &dimension : dimensions) {
      if (dimension.turns < 2)
        continue;
      int64_t longest = (dimension.turns + shares - 1) / shares;
      double even = static_cast<double>(dimension.turns) / static_cast<double>(longest * shares);
      if (even > most + 0.02) {
        most = even;
        best = dimension;
      }
    }
    return best;
  }

  void restrict(Dimension dimension, Value share) {
    LoopLikeOpInterface loop = dimension.loop;
    Location loc = loop.getLoc();
    OpBuilder builder = OpBuilder::atBlockBegin(share.getParentBlock());
    auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(builder, loc, value); };
    SmallVector<OpFoldResult> lowers = *loop.getLoopLowerBounds(), uppers = *loop.getLoopUpperBounds(), steps = *loop.getLoopSteps();
    auto constant = [&](OpFoldResult bound, int64_t otherwise) { return index(getConstantIntValue(bound).value_or(otherwise)); };
    Value lower = constant(lowers[dimension.number], 0), step = constant(steps[dimension.number], 1);
    auto bound = [&](Value number) -> Value {
      Value turn = arith::DivUIOp::create(builder, loc, arith::MulIOp::create(builder, loc, number, index(dimension.turns)), index(shares));
      return arith::AddIOp::create(builder, loc, lower, arith::MulIOp::create(builder, loc, turn, step));
    };
    Value from = bound(share), to = bound(arith::AddIOp::create(builder, loc, share, index(1)));
    if (auto sequential = dyn_cast<scf::ForOp>(loop.getOperation())) {
      sequential.setLowerBound(from);
      sequential.setUpperBound(to);
      return;
    }
    auto parallel = cast<scf::ParallelOp>(loop.getOperation());
    parallel.getLowerBoundMutable()[dimension.number].set(from);
    parallel.getUpperBoundMutable()[dimension.number].set(to);
  }
};

} // namespace
