//===- Calibration.cpp - running a network on samples -----------*- C++ -*-===//
//
// This file compiles the float network in memory and runs it sample by sample. Its code calls back where an observed value has been
// written, so that memory for values is that of a run, however many are observed:
//
//   define void @calibration_observe_3(ptr %values) { call void @calibration_observe(ptr @calibration_watch, i64 3, ptr %values) }
//
//===----------------------------------------------------------------------===//

#include "InMemory.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Calibrate/Samples.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Pipeline/Compiler.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Support/Threading.h"
#include <map>

using namespace mlir;
using namespace quantization;

namespace {

/// Progress on stderr: one line that moves on a terminal, one plain line otherwise.
class Progress {
public:
  /// The first of several runs says for all what is being done.
  Progress(StringRef doing, int64_t total, bool quiet, bool isFirst)
      : doing(doing), total(total), quiet(quiet), live(llvm::sys::Process::StandardErrIsDisplayed()) {
    if (!quiet && !live && isFirst)
      llvm::errs() << doing << " on " << total << " samples\n";
  }
  void step(int64_t done) {
    if (!quiet && live)
      llvm::errs() << "\r" << doing << ": " << done << " of " << total << " samples" << (done == total ? "\n" : "");
  }

private:
  StringRef doing;
  int64_t total;
  bool quiet, live;
};

/// Threads that share the loops of the network.
struct Pool : quantization_pool {
  explicit Pool(int64_t threads) : threads(llvm::hardware_concurrency(threads)) {
    parallel_for = [](quantization_pool *pool, void (*task)(void *, size_t), void *context, size_t shares) {
      llvm::ThreadPoolTaskGroup others(static_cast<Pool *>(pool)->threads);
      for (size_t share = 1; share < shares; ++share)
        others.async(task, context, share);
      task(context, 0);
    };
  }
  /// Calls `work` on every thread.
  void run(llvm::function_ref<void(size_t)> work) {
    parallel_for(this, [](void *context, size_t thread) { (*static_cast<llvm::function_ref<void(size_t)> *>(context))(thread); }, &work,
                 size());
  }
  size_t size() const { return std::max(1u, threads.getMaxConcurrency()); }

  llvm::DefaultThreadPool threads;
};

/// What the network's code tells of its values.
struct Watch {
  struct Value {
    std::vector<int64_t> shape, order;
  };
  NetworkObserver observe = nullptr;
  std::vector<Value> values;
  /// Of this sample, by observer: of several the first is told.
  std::map<size_t, std::string> failures;
  Pool *pool = nullptr;

  static void call(Watch *watch, int64_t number, const float *data) {
    const Value &value = watch->values[number];
    llvm::ArrayRef<float> values(data, ShapedType::getNumElements(value.shape));
    auto onEach = [&](llvm::function_ref<void(size_t)> work) { watch->pool->run(work); };
    if (llvm::Error error = watch->observe(number, {values, value.shape, value.order, watch->pool->size(), onEach}))
      watch->failures[number] = llvm::toString(std::move(error));
  }
};

/// The network as code of this process.
class SampleNetwork : public PreparedNetwork {
public:
  SampleNetwork(MLIRContext *context, std::string path, bool quiet) : path(std::move(path)), quiet(quiet), context(context), constants(context) {}
  ~SampleNetwork() override {
    jit = nullptr;
    constants.sweep(nullptr);
  }

  llvm::Error compile(ModuleOp network, size_t numParameters) {
    parameters = numParameters;
    OwningOpRef<ModuleOp> module = network.clone();
    std::vector<std::vector<int64_t>> shapes = numberObservers(*module);
    auto target = hostTarget();
    if (!target)
      return target.takeError();
    RoomOptions rooms;
    rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
    rooms.threads = std::max(1u, std::min<unsigned>(llvm::hardware_concurrency().compute_thread_count(), kMostThreads));
    module->getOperation()->removeAttr("fixed.target"); // of the artifact, not of this machine
    PassManager manager(module->getContext());
    buildPipeline(manager, Form::Additive, Form::Lowered, rooms);

    if (failed(manager.run(*module)))
      return llvm::createStringError("the network could not be compiled for calibration");

    constants.sweep(*module);
    model = describeModel(*module, "calibration");
    for (const std::vector<int64_t> &shape : shapes)
      watch.values.push_back({shape, orderOf(*module, watch.values.size())});
    auto compiled = compileInMemory(*module, *target);
    if (!compiled)
      return compiled.takeError();
    jit = std::move(*compiled);
    auto symbol = jit->lookup("calibration_run");
    if (!symbol)
      return symbol.takeError();
    entry = symbol->toPtr<quantization_run_function>();
    return llvm::Error::success();
  }

  llvm::Expected<int64_t> run(llvm::ArrayRef<std::vector<float>> values, NetworkObserver observe) override {
    watch.observe = observe;
    auto forget = llvm::scope_exit([&] { watch.observe = nullptr, watch.pool = nullptr; });
    return runSamples(values);
  }

private:
  std::string path;
  bool quiet;
  MLIRContext *context;
  ConstantSweep constants; ///< those of the code
  size_t parameters = 0;
  bool isFirstRun = true;
  ModelDescription model;
  Watch watch;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  quantization_run_function entry = nullptr;

  /// Observers get their numbers and nobody reads behind them; nor do results matter. Returns the shapes of what they see.
  static std::vector<std::vector<int64_t>> numberObservers(ModuleOp module) {
    std::vector<std::vector<int64_t>> shapes;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      function.walk([&](nn::ObserveOp op) {
        op.getResult().replaceAllUsesWith(op.getInput());
        op->setAttr("nn.observer", Builder(op).getI64IntegerAttr(shapes.size()));
        shapes.push_back(nn::shapeOf(op.getInput()).vec());
      });
      function.getBody().front().getTerminator()->setOperands({});
      function.removeResAttrsAttr();
      function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(), {}));
    }
    return shapes;
  }

  static std::string nameOfObserver(size_t number) { return "calibration_observe_" + std::to_string(number); }

  /// In which order the dimensions of an observed value lie in memory.
  static std::vector<int64_t> orderOf(ModuleOp lowered, size_t number) {
    auto function = lowered.lookupSymbol<LLVM::LLVMFuncOp>(nameOfObserver(number));
    auto order = function ? function->getAttrOfType<DenseI64ArrayAttr>("nn.order") : nullptr;
    return order ? order.asArrayRef().vec() : std::vector<int64_t>();
  }

  /// The symbols of the code that are found here.
  static constexpr const char *kObserve = "calibration_observe", *kWatch = "calibration_watch";

  /// Gives the declared observers a body that calls this process.
  static void defineObservers(llvm::Module &module, size_t count) {
    llvm::IRBuilder<> builder(module.getContext());
    auto *type = llvm::FunctionType::get(builder.getVoidTy(), {builder.getPtrTy(), builder.getInt64Ty(), builder.getPtrTy()}, false);
    llvm::FunctionCallee observe = module.getOrInsertFunction(kObserve, type);
    llvm::Constant *watch = module.getOrInsertGlobal(kWatch, builder.getInt8Ty());
    for (size_t number = 0; number < count; ++number)
      if (llvm::Function *function = module.getFunction(nameOfObserver(number))) {
        builder.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "", function));
        builder.CreateCall(observe, {watch, builder.getInt64(number), function->getArg(0)});
        builder.CreateRetVoid();
      }
  }

  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> compileInMemory(ModuleOp module, const TargetSpec &target) {
    std::map<std::string, const void *> weights = takeConstants(module, "calibration_weights_");
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> translated = translateModule(module, target, context);
    if (!translated)
      return llvm::createStringError("the network could not be translated for calibration");
    defineObservers(*translated, watch.values.size());
    if (llvm::Error error = finishModule(*translated, model, target, /*withEntry=*/false))
      return error;
    std::vector<std::string> provided = {kObserve, kWatch};
    for (const auto &weight : weights)
      provided.push_back(weight.first);
    auto objects = emitObjects(std::move(translated), target, model.threads, provided, /*quickly=*/true);
    if (!objects)
      return objects.takeError();
    weights[kWatch] = &watch;
    weights[kObserve] = reinterpret_cast<const void *>(&Watch::call);
    return linkInMemory(*objects, weights);
  }

  llvm::Expected<int64_t> runSamples(llvm::ArrayRef<std::vector<float>> values) {
    std::vector<TensorSpec> specs;
    std::vector<Buffer> inputs;
    std::vector<const void *> in;
    for (const TensorDescription &tensor : ArrayRef(model.inputs).drop_back(parameters)) {
      specs.push_back({tensor.name, ElementType::F32, Shape(tensor.shape.begin(), tensor.shape.end())});
      inputs.emplace_back(tensor.bytes());
    }
    for (Buffer &buffer : inputs)
      in.push_back(buffer.data());
    for (const std::vector<float> &parameter : values)
      in.push_back(parameter.data());
    Buffer arena(model.arenaBytes);

    std::string error;
    std::unique_ptr<SampleSource> source = SampleSource::open(path, specs, error);
    if (!source)
      return llvm::createStringError(error);
    if (std::string why = source->whyUnused(); !why.empty() && isFirstRun)
      emitWarning(UnknownLoc::get(context)) << why;
    int64_t batch = inputs.empty() || model.inputs.front().shape.empty() ? 1 : model.inputs.front().shape.front();
    if (source->size() < batch)
      return llvm::createStringError(path + ": " + std::to_string(source->size()) + " samples do not fill one batch of " +
                                     std::to_string(batch));
    Pool pool(model.threads);
    watch.pool = &pool;
    Progress progress(parameters ? "correcting" : "calibrating", source->size() / batch * batch, quiet, std::exchange(isFirstRun, false));
    std::vector<std::vector<char>> sample;
    int64_t done = 0;
    // Samples beyond the last whole batch are not used.
    for (; done + batch <= source->size(); done += batch) {
      for (int64_t i = 0; i < batch; ++i) {
        if (!source->next(sample, error))
          return llvm::createStringError(error);
        for (auto [buffer, bytes] : llvm::zip(inputs, sample))
          std::memcpy(buffer.data() + i * bytes.size(), bytes.data(), bytes.size());
      }
      if (entry(in.data(), nullptr, model.batch, arena.data(), model.threads > 1 ? &pool : nullptr) != QUANTIZATION_OK)
        return llvm::createStringError("the network could not be run on sample " + std::to_string(done));
      if (!watch.failures.empty())
        return llvm::createStringError(watch.failures.begin()->second);
      progress.step(done + batch);
    }
    return done;
  }
};

class SampleRunner : public NetworkRunner {
public:
  SampleRunner(std::string path, bool quiet) : path(std::move(path)), quiet(quiet) {}

  llvm::Expected<std::unique_ptr<PreparedNetwork>> prepare(ModuleOp network, size_t parameters) override {
    auto prepared = std::make_unique<SampleNetwork>(network.getContext(), path, quiet);
    if (llvm::Error error = prepared->compile(network, parameters))
      return error;
    return prepared;
  }

private:
  std::string path;
  bool quiet;
};

} // namespace

std::unique_ptr<NetworkRunner> quantization::createSampleRunner(std::string path, bool quiet) {
  return std::make_unique<SampleRunner>(std::move(path), quiet);
}
