//===- ConvertInterface.cpp - the caller's element types --------*- C++ -*-===//
//
// This file gives the network's inputs and outputs the element types that its caller uses:
//
//   io=u8                          func @net(%x: tensor<f32>)       ==>   func @net(%q: tensor<!u8>)
//                                  %q = nn.quantize %x
//   io=u8 mean=123.7 std=58.4      func @net(%x: tensor<f32>)       ==>   func @net(%p: tensor<!pixel>)
//                                  %q = nn.quantize %x                    %q = fixed.lookup %p, %table
//
// `io=u8,f32` does so for inputs only. A table has exactly the codes that quantizing (pixel - mean) / std in f32 gives.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Fold/Interface.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"

namespace quantization {
#define GEN_PASS_DEF_CONVERTINTERFACE
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ConvertInterfacePass : quantization::impl::ConvertInterfaceBase<ConvertInterfacePass> {
  using ConvertInterfaceBase::ConvertInterfaceBase;

  void runOnOperation() override {
    llvm::Expected<InterfaceTypes> parsed = InterfaceTypes::parse(io);
    if (!parsed)
      return fail(llvm::toString(parsed.takeError()));
    types = *parsed;
    if (std::string why = whyNoPixels(types.input, llvm::to_vector(mean), llvm::to_vector(std)); !why.empty())
      return fail(why);
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      for (BlockArgument argument : function.getArguments())
        if (types.input != "f32" && nn::isF32(argument) && failed(convertInput(argument)))
          return signalPassFailure();
      auto *terminator = function.getBody().front().getTerminator();
      for (OpOperand &result : terminator->getOpOperands())
        if (types.output != "f32")
          convertOutput(result);
      function.setType(FunctionType::get(&getContext(), function.getBody().front().getArgumentTypes(),
                                         terminator->getOperandTypes()));
    }
  }

private:
  InterfaceTypes types;

  void fail(const std::string &message) {
    getOperation().emitError() << message;
    signalPassFailure();
  }

  /// The same grid with its codes moved into the storage that the caller asked for.
  quant::QuantizedType callerType(quant::QuantizedType type, bool isSigned) {
    Grid grid = gridOf(type);
    int64_t shift = (type.isSigned() ? 128 : 0) - (isSigned ? 128 : 0);
    grid.zeroPoint += shift;
    grid.lo += shift;
    grid.hi += shift;
    return typeOf(&getContext(), grid, 8, isSigned);
  }

  LogicalResult convertInput(BlockArgument argument) {
    std::string name = nn::layerOf(argument);
    SmallVector<nn::QuantizeOp> quantizes;
    for (Operation *user : argument.getUsers()) {
      auto quantize = dyn_cast<nn::QuantizeOp>(user);
      if (!quantize || quantizedElement(quantize.getResult()).getStorageTypeIntegralWidth() > 8) {
        getOperation()->emitError() << "input \"" << name << "\" cannot be " << types.input << ": layer \"" << nn::layerOf(user)
                                    << "\" reads it in " << (quantize ? "more than 8 bits" : "float")
                                    << "; quantize it in the policy, or use --io=f32";
        return failure();
      }
      quantizes.push_back(quantize);
    }
    if (quantizes.empty())
      return success();
    ++numConverted;
    // The first reader's grid, in the order of the function, which the list of uses does not keep.
    llvm::sort(quantizes, [](nn::QuantizeOp a, nn::QuantizeOp b) { return a->isBeforeInBlock(b); });
    auto type = quantizedElement(quantizes.front().getResult());
    bool pixels = !mean.empty() || !std.empty(), isSigned = types.input == "i8";
    auto outer = pixels ? typeOf(&getContext(), Grid{1.0f, 0, isSigned ? -128 : 0, isSigned ? 127 : 255}, 8, isSigned)
                        : callerType(type, isSigned);
    argument.setType(nn::withElementType(argument, outer));
    for (nn::QuantizeOp quantize : quantizes) {
      OpBuilder builder(quantize);
      auto inner = quantizedElement(quantize.getResult());
      Value value = argument;
      if (pixels || inner != outer) {
        auto converted = pixels ? lookup(builder, argument, quantize) : move(builder, argument, quantize);
        if (failed(converted))
          return failure();
        value = *converted;
      }
      quantize.getResult().replaceAllUsesWith(value);
      quantize.erase();
    }
    return success();
  }

  /// The caller's stored values on a reader's grid: exact where that is the same one in other storage, else rounded once.
  FailureOr<Value> move(OpBuilder &builder, Value argument, nn::QuantizeOp quantize) {
    auto from = quantizedElement(argument), to = quantizedElement(quantize.getResult());
    return Value(fixed::RescaleOp::create(builder, quantize.getLoc(), quantize.getResult().getType(), argument,
                                          builder.getDenseF64ArrayAttr({scalesOf(from)[0] / scalesOf(to)[0]}), DenseI32ArrayAttr(),
                                          DenseI32ArrayAttr(), 0,
                                          ArrayRef<int64_t>{to.getStorageTypeMin(), to.getStorageTypeMax()}, magnitudeOf(from),
                                          quantize.getRounding(), quantize.getLayer()));
  }

  FailureOr<Value> lookup(OpBuilder &builder, Value argument, nn::QuantizeOp quantize) {
    ArrayRef<int64_t> shape = nn::shapeOf(argument);
    size_t channels = std::max({mean.size(), std.size(), size_t(1)});
    if (std::string why = whyNoChannels(nn::layerOf(argument), shape, mean.size(), std.size()); !why.empty()) {
      getOperation()->emitError() << why;
      return failure();
    }
    auto type = quantizedElement(quantize.getResult());
    Grid grid = gridOf(type);
    SmallVector<int64_t> codes;
    for (size_t c = 0; c < channels; ++c) {
      float m = mean.empty() ? 0.0f : static_cast<float>(mean[mean.size() == 1 ? 0 : c]);
      float s = std.empty() ? 1.0f : static_cast<float>(std[std.size() == 1 ? 0 : c]);
      for (int code = 0; code < 256; ++code) {
        float pixel = static_cast<float>(types.input == "i8" ? code - 128 : code);
        codes.push_back(quantization::quantize((pixel - m) / s, grid, nn::roundingOf(quantize.getRounding())));
      }
    }
    SmallVector<int64_t> tableShape = {256};
    if (channels > 1)
      tableShape.insert(tableShape.begin(), channels);
    auto stored = RankedTensorType::get(tableShape, storageOf(type));
    auto table = nn::ConstantOp::create(builder, quantize.getLoc(), RankedTensorType::get(tableShape, type),
                                        makeConstant(stored, ArrayRef(toStorage(type, codes))),
                                        builder.getStringAttr(quantize.getLayer() + "_pixels"), nullptr);
    return Value(fixed::LookupOp::create(builder, quantize.getLoc(), quantize.getResult().getType(), argument, table,
                                         channels > 1 ? 1 : -1, quantize.getLayer()));
  }

  /// A dequantize that only feeds the caller goes; a value that is computed in float stays f32.
  void convertOutput(OpOperand &result) {
    auto dequantize = result.get().getDefiningOp<nn::DequantizeOp>();
    if (!dequantize)
      return;
    auto type = quantizedElement(dequantize.getInput());
    if (type.getStorageTypeIntegralWidth() > 8 || channelAxisOf(type) >= 0)
      return;
    ++numConverted;
    auto outer = callerType(type, types.output == "i8");
    Value value = dequantize.getInput();
    if (outer != type) {
      OpBuilder builder(result.getOwner());
      value = fixed::RescaleOp::create(builder, dequantize.getLoc(), nn::withElementType(value, outer), value,
                                       builder.getDenseF64ArrayAttr({1.0}), DenseI32ArrayAttr(), DenseI32ArrayAttr(), 0,
                                       ArrayRef<int64_t>{outer.getStorageTypeMin(), outer.getStorageTypeMax()}, magnitudeOf(type),
                                       nn::RoundingMode::HalfEven, dequantize.getLayer());
    }
    result.set(value);
    if (dequantize->use_empty())
      dequantize.erase();
  }
};

} // namespace
