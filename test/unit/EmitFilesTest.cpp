//===- EmitFilesTest.cpp - targets, headers and files -----------*- C++ -*-===//
//
// This file tests what surrounds the code of an artifact: the machine it is for, its C header, its name, its file.
//
//===----------------------------------------------------------------------===//

#include "EmitTest.h"

using namespace llvm;
using namespace quantization;

namespace {

TEST_F(EmitTest, ResolvesTargets) {
  auto error = [](StringRef triple, StringRef cpu, StringRef features) {
    Expected<TargetSpec> spec = resolveTarget(triple, cpu, features);
    return spec ? "" : message(spec.takeError());
  };
  TargetSpec spec = cantFail(resolveTarget("aarch64-linux-gnu", "", "+dotprod, i8mm"));
  EXPECT_EQ(spec.triple, "aarch64-unknown-linux-gnu");
  EXPECT_EQ(spec.cpu, "generic");
  EXPECT_EQ(spec.features, "+dotprod,+i8mm");
  EXPECT_NE(cantFail(hostTarget()).cpu, "native");
  EXPECT_EQ(cantFail(resolveTarget("", "native", "")).features, cantFail(hostTarget()).features);
  EXPECT_NE(error("riscv64-linux-gnu", "", "").find("'riscv64-unknown-linux-gnu' is not supported"), std::string::npos);
  EXPECT_NE(error("x86_64-apple-darwin", "", "").find("is not supported"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnux32", "", "").find("is not supported"), std::string::npos);
  EXPECT_NE(error("nonsense", "", "").find("is not supported"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnu", "pentium9", "").find("unknown processor 'pentium9'"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnu", "i386", "").find("'64bit'"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnu", "x86-64", "-sse2").find("'sse2'"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnu", "x86-64", "+avx9").find("unknown feature '+avx9'"), std::string::npos);
  EXPECT_NE(error("x86_64-linux-gnu", "x86-64", "+").find("unknown feature '+'"), std::string::npos);
#ifdef __x86_64__
  EXPECT_NE(error("aarch64-linux-gnu", "native", "").find("'native' means this machine"), std::string::npos);
#endif
}

TEST_F(EmitTest, MakesIdentifiers) {
  EXPECT_EQ(identifierFor("resnet-50.v2"), "resnet_50_v2");
  EXPECT_EQ(identifierFor("8bit"), "_8bit");
  EXPECT_EQ(identifierFor("caf\xC3\xA9"), "caf__");
  EXPECT_EQ(identifierFor(""), "_");
  EXPECT_EQ(identifierFor("quantization"), "quantization_network");
}

TEST_F(EmitTest, HeadersGoTogether) {
  ModelDescription odd = describe("quantization");
  odd.inputs[0].name = "ends a comment */ \n#error\\";
  std::string first = generateHeader(describe("net-1"), /*withEntry=*/true);
  EXPECT_NE(first.find("#define NET_1_ARENA_BYTES 16\n"), std::string::npos);
  EXPECT_NE(first.find("#define NET_1_INPUT_0_BYTES 16\n"), std::string::npos);
  for (auto &[name, text] : {std::pair<std::string, std::string>{"first.h", first},
                             {"second.h", generateHeader(odd, /*withEntry=*/true)},
                             {"use.c", "#include \"first.h\"\n#include \"second.h\"\n#include \"first.h\"\n"
                                       "#include \"quantization-c/Artifact.h\"\n"
                                       "quantization_run_function a = net_1_run, b = quantization_network_run;\n"
                                       "quantization_model_function c = net_1_model;\n"
                                       "int (*d)(const void *, void *) = run;\n"}})
    cantFail(writeFileAtomically(path(name), [&text = text](raw_pwrite_stream &stream) {
      stream << text;
      return Error::success();
    }));
  std::string source = path("use.c");
  for (StringRef language : {"c", "c++"}) {
    std::string errors;
    StringRef standard = language == "c" ? "-std=c99" : "-std=c++11";
    EXPECT_EQ(sys::ExecuteAndWait(QUANTIZATION_CLANG,
                                  {QUANTIZATION_CLANG, "-x", language, standard, "-Wall", "-Wextra", "-Wpedantic",
                                   "-Werror", "-Wno-unused-variable", "-ffreestanding", "-nostdlibinc",
                                   "-I" QUANTIZATION_INCLUDE, "-fsyntax-only", source},
                                  std::nullopt, {}, 0, 0, &errors),
              0)
        << errors;
  }
}

TEST_F(EmitTest, WritesWholeFilesOrNone) {
  auto write = [&](const std::string &file, bool fails) {
    return message(writeFileAtomically(file, [&](raw_pwrite_stream &stream) -> Error {
      stream << "new";
      return fails ? createStringError("no luck") : Error::success();
    }));
  };
  EXPECT_EQ(write(path("a"), /*fails=*/true), "no luck");
  EXPECT_EQ(numFiles(), 0u);
  EXPECT_EQ(write(path("a"), /*fails=*/false), "");
  EXPECT_EQ(read(path("a")), "new");
  EXPECT_EQ(numFiles(), 1u);
  EXPECT_EQ(write(path("missing/a"), false), "cannot write '" + path("missing/a") + "': No such file or directory");
  EXPECT_EQ(write(folder.str().str(), false), "cannot write '" + folder.str().str() + "': Is a directory");
  if (sys::fs::exists("/dev/full"))
    EXPECT_EQ(write("/dev/full", false), "cannot write '/dev/full': No space left on device");
  EXPECT_EQ(write("/dev/null", false), "");
  EXPECT_NE(build(addOne, describe("net"), host(), path("missing/net.so")).find("cannot write '"), std::string::npos);
  EXPECT_NE(build(addOne, describe("net"), host(), "-").find("name a file"), std::string::npos);
  EXPECT_NE(build(addOne, describe("net"), host(), folder).find("name a file"), std::string::npos);
  EXPECT_EQ(numFiles(), 1u);
}

} // namespace
