//===- FinishModule.cpp - a network's module becomes an artifact -*- C++ -*-===//
//
// This file adds to the module of a network what the ABI asks for: the run-time code, the description, and the call
// from one to the other; and it exports three functions and hides the rest.
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"
#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace quantization {

static const unsigned char x86Runtime[] = {
#include "Runtime-x86_64.inc"
};
static const unsigned char aarch64Runtime[] = {
#include "Runtime-aarch64.inc"
};
static const unsigned char x86Pool[] = {
#include "Pool-x86_64.inc"
};
static const unsigned char aarch64Pool[] = {
#include "Pool-aarch64.inc"
};
static const unsigned char x86Profile[] = {
#include "Profile-x86_64.inc"
};
static const unsigned char aarch64Profile[] = {
#include "Profile-aarch64.inc"
};

// Names inside Runtime/runtime.c.
static constexpr StringLiteral modelFunction("quantization_artifact_model");
static constexpr StringLiteral runFunction("quantization_artifact_run");
static constexpr StringLiteral entryFunction("quantization_artifact_entry");
static constexpr StringLiteral callFunction("quantization_artifact_sample");
static constexpr StringLiteral modelVariable("quantization_artifact");
static constexpr StringLiteral arenaVariable("quantization_artifact_arena");
// Names inside Runtime/profile.c.
static constexpr StringLiteral profileFunction("quantization_artifact_profile");
static constexpr StringLiteral profileVariable("quantization_artifact_profile_table");
static constexpr StringLiteral clockFunction("quantization_artifact_clock");
// What profile-steps writes to.
static constexpr StringLiteral ticksVariable("quantization_artifact_ticks");
static constexpr StringLiteral tilesVariable("quantization_artifact_tiles");
static constexpr uint64_t arenaAlignment = 64;

int64_t TensorDescription::bytes() const {
  int64_t count = type == QUANTIZATION_I64                                  ? 8
                  : type == QUANTIZATION_F32 || type == QUANTIZATION_I32 ? 4
                  : type == QUANTIZATION_U16 || type == QUANTIZATION_I16 ? 2
                                                                         : 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

static Error checkDescription(const ModelDescription &model, bool withEntry) {
  if (model.batch < 1 || model.batch > INT32_MAX)
    return createStringError("network '" + model.name + "' has batch " + Twine(model.batch) + ", expected at least 1");
  if (model.threads < 1 || model.threads > kMostThreads)
    return createStringError("network '" + model.name + "' is for " + Twine(model.threads) + " threads, expected 1 to " + Twine(kMostThreads));
  if (model.arenaBytes < 0 || model.weightBytes < 0)
    return createStringError("network '" + model.name + "' has a negative arena or weight size");
  if (withEntry && (model.inputs.size() != 1 || model.outputs.size() != 1))
    return createStringError("network '" + model.name + "' has " + Twine(model.inputs.size()) + " inputs and " +
                             Twine(model.outputs.size()) +
                             " outputs; the function 'run' takes one of each: call " + identifierFor(model.name) +
                             "_run instead");
  return Error::success();
}

static Expected<Function *> findSample(Module &module, const ModelDescription &model) {
  Function *sample = module.getFunction("quantization_sample");
  if (!sample || sample->isDeclaration())
    return createStringError("the module of network '" + model.name + "' does not define 'quantization_sample'");
  size_t numParameters = model.inputs.size() + model.outputs.size() + (model.threads > 1 ? 2 : 1);
  bool matches = sample->arg_size() == numParameters && !sample->isVarArg() && sample->getReturnType()->isVoidTy() &&
                 all_of(sample->args(), [](const Argument &arg) { return arg.getType()->isPointerTy(); });
  if (!matches)
    return createStringError("'quantization_sample' of network '" + model.name + "' does not take " +
                             Twine(numParameters) + " pointers (inputs, outputs, arena" + (model.threads > 1 ? ", pool" : "") + ") and return void");
  return sample;
}

/// The table that the network's code counts in has a place for each step.
static Error checkTicks(Module &module, const ModelDescription &model) {
  GlobalVariable *ticks = module.getNamedGlobal(ticksVariable);
  auto *type = ticks ? dyn_cast<ArrayType>(ticks->getValueType()) : nullptr;
  if (type && type->getNumElements() == model.steps->size() && type->getElementType()->isIntegerTy(64))
    return Error::success();
  return createStringError("the module of network '" + model.name + "' has no table of ticks for its " + Twine(model.steps->size()) +
                           " steps, which profile-steps writes");
}

/// A part of the run-time code, without the processor of its bitcode: optimizeModule sets the artifact's, and a difference would
/// keep functions from being inlined.
static Expected<std::unique_ptr<Module>> loadBitcode(Module &module, ArrayRef<unsigned char> x86, ArrayRef<unsigned char> aarch64) {
  ArrayRef<unsigned char> bytes = module.getTargetTriple().getArch() == Triple::aarch64 ? aarch64 : x86;
  MemoryBufferRef buffer(StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size()), "run-time code");
  Expected<std::unique_ptr<Module>> runtime = parseBitcodeFile(buffer, module.getContext());
  if (!runtime)
    return runtime.takeError();
  (*runtime)->setTargetTriple(module.getTargetTriple());
  (*runtime)->setDataLayout(module.getDataLayout());
  for (StringRef metadata : {"llvm.module.flags", "llvm.ident", "llvm.errno.tbaa"})
    if (NamedMDNode *node = (*runtime)->getNamedMetadata(metadata))
      node->eraseFromParent();
  for (Function &function : **runtime) {
    AttributeMask strings;
    for (Attribute attribute : function.getAttributes().getFnAttrs())
      if (attribute.isStringAttribute())
        strings.addAttribute(attribute.getKindAsString());
    function.removeFnAttrs(strings);
  }
  return runtime;
}

/// Links the run-time code in: `run` only with `withEntry`, threads and the clock only where the network uses them.
static Error linkRuntime(Module &module, const ModelDescription &model, bool withEntry) {
  Expected<std::unique_ptr<Module>> runtime = loadBitcode(module, x86Runtime, aarch64Runtime);
  if (!runtime)
    return runtime.takeError();
  if (!withEntry)
    (*runtime)->getFunction(entryFunction)->eraseFromParent();
  for (GlobalVariable &variable : make_early_inc_range((*runtime)->globals()))
    if (variable.use_empty())
      variable.eraseFromParent();
  DiagnosticScope diagnostics(module.getContext());
  bool failed = Linker::linkModules(module, std::move(*runtime));
  using Bitcode = ArrayRef<unsigned char>;
  std::tuple<bool, Bitcode, Bitcode> parts[] = {{model.threads > 1, x86Pool, aarch64Pool},
                                                {model.steps.has_value(), x86Profile, aarch64Profile}};
  for (auto [needed, x86, aarch64] : parts) {
    if (failed || !needed)
      continue;
    Expected<std::unique_ptr<Module>> part = loadBitcode(module, x86, aarch64);
    if (!part)
      return part.takeError();
    failed = Linker::linkModules(module, std::move(*part));
  }
  if (failed)
    return diagnostics.takeError("cannot link the run-time code into network '" + model.name + "'");
  return Error::success();
}

/// Makes every definition but `exported` internal.
static void internalize(Module &module, ArrayRef<GlobalValue *> exported) {
  auto hide = [&](GlobalValue &value) {
    if (value.isDeclaration() || value.hasLocalLinkage() || value.getName().starts_with("llvm.") ||
        is_contained(exported, &value))
      return;
    if (auto *object = dyn_cast<GlobalObject>(&value))
      object->setComdat(nullptr);
    value.setVisibility(GlobalValue::DefaultVisibility);
    value.setLinkage(GlobalValue::InternalLinkage);
    value.setDSOLocal(true);
  };
  for_each(module.global_values(), hide);
}

/// Gives `value` the name `name` and every user of the artifact access to it.
static GlobalValue *exportAs(Module &module, GlobalValue *value, const Twine &name) {
  std::string text = name.str();
  if (GlobalValue *other = module.getNamedValue(text); other && other != value)
    other->setName(text + ".internal");
  value->setName(text);
  value->setLinkage(GlobalValue::ExternalLinkage);
  value->setVisibility(GlobalValue::DefaultVisibility);
  return value;
}

namespace {
/// Builds constants in the layout of the C structures of the ABI.
class DescriptionBuilder {
public:
  explicit DescriptionBuilder(Module &module) : module(module), builder(module.getContext()) {}

  Constant *model(const ModelDescription &model, StringRef target) {
    return ConstantStruct::getAnon({builder.getInt32(QUANTIZATION_ABI_VERSION), builder.getInt32(model.inputs.size()),
                                    builder.getInt32(model.outputs.size()), builder.getInt32(model.batch),
                                    text(model.name), tensors(model.inputs), tensors(model.outputs),
                                    builder.getInt64(model.arenaBytes), builder.getInt64(model.weightBytes),
                                    text(target), builder.getInt32(model.threads)});
  }

  Constant *profile(ArrayRef<StepDescription> steps, Constant *ticks, Constant *clock) {
    SmallVector<Constant *> values;
    for (const StepDescription &step : steps) {
      SmallVector<Constant *> layers;
      for (const std::string &layer : step.layers)
        layers.push_back(text(layer));
      values.push_back(ConstantStruct::getAnon({array(layers), builder.getInt32(layers.size()), text(step.kernel),
                                                builder.getInt64(step.macs), builder.getInt64(step.bytesRead),
                                                builder.getInt64(step.bytesWritten), builder.getInt64(step.weightBytes),
                                                builder.getInt64(step.additions), builder.getInt64(step.multiplications),
                                                builder.getInt64(step.rescales)}));
    }
    return ConstantStruct::getAnon({builder.getInt32(steps.size()), array(values), ticks, clock});
  }

  GlobalVariable *global(Constant *value) {
    auto *variable = new GlobalVariable(module, value->getType(), /*isConstant=*/true, GlobalValue::PrivateLinkage,
                                        value, "quantization_description");
    variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return variable;
  }

private:
  Constant *text(StringRef value) { return global(ConstantDataArray::getString(module.getContext(), value)); }

  Constant *tensor(const TensorDescription &tensor) {
    Constant *shape = global(ConstantDataArray::get(module.getContext(), ArrayRef<uint64_t>(reinterpret_cast<
        const uint64_t *>(tensor.shape.data()), tensor.shape.size())));
    return ConstantStruct::getAnon({text(tensor.name), text(tensor.layer), builder.getInt32(tensor.type),
                                    builder.getInt32(tensor.shape.size()), shape, builder.getInt64(tensor.bytes()),
                                    ConstantFP::get(builder.getFloatTy(), tensor.scale),
                                    builder.getInt32(tensor.zeroPoint)});
  }

  /// A pointer to the values; null where there are none.
  Constant *array(ArrayRef<Constant *> values) {
    if (values.empty())
      return ConstantPointerNull::get(builder.getPtrTy());
    return global(ConstantArray::get(ArrayType::get(values[0]->getType(), values.size()), values));
  }

  Constant *tensors(ArrayRef<TensorDescription> descriptions) {
    SmallVector<Constant *> values;
    for (const TensorDescription &description : descriptions)
      values.push_back(tensor(description));
    return array(values);
  }

  Module &module;
  IRBuilder<> builder;
};
} // namespace

/// Replaces the declaration `name` of the run-time code, if it is there, by an internal `definition`.
static void defineVariable(Module &module, StringRef name, GlobalVariable *definition) {
  if (GlobalVariable *declaration = module.getNamedGlobal(name)) {
    declaration->replaceAllUsesWith(definition);
    declaration->eraseFromParent();
  }
  definition->setName(name);
}

/// Tells the run-time code whether the network needs permission for tile registers. Functions that use some stay functions, or their
/// configuration could be loaded before the question.
static void defineTiles(Module &module) {
  bool used = false;
  for (Function &intrinsic : module)
    if (intrinsic.getName().starts_with("llvm.x86.tile"))
      for (User *user : intrinsic.users()) {
        cast<Instruction>(user)->getFunction()->addFnAttr(Attribute::NoInline);
        used = true;
      }
  Type *type = Type::getInt8Ty(module.getContext());
  defineVariable(module, tilesVariable, new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::InternalLinkage,
                                                           ConstantInt::get(type, used)));
}

/// Gives the run-time code its call of the network:
///   sample(inputs[0] + batch * bytes of input 0, ..., outputs[0] + batch * bytes of output 0, ..., arena[, pool])
static void defineCall(Module &module, const ModelDescription &model, Function *sample) {
  Function *caller = module.getFunction(callFunction);
  IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", caller));
  Value *batch = caller->getArg(2);
  SmallVector<Value *> arguments;
  auto addBuffers = [&](Value *buffers, ArrayRef<TensorDescription> tensors) {
    for (auto [index, tensor] : enumerate(tensors)) {
      Value *slot = builder.CreateConstInBoundsGEP1_64(builder.getPtrTy(), buffers, index);
      Value *offset = builder.CreateMul(batch, builder.getInt64(tensor.bytes()));
      arguments.push_back(builder.CreateGEP(builder.getInt8Ty(), builder.CreateLoad(builder.getPtrTy(), slot), offset));
    }
  };
  addBuffers(caller->getArg(0), model.inputs);
  addBuffers(caller->getArg(1), model.outputs);
  arguments.push_back(caller->getArg(3));
  if (model.threads > 1)
    arguments.push_back(caller->getArg(4));
  builder.CreateCall(sample, arguments)->setCallingConv(sample->getCallingConv());
  builder.CreateRetVoid();
}

Error finishModule(Module &module, const ModelDescription &model, const TargetSpec &spec, bool withEntry) {
  if (Error error = checkDescription(model, withEntry))
    return error;
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(spec);
  if (!machine)
    return machine.takeError();
  Expected<Function *> sample = findSample(module, model);
  if (!sample)
    return sample.takeError();
  if (model.steps)
    if (Error error = checkTicks(module, model))
      return error;
  module.setTargetTriple(Triple(spec.triple));
  module.setDataLayout((*machine)->createDataLayout());
  module.setPICLevel(PICLevel::BigPIC);
  internalize(module, {});

  if (Error error = linkRuntime(module, model, withEntry))
    return error;

  DescriptionBuilder descriptions(module);
  defineCall(module, model, *sample);
  defineTiles(module);
  defineVariable(module, modelVariable, descriptions.global(descriptions.model(model, spec.triple + " " + spec.cpu)));
  if (withEntry) {
    auto *type = ArrayType::get(Type::getInt8Ty(module.getContext()), model.arenaBytes);
    auto *arena = new GlobalVariable(module, type, /*isConstant=*/false, GlobalValue::InternalLinkage,
                                     ConstantAggregateZero::get(type));
    arena->setAlignment(Align(arenaAlignment));
    defineVariable(module, arenaVariable, arena);
  }

  if (model.steps)
    defineVariable(module, profileVariable,
                   descriptions.global(descriptions.profile(*model.steps, module.getNamedGlobal(ticksVariable), module.getFunction(clockFunction))));

  std::string name = identifierFor(model.name);
  SmallVector<GlobalValue *> exported = {exportAs(module, module.getFunction(modelFunction), name + "_model"),
                                         exportAs(module, module.getFunction(runFunction), name + "_run")};
  if (withEntry)
    exported.push_back(exportAs(module, module.getFunction(entryFunction), "run"));
  if (model.steps)
    exported.push_back(exportAs(module, module.getFunction(profileFunction), name + "_profile"));
  internalize(module, exported);
  for (Function &function : module)
    if (!function.isDeclaration())
      function.setDoesNotThrow();

  std::string message;
  raw_string_ostream stream(message);
  if (verifyModule(module, &stream))
    return createStringError("the module of network '" + model.name + "' is not valid LLVM IR: " + message);
  return Error::success();
}

} // namespace quantization
