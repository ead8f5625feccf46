//===- NativeNetwork.h - a network whose constants can change ---*- C++ -*-===//
//
// This file declares a float network compiled once in this process, of which each instance has constants of its own.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVENETWORK_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVENETWORK_H

#include "../InMemory.h"

namespace quantization {

/// Where the values of constants lie in the code's memory. While it is compiled a constant holds the numbers of its places, from 1 on, as bits
/// of f32: whatever order and padding the code wants them in, the numbers tell it.
class NumberedConstants {
public:
  /// The stand-in for a constant of this type; constants have numbers one after the other.
  mlir::ElementsAttr add(mlir::RankedTensorType type);
  size_t size() const { return firsts.size(); }
  /// The constant and the place in it; none for what is no such number.
  std::optional<std::pair<size_t, size_t>> find(uint32_t number) const;
  int64_t elements(size_t constant) const { return (constant + 1 < firsts.size() ? firsts[constant + 1] : next) - firsts[constant]; }

private:
  std::vector<uint32_t> firsts;
  uint32_t next = 1;
};

class NativeNetwork {
public:
  /// Compiles `network`, in the additive form, for this machine; it holds some of the constants. An error names by number what cannot be changed.
  static llvm::Expected<std::unique_ptr<NativeNetwork>> compile(mlir::OwningOpRef<mlir::ModuleOp> network, const NumberedConstants &constants,
                                                                bool profile = false);

  /// Code and memory for one thread.
  class Instance {
  public:
    /// Gives a numbered constant these values.
    void set(size_t constant, llvm::ArrayRef<float> values);
    /// Runs one batch; inputs as the model has them.
    llvm::Error run(llvm::ArrayRef<const void *> inputs);
    llvm::ArrayRef<float> output(size_t number);
    /// What the steps have taken, of a network compiled to tell.
    llvm::Expected<const quantization_profile *> profile();

  private:
    friend class NativeNetwork;
    const NativeNetwork *network;
    std::unique_ptr<llvm::orc::LLJIT> jit;
    quantization_run_function entry;
    std::vector<Buffer> memory, outputs;
    std::optional<Buffer> arena;
    std::vector<void *> out;
  };
  llvm::Expected<std::unique_ptr<Instance>> instantiate() const;
  /// Whether a numbered constant lies in this code.
  bool holds(size_t constant) const { return !places[constant].empty(); }

  ModelDescription model;

private:
  /// A constant of the code, and where in all of them the elements of a numbered one lie.
  struct Memory {
    std::string symbol;
    std::vector<char> bytes;
  };
  struct Place {
    uint32_t memory, at, element;
  };
  std::vector<Memory> memories;
  std::vector<std::vector<Place>> places;
  std::vector<ObjectBytes> objects;
  std::map<std::string, const void *> shared; ///< constants that never change
  mlir::OwningOpRef<mlir::ModuleOp> owner;    ///< of their memory

  llvm::Error takeNumbered(mlir::ModuleOp lowered, const NumberedConstants &constants);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVENETWORK_H
