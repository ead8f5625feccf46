//===- FuseEpilogue.cpp - what follows a contraction ------------*- C++ -*-===//
//
// This file computes what follows a contraction value by value while its accumulators are in registers:
//
//   %acc = fixed.contract %x, %w { ^bb0(%a): yield %a }      %y = fixed.contract %x, %w, %multipliers, %other {
//   %y   = linalg.generic ins(%acc, %multipliers,     ==>    ^bb0(%a, %m, %o):
//                             %other) { requantize }            requantize; yield }
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_FUSEEPILOGUE
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct FuseEpiloguePass : quantization::impl::FuseEpilogueBase<FuseEpiloguePass> {
  void runOnOperation() override {
    SmallVector<fixed::ContractOp> contracts;
    getOperation().walk([&](fixed::ContractOp op) { contracts.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (fixed::ContractOp op : contracts)
      while (fixed::ContractOp fused = fuseReader(op, rewriter)) {
        op = fused;
        ++numFused;
      }
  }

private:
  /// How `reader` sees one of its inputs.
  enum class Role { Accumulator, SameShape, PerChannel, Other };

  static Role roleOf(linalg::GenericOp reader, OpOperand &input, fixed::ContractOp op) {
    AffineMap map = reader.getMatchingIndexingMap(&input);
    int64_t rank = reader.getNumLoops();
    if (map.isIdentity())
      return input.get() == op.getResults()[0] ? Role::Accumulator : Role::SameShape;
    Attribute value;
    bool perChannel = map.getNumResults() == 1 && map.getResult(0) == getAffineDimExpr(rank - 1, map.getContext());
    return perChannel && matchPattern(input.get(), m_Constant(&value)) ? Role::PerChannel : Role::Other;
  }

  /// The only reader of the contraction, where it can move into it.
  static linalg::GenericOp readerOf(fixed::ContractOp op) {
    Value result = op.getResults()[0];
    auto reader = result.hasOneUse() ? dyn_cast<linalg::GenericOp>(*result.user_begin()) : linalg::GenericOp();
    if (!reader || reader.getNumReductionLoops() || reader.getNumDpsInits() != 1)
      return {};
    Value init = reader.getDpsInits()[0];
    if (!reader.getMatchingIndexingMap(reader.getDpsInitOperand(0)).isIdentity() || !init.getDefiningOp<tensor::EmptyOp>() ||
        !reader.getRegionOutputArgs()[0].use_empty() || cast<ShapedType>(init.getType()).getShape() != cast<ShapedType>(result.getType()).getShape())
      return {};
    for (OpOperand *input : reader.getDpsInputOperands())
      if (roleOf(reader, *input, op) == Role::Other)
        return {};
    bool elementwise = llvm::all_of(reader.getBody()->without_terminator(), [](Operation &inner) {
      return inner.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&inner);
    });
    return elementwise ? reader : linalg::GenericOp();
  }

  /// A constant per channel, padded to the channels of the kernel's blocks.
  static Value placed(Value constant, fixed::ContractOp op, OpBuilder &builder) {
    Attribute value;
    matchPattern(constant, m_Constant(&value));
    auto attr = cast<ElementsAttr>(value);
    ArrayRef<int64_t> weights = cast<ShapedType>(op.getWeights().getType()).getShape();
    int64_t groups = op.getPackedGroups(), lanes = weights[1] * weights[4], outputs = attr.getNumElements() / groups;
    std::vector<char> bytes = readBytes(attr);
    int64_t width = bytes.size() / attr.getNumElements();
    std::vector<char> result(groups * lanes * width, 0);
    for (int64_t g = 0; g < groups; ++g)
      std::copy_n(bytes.begin() + g * outputs * width, outputs * width, result.begin() + g * lanes * width);
    return tile::constantTensor(builder, op.getLoc(), RankedTensorType::get({groups * lanes}, attr.getElementType()), result);
  }

  static fixed::ContractOp fuseReader(fixed::ContractOp op, IRRewriter &rewriter) {
    linalg::GenericOp reader = readerOf(op);
    if (!reader)
      return {};
    rewriter.setInsertionPoint(reader);
    SmallVector<Value> others(op.getOthers());
    for (OpOperand *input : reader.getDpsInputOperands()) {
      Role role = roleOf(reader, *input, op);
      if (role != Role::Accumulator)
        others.push_back(role == Role::PerChannel ? placed(input->get(), op, rewriter) : input->get());
    }
    auto fused = fixed::ContractOp::create(rewriter, op.getLoc(), reader.getResultTypes(), op.getInput(), op.getWeights(), op.getBias(),
                                           others, reader.getDpsInits()[0], op.getKernelAttr(), op.getStridesAttr(),
                                           op.getDilationsAttr(), op.getGroupsAttr(), op.getColumnsAttr(), op.getChannelsAttr(), op.getPackingAttr(),
                                           op.getLoweringAttr(), op.getLayerAttr());
    // The old region first, then the reader's on the value it yielded.
    Block &old = op.getBody().front();
    SmallVector<Type> types(old.getArgumentTypes());
    for (OpOperand *input : reader.getDpsInputOperands())
      if (roleOf(reader, *input, op) != Role::Accumulator)
        types.push_back(getElementTypeOrSelf(input->get().getType()));
    Block *body = rewriter.createBlock(&fused.getBody(), {}, types, SmallVector<Location>(types.size(), op.getLoc()));
    IRMapping mapping;
    mapping.map(old.getArguments(), body->getArguments().take_front(old.getNumArguments()));
    for (Operation &inner : old.without_terminator())
      rewriter.clone(inner, mapping);
    Value accumulator = mapping.lookupOrDefault(cast<fixed::YieldOp>(old.getTerminator()).getValue());
    unsigned next = old.getNumArguments();
    for (OpOperand *input : reader.getDpsInputOperands())
      mapping.map(reader.getMatchingBlockArgument(input),
                  roleOf(reader, *input, op) == Role::Accumulator ? accumulator : body->getArgument(next++));
    for (Operation &inner : reader.getBody()->without_terminator())
      rewriter.clone(inner, mapping);
    fixed::YieldOp::create(rewriter, op.getLoc(), mapping.lookupOrDefault(reader.getBody()->getTerminator()->getOperand(0)));
    rewriter.replaceOp(reader, fused.getResults());
    rewriter.eraseOp(op);
    return fused;
  }
};

} // namespace
