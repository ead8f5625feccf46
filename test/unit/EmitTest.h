//===- EmitTest.h - what the tests of artifacts share -----------*- C++ -*-===//
//
// This file holds the small network, the temporary folder and the way to a shared library that these tests use.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TEST_UNIT_EMITTEST_H
#define QUANTIZATION_TEST_UNIT_EMITTEST_H

#include "quantization/Emit/Artifact.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include "gtest/gtest.h"

namespace quantization {

using namespace llvm;

/// Two floats per sample, two samples per batch: out = in + 1, by way of the arena and of a constant.
inline constexpr const char *addOne = R"(
  @one = constant float 1.0
  define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
  entry:
    br label %loop
  loop:
    %i = phi i64 [ 0, %entry ], [ %next, %loop ]
    %a = getelementptr float, ptr %in, i64 %i
    %x = load float, ptr %a
    %c = load float, ptr @one
    %y = fadd float %x, %c
    %s = getelementptr float, ptr %arena, i64 %i
    store float %y, ptr %s
    %z = load float, ptr %s
    %b = getelementptr float, ptr %out, i64 %i
    store float %z, ptr %b
    %next = add i64 %i, 1
    %more = icmp ult i64 %next, 4
    br i1 %more, label %loop, label %done
  done:
    ret void
  })";

inline std::string message(Error error) { return toString(std::move(error)); }

inline ModelDescription describe(const std::string &name) {
  ModelDescription model;
  model.name = name;
  model.batch = 2;
  model.inputs = {{"in", "in", QUANTIZATION_F32, {2, 2}, 0.5f, -3}};
  model.outputs = {{"out", "out", QUANTIZATION_F32, {2, 2}}};
  model.arenaBytes = 16;
  model.weightBytes = 4;
  return model;
}

class EmitTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(sys::fs::createUniqueDirectory("quantization-emit", folder)); }
  void TearDown() override { sys::fs::remove_directories(folder); }

  std::string path(StringRef name) { return (folder + "/" + name).str(); }
  std::string read(StringRef file) {
    auto buffer = MemoryBuffer::getFile(file);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }
  size_t numFiles() {
    std::error_code code;
    size_t count = 0;
    for (sys::fs::directory_iterator it(folder, code), end; it != end && !code; it.increment(code))
      ++count;
    return count;
  }

  std::unique_ptr<Module> parse(const char *text) {
    SMDiagnostic diagnostic;
    std::unique_ptr<Module> module = parseAssemblyString(text, diagnostic, context);
    EXPECT_TRUE(module) << diagnostic.getMessage().str();
    return module;
  }

  /// From IR to a shared library in `folder`; "" or what went wrong.
  std::string build(const char *text, const ModelDescription &model, const TargetSpec &spec, StringRef output,
                    bool withEntry = true, ArrayRef<std::string> libraryPaths = {}) {
    std::unique_ptr<Module> module = parse(text);
    if (Error error = finishModule(*module, model, spec, withEntry))
      return message(std::move(error));
    auto machine = cantFail(createTargetMachine(spec));
    if (Error error = optimizeModule(*module, *machine))
      return message(std::move(error));
    Error error = emitSharedLibrary(*module, *machine, output, sys::path::filename(output), spec, libraryPaths);
    return error ? message(std::move(error)) : "";
  }

  TargetSpec host() { return cantFail(hostTarget()); }
  TargetSpec aarch64() { return cantFail(resolveTarget("aarch64-linux-gnu", "", "")); }

  SmallString<128> folder;
  LLVMContext context;
};

} // namespace quantization

#endif // QUANTIZATION_TEST_UNIT_EMITTEST_H
