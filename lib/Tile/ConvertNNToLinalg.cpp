//===- ConvertNNToLinalg.cpp - layers become loops --------------*- C++ -*-===//
//
// This file turns the network into linalg and tensor ops. Quantized types and layouts end here: after it a tensor's shape is that
// of memory, and its elements are plain integers or f32.
//
//   %0 = nn.conv %x, %w : (tensor<1x8x9x9x!a8, #nhwc>, tensor<16x8x3x3x!w8, #hwio>) -> tensor<1x16x7x7xi32, #nhwc>
//     ==>  linalg.generic {iterators = [n, oh, ow, kh, kw, ic, oc]} ins(tensor<1x9x9x8xi8>, tensor<3x3x8x16xi8>)
//                                                                  outs(tensor<1x7x7x16xi32>)
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "Lowering.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_CONVERTNNTOLINALG
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ConvertNNToLinalgPass : quantization::impl::ConvertNNToLinalgBase<ConvertNNToLinalgPass> {
  /// Names, shapes and number formats of inputs and outputs, which the caller of the artifact must know: `nn.inputs` and `nn.outputs`
  /// of the module.
  void describeInterface() {
    Builder builder(&getContext());
    auto describe = [&](Type type, DictionaryAttr attributes, const Twine &fallback) {
      auto text = [&](StringRef key, StringAttr otherwise) -> Attribute {
        Attribute value = attributes ? attributes.get(key) : Attribute();
        return value ? value : otherwise;
      };
      auto name = cast<StringAttr>(text("nn.name", builder.getStringAttr(fallback)));
      auto tensor = cast<RankedTensorType>(type);
      return builder.getDictionaryAttr(
          {builder.getNamedAttr("name", name), builder.getNamedAttr("layer", text("nn.layer", name)),
           builder.getNamedAttr("type", TypeAttr::get(RankedTensorType::get(tensor.getShape(), tensor.getElementType())))});
    };
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || function.isPrivate())
        continue;
      SmallVector<Attribute> inputs, outputs;
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        inputs.push_back(describe(function.getArgumentTypes()[i], function.getArgAttrDict(i), "input" + Twine(i)));
      for (unsigned i = 0; i < function.getNumResults(); ++i)
        outputs.push_back(describe(function.getResultTypes()[i], function.getResultAttrDict(i), "output" + Twine(i)));
      getOperation()->setAttr("nn.inputs", builder.getArrayAttr(inputs));
      getOperation()->setAttr("nn.outputs", builder.getArrayAttr(outputs));
    }
  }

  /// All lowerings that cannot be had are named, and none becomes something slower instead.
  LogicalResult checkLowerings(const TargetModel &target) {
    bool valid = true;
    getOperation().walk([&](Operation *op) {
      if (std::optional<tile::Contraction> contraction = tile::contractionOf(op))
        valid &= succeeded(tile::kernelOf(*contraction, target));
    });
    return success(valid);
  }

  /// Text drops locations. From here on they alone tell of which layer an op is.
  void restoreLocations() {
    getOperation().walk([](Operation *op) {
      if (StringRef layer = nn::layerOf(op); !layer.empty() && !op->getLoc()->findInstanceOf<NameLoc>())
        op->setLoc(NameLoc::get(StringAttr::get(op->getContext(), layer), op->getLoc()));
    });
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    std::unique_ptr<TargetModel> model = TargetModel::of(getOperation());
    if (failed(checkLowerings(*model)))
      return signalPassFailure();
    describeInterface();
    restoreLocations();
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion([](RankedTensorType type) { return Type(tile::physicalType(type)); });

    RewritePatternSet patterns(context);
    tile::populateContractions(converter, patterns);
    tile::populateElementwise(converter, patterns);
    tile::populatePools(converter, patterns);
    tile::populateMoves(converter, patterns);
    tile::populateNormalizations(converter, patterns);
    tile::populateObservers(converter, patterns);
    tile::populateFormats(converter, patterns);
    tile::populateKernels(converter, patterns, *model);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);

    ConversionTarget target(*context);
    target.addLegalDialect<arith::ArithDialect, linalg::LinalgDialect, math::MathDialect, tensor::TensorDialect>();
    target.addLegalOp<ModuleOp, func::CallOp>();
    target.addIllegalDialect<nn::NNDialect, fixed::FixedDialect>();
    target.addLegalOp<fixed::RequantizeOp, fixed::ContractOp, fixed::YieldOp>();
    target.addDynamicallyLegalOp<fixed::PackValuesOp, fixed::UnpackValuesOp>([&](Operation *op) { return converter.isLegal(op); });
    target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp op) { return converter.isSignatureLegal(op.getFunctionType()); });
    target.addDynamicallyLegalOp<func::ReturnOp>([&](func::ReturnOp op) { return converter.isLegal(op.getOperandTypes()); });
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
