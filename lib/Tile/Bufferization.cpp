//===- Bufferization.cpp - our ops on buffers -------------------*- C++ -*-===//
//
// This file tells one-shot bufferization how fixed.contract works on buffers: it reads its inputs and overwrites its init.
//
//===----------------------------------------------------------------------===//

#include "quantization/Tile/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "quantization/Dialect/Fixed/Fixed.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace quantization;

namespace {

struct BufferizeContract : DstBufferizableOpInterfaceExternalModel<BufferizeContract, fixed::ContractOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return !cast<fixed::ContractOp>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options, BufferizationState &state) const {
    auto contract = cast<fixed::ContractOp>(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    OperationState onBuffers(op->getLoc(), op->getName(), buffers, TypeRange(), op->getAttrs());
    onBuffers.propertiesAttr = op->getPropertiesAsAttribute();
    onBuffers.addRegion();
    rewriter.setInsertionPoint(op);
    Operation *result = rewriter.create(onBuffers);
    rewriter.inlineRegionBefore(contract.getBody(), result->getRegion(0), result->getRegion(0).begin());
    replaceOpWithBufferizedValues(rewriter, op, buffers.back());
    return success();
  }
};

} // namespace

void quantization::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, fixed::FixedDialect *) { fixed::ContractOp::attachInterface<BufferizeContract>(*context); });
}
