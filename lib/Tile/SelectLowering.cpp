//===- SelectLowering.cpp - a micro-kernel for each layer -------*- C++ -*-===//
//
// This file asks the target which of its micro-kernels computes a contraction, and writes the answer where it can be edited:
//
//   nn.conv %x, %w {layer = "conv1"}   ==>   nn.conv %x, %w {layer = "conv1", lowering = "vnni512"}
//
// What a user asks for stays: a kernel of the target, "loops", or "shift" for weights that are powers of two.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "ShiftWeights.h"
#include "mlir/IR/Remarks.h"
#include "quantization/Assign/Policy.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Ternary/SignedSums.h"
#include "quantization/Tile/Lowerings.h"
#include "quantization/Tile/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

#define DEBUG_TYPE "select-lowering"

namespace quantization {
#define GEN_PASS_DEF_SELECTLOWERING
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

std::optional<Contraction> tile::contractionOf(Operation *op) {
  Contraction c;
  c.op = op;
  if (auto conv = dyn_cast<nn::ConvOp>(op)) {
    c.input = conv.getInput(), c.weights = conv.getWeights(), c.bias = conv.getBias(), c.result = conv.getResult();
    c.kernel.assign(nn::shapeOf(c.weights).begin() + 2, nn::shapeOf(c.weights).end());
    c.strides = llvm::to_vector(conv.getStrides()), c.pads = llvm::to_vector(conv.getPads());
    c.dilations = llvm::to_vector(conv.getDilations());
    c.groups = conv.getGroups();
    c.inputs = nn::shapeOf(c.weights)[1];
    c.outputs = nn::shapeOf(c.weights)[0] / c.groups;
    return c;
  }
  if (auto matmul = dyn_cast<nn::MatmulOp>(op)) {
    c.input = matmul.getInput(), c.weights = matmul.getWeights(), c.bias = matmul.getBias(), c.result = matmul.getResult();
    c.groups = 1;
    c.inputs = nn::shapeOf(c.weights).drop_back().back();
    c.outputs = nn::shapeOf(c.weights).back();
    return c;
  }
  return std::nullopt;
}

bool Contraction::packsAtRunTime() const {
  return kernel.empty() && (!constantBehind(weights) || nn::shapeOf(weights).size() > 2);
}

int64_t Contraction::columnsFor(int64_t codes) const {
  if (kernel.empty())
    return 1;
  int64_t columns = kernel.back();
  // Values lie side by side only where the next column is the next position.
  bool contiguous = dilations.back() == 1 && groups == 1;
  while (contiguous && columns * inputs < codes)
    ++columns;
  return columns;
}

bool Contraction::canShift(std::string &reason) const {
  auto type = quantizedElement(input);
  if (!type)
    reason = "its values are no integers";
  else if (zeroPointOf(type) != 0 && bias && !constantBehind(bias))
    reason = "its bias is computed";
  else
    return ShiftWeights::of(weights, reason).has_value();
  return false;
}

std::optional<ContractionShape> Contraction::shape(std::string &reason) const {
  auto missing = [&](StringRef why) {
    reason = why.str();
    return std::nullopt;
  };
  if (kernel.size() > 2)
    return missing("it has three spatial dimensions");
  if (kernel.empty() && nn::shapeOf(input).size() < 2)
    return missing("it is no product of a matrix by a matrix");
  if ((!constantBehind(weights) && !packsAtRunTime()) || (bias && (packsAtRunTime() || !constantBehind(bias))))
    return missing("its weights or biases are computed");
  ContractionShape result{};
  result.isDepthwise = groups > 1 && inputs == 1 && outputs == 1;
  if (result.isDepthwise && kernel.size() != 2)
    return missing("it is depthwise over one dimension");
  constexpr int64_t kUnrolled = 128; // products that depthwise kernels write out for each position
  if (result.isDepthwise && kernel[0] * kernel[1] > kUnrolled)
    return missing("it is depthwise with more than " + std::to_string(kUnrolled) + " weights a channel");
  if (groups > 1 && inputs == 1 && outputs > 1)
    return missing("it has several output channels for each input channel");
  result.isFloat = nn::isF32(input);
  if (result.isFloat) {
    result.inputBits = result.accumulatorBits = 32;
  } else {
    auto type = quantizedElement(input), weightType = quantizedElement(weights);
    if (!type || !weightType)
      return missing("its operands are not of one kind");
    if (packsAtRunTime() && (storageOf(type).getWidth() > 8 || storageOf(weightType).getWidth() > 8))
      return missing("its operands have more than 8 bits");
    if (!packsAtRunTime() && (zeroPointOf(weightType) != 0 || !weightType.isSigned()))
      return missing("its weights are no signed integers around zero");
    result.inputBits = storageOf(type).getWidth() + (storageOf(type).getWidth() > 8 && !type.isSigned() ? 1 : 0);
    result.largestInput = type.getStorageTypeMax() + (type.isSigned() ? 128 : 0);
    result.largestWeight = magnitudeOf(weightType);
    APInt least(64, weightType.getStorageTypeMin(), /*isSigned=*/true), most(64, weightType.getStorageTypeMax(), /*isSigned=*/true);
    result.weightBits = std::max(least.getSignificantBits(), most.getSignificantBits());
    if (!packsAtRunTime() && zeroPointOf(weightType) == 0 && magnitudeOf(weightType) == 1)
      result.hasSignWeights = llvm::all_of(readCodes(constantBehind(weights), weightType), [](int64_t code) { return code != 0; });
    result.leastCode = type.getStorageTypeMin(), result.largestCode = type.getStorageTypeMax(), result.zeroPoint = zeroPointOf(type);
    result.groups = groups, result.inputs = inputs, result.outputs = outputs;
    if (packsAtRunTime()) // a code less its zero point has a sign and a bit more
      result.inputBits = result.weightBits = 9;
    result.accumulatorBits = nn::elementTypeOf(this->result).getIntOrFloatBitWidth();
  }
  bool contiguous = kernel.empty() || (dilations.back() == 1 && groups == 1);
  result.run = contiguous ? columnsFor(4) * inputs : inputs;
  result.runs = (kernel.size() == 2 ? kernel[0] : 1) * (contiguous ? 1 : kernel.back());
  auto isOne = [](int64_t n) { return n == 1; };
  bool oneRow = llvm::all_of(kernel, isOne) && llvm::all_of(strides, isOne) && llvm::all_of(pads, [](int64_t n) { return n == 0; });
  ArrayRef<int64_t> shape = nn::shapeOf(this->result);
  int64_t positions = shape.back(); // of a row, or of all rows where they are read as one
  if (kernel.empty())
    positions = llvm::product_of(shape.drop_back());
  else if (oneRow)
    positions = shape.front() * llvm::product_of(shape.drop_front(2));
  result.positions = positions, result.isVector = kernel.empty() && positions == 1;
  result.weights = llvm::product_of(nn::shapeOf(weights));
  result.area = kernel.size() == 2 ? llvm::product_of(shape.drop_front(2)) : positions;
  if (!result.isFloat && kernel.size() == 2 && groups == 1) {
    std::vector<int64_t> codes = readCodes(constantBehind(weights), quantizedElement(weights));
    std::optional<SignedSums> sums = SignedSums::of({codes.begin(), codes.end()}, outputs, inputs, kernel[0] * kernel[1], UINT8_MAX);
    if (sums)
      result.sumChunks = sums->chunks.size(), result.nonzeros = sums->nonzeros;
  }
  return result;
}

FailureOr<const DotKernel *> tile::kernelOf(const Contraction &contraction, const TargetModel &target) {
  Operation *op = contraction.op;
  auto name = op->getAttrOfType<StringAttr>("lowering");
  std::string reason;
  bool isShift = name && name == kShift;
  if (!name || name == kLoops || (isShift && contraction.canShift(reason)))
    return static_cast<const DotKernel *>(nullptr);
  if (isShift)
    return op->emitError() << "layer \"" << nn::layerOf(op) << "\" cannot use the lowering \"shift\": " << reason;
  std::optional<ContractionShape> shape = contraction.shape(reason);
  const DotKernel *kernel = target.findKernel(name);
  if (shape && kernel && computes(*kernel, *shape))
    return kernel;
  if (shape)
    reason = kernel ? "the kernel computes other types or shapes" : "the target has none of that name";
  std::vector<StringRef> possible = shape ? target.kernelsFor(*shape) : std::vector<StringRef>();
  possible.push_back(kLoops);
  if (std::string ignored; contraction.canShift(ignored))
    possible.push_back(kShift);
  return op->emitError() << "layer \"" << nn::layerOf(op) << "\" cannot use the lowering \"" << name.getValue() << "\": " << reason
                         << "; without one the target chooses, from " << llvm::join(possible, ", ");
}

std::string quantization::whyNoLowering(StringRef name) {
  std::vector<StringRef> known = TargetModel::allKernels();
  known.insert(known.begin(), {kLoops, kShift});
  if (llvm::is_contained(known, name))
    return "";
  StringRef nearest = *llvm::min_element(known, [&](StringRef a, StringRef b) { return name.edit_distance(a) < name.edit_distance(b); });
  std::string why = "no target has the lowering \"" + name.str() + "\"";
  if (nearest.edit_distance(name) <= name.size() / 2)
    return why + "; did you mean \"" + nearest.str() + "\"?";
  return why + "; write " + kLoops.str() + ", " + kShift.str() + ", or a kernel that --emit=report shows, or leave it out";
}

namespace {

struct SelectLoweringPass : quantization::impl::SelectLoweringBase<SelectLoweringPass> {
  using SelectLoweringBase::SelectLoweringBase;

  /// Writes what --lowering asks for.
  LogicalResult writeRequests() {
    bool valid = true;
    for (const std::string &request : requests) {
      auto [glob, name] = StringRef(request).rsplit(':');
      if (glob.empty() || name.empty()) {
        getOperation().emitError() << "--lowering=" << request << ": expected GLOB:NAME, as in \"conv*:shift\"";
        valid = false;
        continue;
      }
      if (llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(glob); !pattern) {
        getOperation().emitError() << "--lowering=" << request << ": \"" << glob << "\" is no pattern: " << llvm::toString(pattern.takeError());
        valid = false;
        continue;
      }
      bool found = false;
      getOperation().walk([&, glob = glob, name = name](Operation *op) {
        if (!contractionOf(op) || !matchesGlob(glob, nn::layerOf(op)))
          return;
        found = true;
        op->setAttr("lowering", StringAttr::get(&getContext(), name));
      });
      if (!found)
        getOperation().emitError() << "--lowering=" << request << ": no convolution and no matrix product has a name that matches \"" << glob
                                   << "\"";
      valid &= found;
    }
    return success(valid);
  }

  void runOnOperation() override {
    std::unique_ptr<TargetModel> target = TargetModel::of(getOperation());
    bool valid = succeeded(writeRequests());
    getOperation().walk([&](Operation *op) {
      std::optional<Contraction> contraction = contractionOf(op);
      if (!contraction)
        return;
      std::string reason = "the target has no kernel for it";
      std::optional<ContractionShape> shape = contraction->shape(reason);
      if (op->hasAttr("lowering")) {
        valid &= succeeded(kernelOf(*contraction, *target));
        return;
      }
      const DotKernel *kernel = shape ? target->chooseKernel(*shape) : nullptr;
      auto options = [&](StringRef name) { return remark::RemarkOpts::name(name).category(DEBUG_TYPE).function(nn::layerOf(op)); };
      if (!kernel) {
        remark::missed(op->getLoc(), options("PlainLoops")) << remark::reason("plain loops: {0}", reason);
        return;
      }
      op->setAttr("lowering", StringAttr::get(&getContext(), kernel->name));
      ++numKernels;
      std::string text = kernel->name.str();
      if (kernel->packing > 1)
        text += ": " + std::to_string(kernel->packing) + " weights in a byte";
      remark::passed(op->getLoc(), options("Kernel")) << remark::reason("{0}", text);
    });
    if (!valid)
      signalPassFailure();
  }
};

} // namespace
