//===- Bufferization.cpp - our ops on buffers -------------------*- C++ -*-===//
//
// This file tells one-shot bufferization how fixed.contract works on buffers: it reads its inputs and overwrites its init.
//
//===----------------------------------------------------------------------===//

#include "quantization/Tile/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Dialect/Fixed/Fixed.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace quantization;

namespace {

/// Whether the kernel reads columns of the input as one run, which the buffer does not give it: a slice of the channels of another.
bool needsDenseColumns(fixed::ContractOp op, MemRefType input) {
  if (op.getKernel().empty() || op.getKernel().back() == 1 || op.getDilations().back() != 1 || op.getGroups() != 1)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return failed(input.getStridesAndOffset(strides, offset)) || strides[strides.size() - 2] != input.getShape().back();
}

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
    rewriter.setInsertionPoint(op);
    if (auto input = dyn_cast<MemRefType>(buffers.front().getType()); input && needsDenseColumns(contract, input)) {
      auto dense = MemRefType::get(input.getShape(), input.getElementType());
      Value copy = memref::AllocOp::create(rewriter, op->getLoc(), dense);
      memref::CopyOp::create(rewriter, op->getLoc(), buffers.front(), copy);
      buffers.front() = copy;
    }
    OperationState onBuffers(op->getLoc(), op->getName(), buffers, TypeRange(), op->getAttrs());
    onBuffers.propertiesAttr = op->getPropertiesAsAttribute();
    onBuffers.addRegion();
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
