//===- NativeParts.cpp - the parts of a network as code ---------*- C++ -*-===//
//
// This file compiles the float network once: its observers quantize by the rows of a table that comes as an input, its weights lie in memory
// that a candidate overwrites where it differs.
//
//===----------------------------------------------------------------------===//

#include "NativeParts.h"
#include "CutNetwork.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"

using namespace mlir;
using namespace quantization;

llvm::Expected<std::unique_ptr<NativeParts>> NativeParts::compile(const SearchPlan &plan, int64_t passes, int64_t mostBytes) {
  std::unique_ptr<NativeParts> made(new NativeParts(plan));
  OwningOpRef<ModuleOp> module = plan.assigned.get().clone();
  func::FuncOp function;
  for (auto candidate : module->getOps<func::FuncOp>())
    if (!candidate.isExternal())
      function = candidate;
  size_t number = 0;
  function.walk([&](nn::ObserveOp observe) {
    size_t row = number++;
    if (plan.values[row].stage && !observe.getResult().use_empty())
      observe->setAttr("nn.observer", Builder(module->getContext()).getI64IntegerAttr(row));
    else
      observe.getResult().replaceAllUsesWith(observe.getInput()), observe.erase();
  });
  NumberedConstants numbers;
  llvm::StringMap<nn::QuantizableOpInterface> layers;
  function.walk([&](nn::QuantizableOpInterface layer) { layers[nn::layerOf(layer)] = layer; });
  UniqueNames names(*module);
  auto replace = [&](nn::QuantizableOpInterface layer, int64_t index) {
    auto constant = layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
    auto type = cast<RankedTensorType>(constant.getResult().getType());
    OpBuilder builder(layer);
    auto numbered = nn::ConstantOp::create(builder, constant.getLoc(), type, numbers.add(type),
                                           builder.getStringAttr(names.fresh(constant.getLayer().str())), nullptr);
    layer->setOperand(index, numbered.getResult());
    if (constant->use_empty())
      constant.erase();
    return numbers.size() - 1;
  };
  for (const SearchPlan::Weights &weights : plan.weights) {
    nn::QuantizableOpInterface layer = layers.lookup(weights.layer);
    size_t first = replace(layer, layer.getWeightsIndex());
    made->constants.push_back({0, first, weights.biases.empty() ? std::nullopt : std::optional(replace(layer, layer.getBiasIndex()))});
  }
  function.walk([](nn::ConstantOp constant) { constant.removePrecisionAttr(); });
  auto cut = cutNetwork(*module, plan.values.size(), passes, mostBytes);
  if (!cut)
    return cut.takeError();
  made->elements = std::move(cut->elements), made->results = std::move(cut->results);
  made->numInputs = function.getNumArguments();
  for (auto [part, of] : llvm::enumerate(cut->parts)) {
    auto compiled = NativeNetwork::compile(std::move(of.module), numbers);
    if (!compiled)
      return compiled.takeError();
    Part &last = made->parts.emplace_back(Part{std::move(*compiled), of.inputs, of.outputs, of.rows, {}});
    for (auto [layer, weights] : llvm::enumerate(plan.weights))
      if (of.layers.contains(weights.layer)) {
        LayerConstants &place = made->constants[layer];
        place.part = part;
        last.layers.push_back(layer);
        if (!last.network->holds(place.weights) || (place.bias && !last.network->holds(*place.bias)))
          return llvm::createStringError("the weights of layer \"" + weights.layer + "\" have become part of the code");
      }
  }
  return made;
}

llvm::Expected<NativeParts::Worker> NativeParts::makeWorker() const {
  Worker worker;
  for (const Part &part : parts) {
    auto instance = part.network->instantiate();
    if (!instance)
      return instance.takeError();
    worker.parts.push_back(std::move(*instance));
  }
  worker.weights.resize(plan.weights.size());
  worker.biases.resize(plan.weights.size());
  worker.values.resize(elements.size());
  for (auto [layer, numbers] : llvm::zip_equal(plan.weights, constants)) {
    worker.parts[numbers.part]->set(numbers.weights, layer.values);
    if (numbers.bias)
      worker.parts[numbers.part]->set(*numbers.bias, layer.biases);
  }
  return worker;
}

void NativeParts::load(Worker &worker, const PreparedCandidate &candidate) const {
  for (auto [layer, numbers] : llvm::enumerate(constants)) {
    const ExpressedWeights &now = candidate.layers[layer];
    NativeNetwork::Instance &part = *worker.parts[numbers.part];
    if (worker.weights[layer] != now.weights) {
      part.set(numbers.weights, now.weights ? ArrayRef(now.weights->values) : ArrayRef(plan.weights[layer].values));
      worker.weights[layer] = now.weights;
    }
    if (numbers.bias && worker.biases[layer] != now.biases) {
      part.set(*numbers.bias, now.biases.empty() ? plan.weights[layer].biases : now.biases);
      worker.biases[layer] = now.biases;
    }
  }
}

NativeParts::Values NativeParts::makeValues(int64_t passes) const {
  Values values(elements.size());
  for (const Part &part : parts)
    for (size_t number : part.inputs)
      if (number >= numInputs)
        values[number].resize(elements[number] * passes);
  return values;
}

llvm::Error NativeParts::run(Worker &worker, const PreparedCandidate &candidate, int64_t pass, ArrayRef<std::vector<float>> inputs,
                             const Values &known, size_t first, Values *keep) const {
  for (auto [number, all] : llvm::enumerate(inputs))
    worker.values[number] = all.data() + elements[number] * pass;
  for (auto [number, all] : llvm::enumerate(known))
    if (!all.empty())
      worker.values[number] = all.data() + elements[number] * pass;
  for (size_t part = first; part < parts.size(); ++part) {
    SmallVector<const void *> arguments;
    for (size_t number : parts[part].inputs)
      arguments.push_back(worker.values[number]);
    arguments.push_back(candidate.table.data());
    if (llvm::Error error = worker.parts[part]->run(arguments))
      return error;
    for (auto [i, number] : llvm::enumerate(parts[part].outputs)) {
      ArrayRef<float> output = worker.parts[part]->output(i);
      worker.values[number] = output.data();
      if (keep && !(*keep)[number].empty())
        llvm::copy(output, (*keep)[number].begin() + elements[number] * pass);
    }
  }
  return llvm::Error::success();
}

SmallVector<ArrayRef<float>> NativeParts::resultsOf(const Worker &worker) const {
  SmallVector<ArrayRef<float>> all;
  for (size_t number : results)
    all.push_back(ArrayRef(worker.values[number], elements[number]));
  return all;
}

size_t NativeParts::firstChange(const PreparedCandidate &from, const PreparedCandidate &to) const {
  for (auto [number, part] : llvm::enumerate(parts))
    if (!llvm::all_of(part.rows, [&](size_t row) { return from.table.hasSameRow(row, to.table); }) ||
        !llvm::all_of(part.layers, [&](size_t layer) { return from.hasSameLayer(layer, to); }))
      return number;
  return parts.size();
}
