//===- NativeNetwork.cpp - a network whose constants can change -*- C++ -*-===//
//
// This file compiles a float network once for this process. Its constants become symbols that each instance links to memory of its own, so
// that threads can run the same code with other weights:
//
//   llvm.mlir.global constant @__constant_20xf32(dense<[1.4e-45, 2.8e-45, ...]>)    // the numbers 1, 2, ...
// becomes
//   llvm.mlir.global external @search_constant_0() : !llvm.array<20 x f32>
//
//===----------------------------------------------------------------------===//

#include "NativeNetwork.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "quantization/Dialect/NN/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace quantization;

ElementsAttr NumberedConstants::add(RankedTensorType type) {
  firsts.push_back(next);
  std::vector<uint32_t> numbers(type.getNumElements());
  std::iota(numbers.begin(), numbers.end(), next);
  next += numbers.size();
  return makeConstant(RankedTensorType::get(type.getShape(), type.getElementType()), ArrayRef<uint32_t>(numbers));
}

std::optional<std::pair<size_t, size_t>> NumberedConstants::find(uint32_t number) const {
  if (number == 0 || number >= next)
    return std::nullopt;
  size_t constant = std::distance(firsts.begin(), llvm::upper_bound(firsts, number)) - 1;
  return std::pair(constant, size_t(number - firsts[constant]));
}

llvm::Error NativeNetwork::takeNumbered(ModuleOp lowered, const NumberedConstants &constants) {
  places.resize(constants.size());
  for (auto global : llvm::make_early_inc_range(lowered.getOps<LLVM::GlobalOp>())) {
    auto value = dyn_cast_or_null<ElementsAttr>(global.getValueAttr());
    if (!value || !value.getElementType().isF32())
      continue;
    std::vector<char> bytes = readBytes(value);
    ArrayRef<uint32_t> numbers(reinterpret_cast<const uint32_t *>(bytes.data()), bytes.size() / sizeof(uint32_t));
    auto isOurs = [&](uint32_t number) { return number == 0 || constants.find(number); };
    if (!llvm::all_of(numbers, isOurs) || llvm::all_of(numbers, [](uint32_t number) { return number == 0; }))
      continue;
    std::string symbol = "search_constant_" + std::to_string(memories.size());
    if (failed(SymbolTable::replaceAllSymbolUses(global, StringAttr::get(lowered.getContext(), symbol), lowered)))
      return llvm::createStringError("constants of the network could not be replaced");
    for (auto [at, number] : llvm::enumerate(numbers))
      if (auto found = constants.find(number))
        places[found->first].push_back({static_cast<uint32_t>(memories.size()), static_cast<uint32_t>(at), static_cast<uint32_t>(found->second)});
    global.setSymName(symbol);
    global.removeValueAttr();
    global.setLinkage(LLVM::Linkage::External);
    global.setAlignment(64);
    memories.push_back({symbol, std::vector<char>(bytes.size())});
  }
  for (auto [constant, found] : llvm::enumerate(places)) {
    std::vector<bool> has(constants.elements(constant));
    for (const Place &place : found)
      has[place.element] = true;
    if (!found.empty() && llvm::is_contained(has, false))
      return llvm::createStringError("constant %zu has become part of the code", constant);
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<NativeNetwork>> NativeNetwork::compile(OwningOpRef<ModuleOp> network, const NumberedConstants &constants,
                                                                      bool profile) {
  auto target = hostTarget();
  if (!target)
    return target.takeError();
  RoomOptions rooms;
  rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
  rooms.profile = profile;
  network->getOperation()->removeAttr("fixed.target"); // of the artifact, not of this machine
  PassManager manager(network->getContext());
  buildPipeline(manager, Form::Additive, Form::Lowered, rooms);
  if (failed(manager.run(*network)))
    return llvm::createStringError("the network could not be compiled for the search");
  auto native = std::make_unique<NativeNetwork>();
  native->model = describeModel(*network, "search");
  if (llvm::Error error = native->takeNumbered(*network, constants))
    return error;
  native->shared = takeConstants(*network, "search_shared_");
  std::vector<std::string> provided;
  for (const Memory &memory : native->memories)
    provided.push_back(memory.symbol);
  for (const auto &constant : native->shared)
    provided.push_back(constant.first);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated = translateModule(*network, *target, context);
  if (!translated)
    return llvm::createStringError("the network could not be translated for the search");
  if (llvm::Error error = finishModule(*translated, native->model, *target, /*withEntry=*/false))
    return error;
  auto objects = emitObjects(std::move(translated), *target, llvm::hardware_concurrency().compute_thread_count(), provided, /*quickly=*/false);
  if (!objects)
    return objects.takeError();
  native->objects = std::move(*objects);
  native->owner = std::move(network);
  return native;
}

llvm::Expected<std::unique_ptr<NativeNetwork::Instance>> NativeNetwork::instantiate() const {
  auto instance = std::make_unique<Instance>();
  instance->network = this;
  std::map<std::string, const void *> symbols = shared;
  for (const Memory &memory : memories)
    symbols[memory.symbol] = instance->memory.emplace_back(memory.bytes.size()).data();
  auto jit = linkInMemory(objects, symbols);
  if (!jit)
    return jit.takeError();
  instance->jit = std::move(*jit);
  auto entry = instance->jit->lookup("search_run");
  if (!entry)
    return entry.takeError();
  instance->entry = entry->toPtr<quantization_run_function>();
  instance->arena.emplace(model.arenaBytes);
  for (const TensorDescription &output : model.outputs)
    instance->outputs.emplace_back(output.bytes());
  for (Buffer &output : instance->outputs)
    instance->out.push_back(output.data());
  return instance;
}

void NativeNetwork::Instance::set(size_t constant, ArrayRef<float> values) {
  for (const Place &place : network->places[constant])
    reinterpret_cast<float *>(memory[place.memory].data())[place.at] = values[place.element];
}

llvm::Error NativeNetwork::Instance::run(ArrayRef<const void *> inputs) {
  if (entry(inputs.data(), out.data(), network->model.batch, arena->data(), nullptr) != QUANTIZATION_OK)
    return llvm::createStringError("the network could not be run");
  return llvm::Error::success();
}

ArrayRef<float> NativeNetwork::Instance::output(size_t number) {
  return ArrayRef(reinterpret_cast<const float *>(out[number]), network->model.outputs[number].bytes() / sizeof(float));
}

llvm::Expected<const quantization_profile *> NativeNetwork::Instance::profile() {
  auto function = jit->lookup("search_profile");
  if (!function)
    return function.takeError();
  return function->toPtr<quantization_profile_function>()();
}
