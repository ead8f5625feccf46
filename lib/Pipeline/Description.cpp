//===- Description.cpp - the artifact's interface ---------------*- C++ -*-===//
//
// This file reads what convert-nn-to-linalg and plan-memory wrote on the module, and translates the module to LLVM IR.
//
//===----------------------------------------------------------------------===//

#include "mlir/Target/LLVMIR/Export.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Pipeline/Compiler.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace quantization;

static TensorDescription describe(DictionaryAttr attributes) {
  TensorDescription tensor;
  tensor.name = cast<StringAttr>(attributes.get("name")).str();
  tensor.layer = cast<StringAttr>(attributes.get("layer")).str();
  auto type = cast<RankedTensorType>(cast<TypeAttr>(attributes.get("type")).getValue());
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  if (auto quantized = quantizedElement(type)) {
    tensor.scale = static_cast<float>(scalesOf(quantized).front());
    tensor.zeroPoint = static_cast<int32_t>(zeroPointOf(quantized));
    switch (storageOf(quantized).getWidth()) {
    case 8:
      tensor.type = quantized.isSigned() ? QUANTIZATION_I8 : QUANTIZATION_U8;
      break;
    case 16:
      tensor.type = quantized.isSigned() ? QUANTIZATION_I16 : QUANTIZATION_U16;
      break;
    default:
      tensor.type = QUANTIZATION_I32;
    }
  }
  return tensor;
}

ModelDescription quantization::describeModel(ModuleOp module, StringRef name) {
  ModelDescription model;
  model.name = name.str();
  for (auto [key, tensors] : {std::pair{"nn.inputs", &model.inputs}, std::pair{"nn.outputs", &model.outputs}})
    if (auto list = module->getAttrOfType<ArrayAttr>(key))
      for (auto attributes : list.getAsRange<DictionaryAttr>())
        tensors->push_back(describe(attributes));
  if (auto bytes = module->getAttrOfType<IntegerAttr>("nn.arena_bytes"))
    model.arenaBytes = bytes.getInt();
  if (auto target = module->getAttrOfType<fixed::TargetAttr>("fixed.target"))
    model.threads = target.getThreads();
  if (auto steps = module->getAttrOfType<ArrayAttr>("fixed.steps")) {
    model.steps.emplace();
    for (auto step : steps.getAsRange<fixed::StepAttr>()) {
      StepDescription description{{}, step.getKernel().str(), step.getMacs(), step.getRead(), step.getWritten(), step.getWeights(),
                                  step.getAdditions(), step.getMultiplications(), step.getRescales()};
      for (auto layer : step.getLayers().getAsRange<StringAttr>())
        description.layers.push_back(layer.str());
      model.steps->push_back(std::move(description));
    }
  }
  // Samples lie along the leading dimension where all inputs and outputs agree on it.
  auto leading = [](const TensorDescription &tensor) { return tensor.shape.empty() ? 1 : tensor.shape.front(); };
  if (!model.inputs.empty())
    model.batch = leading(model.inputs.front());
  for (const auto *tensors : {&model.inputs, &model.outputs})
    for (const TensorDescription &tensor : *tensors)
      if (leading(tensor) != model.batch)
        model.batch = 1;
  return model;
}

std::unique_ptr<llvm::Module> quantization::translateModule(ModuleOp module, const TargetSpec &target, llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(module, context);
  if (!translated)
    return nullptr;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(target);
  if (!machine) {
    module.emitError() << llvm::toString(machine.takeError());
    return nullptr;
  }
  translated->setTargetTriple((*machine)->getTargetTriple());
  translated->setDataLayout((*machine)->createDataLayout());
  return translated;
}
