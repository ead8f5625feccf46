//===- EmitTest.cpp - artifacts from LLVM IR --------------------*- C++ -*-===//
//
// This file compiles small networks written in LLVM IR into objects and shared libraries, and uses them as a program
// would.
//
//===----------------------------------------------------------------------===//

#include "EmitTest.h"
#include "llvm/Object/ELFObjectFile.h"
#include <dlfcn.h>
#include <thread>
#include <vector>

using namespace llvm;
using namespace quantization;

namespace {

/// Uses libm and the C library; no arena.
constexpr const char *useLibraries = R"(
  declare float @expf(float)
  declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
  define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
    call void @llvm.memcpy.p0.p0.i64(ptr %out, ptr %in, i64 4096, i1 false)
    %x = load float, ptr %in
    %y = call float @expf(float %x)
    store float %y, ptr %out
    ret void
  })";

struct Library {
  explicit Library(const std::string &file) : handle(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    EXPECT_TRUE(handle) << dlerror();
  }
  ~Library() {
    if (handle)
      dlclose(handle);
  }
  template <typename T> T get(const char *name) { return reinterpret_cast<T>(dlsym(handle, name)); }
  void *handle;
};

using Entry = int (*)(const void *, void *);

TEST_F(EmitTest, RunsSamplesInBatches) {
  ASSERT_EQ(build(addOne, describe("net"), host(), path("net.so")), "");
  Library library(path("net.so"));
  auto *model = library.get<quantization_model_function>("net_model")();
  EXPECT_EQ(model->abi_version, QUANTIZATION_ABI_VERSION);
  EXPECT_EQ(model->num_inputs, 1);
  EXPECT_EQ(model->num_outputs, 1);
  EXPECT_EQ(model->batch, 2);
  EXPECT_STREQ(model->name, "net");
  EXPECT_EQ(model->arena_bytes, 16);
  EXPECT_EQ(model->weight_bytes, 4);
  EXPECT_EQ(model->target, host().triple + " " + host().cpu);
  EXPECT_STREQ(model->inputs[0].name, "in");
  EXPECT_STREQ(model->outputs[0].layer, "out");
  EXPECT_EQ(model->inputs[0].type, QUANTIZATION_F32);
  ASSERT_EQ(model->inputs[0].rank, 2);
  EXPECT_EQ(model->inputs[0].shape[1], 2);
  EXPECT_EQ(model->inputs[0].bytes, 16);
  EXPECT_EQ(model->inputs[0].scale, 0.5f);
  EXPECT_EQ(model->inputs[0].zero_point, -3);

  auto run = library.get<quantization_run_function>("net_run");
  float in[12], out[12] = {};
  for (int i = 0; i < 12; ++i)
    in[i] = i;
  const void *inputs[] = {in};
  void *outputs[] = {out};
  alignas(64) char arena[128];
  EXPECT_EQ(run(inputs, outputs, 6, arena, nullptr), QUANTIZATION_OK);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(out[i], i + 1);
  EXPECT_EQ(run(inputs, outputs, 0, arena, nullptr), QUANTIZATION_OK);
  EXPECT_EQ(run(inputs, outputs, 3, arena, nullptr), QUANTIZATION_BAD_SAMPLES);
  EXPECT_EQ(run(inputs, outputs, 2, nullptr, nullptr), QUANTIZATION_BAD_ARENA);
  EXPECT_EQ(run(inputs, outputs, 2, arena + 32, nullptr), QUANTIZATION_BAD_ARENA);
  EXPECT_EQ(run(inputs, outputs, 2, arena, reinterpret_cast<quantization_pool *>(arena)), QUANTIZATION_BAD_POOL);
}

TEST_F(EmitTest, EntryTakesTurns) {
  // Copies 1024 floats to the arena, then from there to the output: two threads at once would mix theirs.
  const char *throughArena = R"(
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      call void @copy(ptr %in, ptr %arena)
      call void @copy(ptr %arena, ptr %out)
      ret void
    }
    define void @copy(ptr %from, ptr %to) {
    entry:
      br label %loop
    loop:
      %i = phi i64 [ 0, %entry ], [ %next, %loop ]
      %a = getelementptr float, ptr %from, i64 %i
      %x = load volatile float, ptr %a
      %b = getelementptr float, ptr %to, i64 %i
      store volatile float %x, ptr %b
      %next = add i64 %i, 1
      %more = icmp ult i64 %next, 1024
      br i1 %more, label %loop, label %done
    done:
      ret void
    })";
  ModelDescription model = describe("net");
  model.inputs[0].shape = model.outputs[0].shape = {2, 512};
  model.arenaBytes = 4096;
  ASSERT_EQ(build(throughArena, model, host(), path("net.so")), "");
  Library library(path("net.so"));
  auto run = library.get<Entry>("run");
  auto work = [run](float value) {
    std::vector<float> in(1024, value), out(1024);
    for (int round = 0; round < 20000; ++round) {
      ASSERT_EQ(run(in.data(), out.data()), QUANTIZATION_OK);
      ASSERT_EQ(out, in);
    }
  };
  std::thread other(work, 1.0f);
  work(2.0f);
  other.join();
}

TEST_F(EmitTest, TwoNetworksInOneProcess) {
  ModelDescription second = describe("second");
  second.batch = 1;
  second.inputs[0].shape = second.outputs[0].shape = {1, 1024};
  second.arenaBytes = 0;
  ASSERT_EQ(build(addOne, describe("first"), host(), path("first.so")), "");
  ASSERT_EQ(build(useLibraries, second, host(), path("second.so")), "");
  Library a(path("first.so")), b(path("second.so"));
  EXPECT_FALSE(a.get<void *>("second_run"));
  std::vector<float> in(1024, 0.0f), out(1024, 7.0f);
  in[5] = 5;
  EXPECT_EQ(a.get<Entry>("run")(in.data(), out.data()), QUANTIZATION_OK);
  EXPECT_EQ(out[0], 1);
  const void *inputs[] = {in.data()};
  void *outputs[] = {out.data()};
  EXPECT_EQ(b.get<quantization_run_function>("second_run")(inputs, outputs, 1, nullptr, nullptr), QUANTIZATION_OK);
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[5], 5);
}

#ifdef __x86_64__
// Tile registers: 64 bytes of zeros where this machine has them and lets the process use them, a status elsewhere.
TEST_F(EmitTest, AsksForTiles) {
  const char *zeros = R"(
    declare x86_amx @llvm.x86.tilezero.internal(i16, i16)
    declare void @llvm.x86.tilestored64.internal(i16, i16, ptr, i64, x86_amx)
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      %t = call x86_amx @llvm.x86.tilezero.internal(i16 1, i16 16)
      call void @llvm.x86.tilestored64.internal(i16 1, i16 16, ptr %out, i64 64, x86_amx %t)
      ret void
    })";
  TargetSpec spec = cantFail(resolveTarget("x86_64-linux-gnu", "sapphirerapids", ""));
  ASSERT_EQ(build(zeros, describe("net"), spec, path("net.so")), "");
  bool granted = StringRef(host().features).contains("+amx-tile");
  Library library(path("net.so"));
  float in[4] = {}, out[16] = {1, 2, 3, 4};
  const void *inputs[] = {in};
  void *outputs[] = {out};
  alignas(64) char arena[64];
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(library.get<quantization_run_function>("net_run")(inputs, outputs, 2, arena, nullptr),
              granted ? QUANTIZATION_OK : QUANTIZATION_BAD_PROCESSOR);
    EXPECT_EQ(library.get<Entry>("run")(in, out), granted ? QUANTIZATION_OK : QUANTIZATION_BAD_PROCESSOR);
  }
  EXPECT_EQ(out[3], granted ? 0.0f : 4.0f);
}
#endif

TEST_F(EmitTest, SeveralInputsAndOutputs) {
  const char *swap = R"(
    define void @quantization_sample(ptr %a, ptr %b, ptr %c, ptr %d, ptr %arena) {
      %x = load i8, ptr %a
      %y = load i64, ptr %b
      store i64 %y, ptr %c
      store i8 %x, ptr %d
      ret void
    })";
  ModelDescription model;
  model.name = "2 nets";
  model.inputs = {{"a", "a", QUANTIZATION_U8, {1, 1}}, {"b", "b", QUANTIZATION_I64, {1}}};
  model.outputs = {{"c", "c", QUANTIZATION_I64, {1}}, {"d", "d", QUANTIZATION_I8, {}}};
  EXPECT_NE(build(swap, model, host(), path("x.so")).find("_2_nets_run instead"), std::string::npos);
  ASSERT_EQ(build(swap, model, host(), path("x.so"), /*withEntry=*/false), "");
  Library library(path("x.so"));
  EXPECT_FALSE(library.get<void *>("run"));
  EXPECT_EQ(library.get<quantization_model_function>("_2_nets_model")()->outputs[1].rank, 0);
  uint8_t a[] = {1, 2, 3}, d[3] = {};
  int64_t b[] = {10, 20, 30}, c[3] = {};
  const void *inputs[] = {a, b};
  void *outputs[] = {c, d};
  EXPECT_EQ(library.get<quantization_run_function>("_2_nets_run")(inputs, outputs, 3, nullptr, nullptr),
            QUANTIZATION_OK);
  EXPECT_EQ(c[2], 30);
  EXPECT_EQ(d[2], 3);
}

TEST_F(EmitTest, ExportsOnlyTheInterface) {
  auto module = parse(addOne);
  cantFail(finishModule(*module, describe("net"), host(), /*withEntry=*/true));
  auto machine = cantFail(createTargetMachine(host()));
  cantFail(optimizeModule(*module, *machine));
  // The run-time code has no processor of its own, so the call of the network is inlined into it.
  EXPECT_FALSE(module->getFunction("quantization_artifact_sample"));
  SmallString<0> bytes;
  raw_svector_ostream stream(bytes);
  cantFail(emitObject(*module, *machine, stream));
  auto object = cantFail(object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "net.o")));
  std::vector<std::string> names;
  for (const object::ELFSymbolRef symbol : object->symbols())
    if (symbol.getBinding() != ELF::STB_LOCAL)
      names.push_back(cantFail(symbol.getName()).str());
  llvm::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"net_model", "net_run", "run"}));
  EXPECT_TRUE(cantFail(undefinedSymbols(MemoryBufferRef(bytes, "net.o"))).empty());
}

TEST_F(EmitTest, WritesAssembly) {
  auto module = parse(addOne);
  cantFail(finishModule(*module, describe("net"), aarch64(), /*withEntry=*/false));
  auto machine = cantFail(createTargetMachine(aarch64()));
  cantFail(optimizeModule(*module, *machine));
  cantFail(writeFileAtomically(path("net.s"),
                               [&](raw_pwrite_stream &stream) { return emitAssembly(*module, *machine, stream); }));
  EXPECT_NE(read(path("net.s")).find("net_run:"), std::string::npos);
  EXPECT_NE(read(path("net.s")).find("fadd"), std::string::npos);
}

TEST_F(EmitTest, KeepsMultiplyAndAddApart) {
  const char *text = R"(
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      %x = load float, ptr %in
      %m = fmul float %x, %x
      %s = fadd float %m, %x
      store float %s, ptr %out
      ret void
    })";
  auto module = parse(text);
  TargetSpec spec = cantFail(resolveTarget("x86_64-linux-gnu", "x86-64-v3", ""));
  cantFail(finishModule(*module, describe("net"), spec, /*withEntry=*/false));
  auto machine = cantFail(createTargetMachine(spec));
  cantFail(optimizeModule(*module, *machine));
  SmallString<0> bytes;
  raw_svector_ostream stream(bytes);
  cantFail(emitAssembly(*module, *machine, stream));
  EXPECT_NE(bytes.find("vmulss"), StringRef::npos);
  EXPECT_EQ(bytes.find("vfmadd"), StringRef::npos);
}

TEST_F(EmitTest, LeavesUnoptimizedFunctionsAlone) {
  auto module = parse(R"(
    define void @straight(ptr %p) noinline optnone {
      %x = load i32, ptr %p
      %y = add i32 %x, 0
      store i32 %y, ptr %p
      ret void
    }
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      call void @straight(ptr %out)
      ret void
    })");
  cantFail(finishModule(*module, describe("net"), host(), /*withEntry=*/false));
  auto machine = cantFail(createTargetMachine(host()));
  cantFail(optimizeModule(*module, *machine));
  Function *straight = module->getFunction("straight");
  ASSERT_TRUE(straight);
  EXPECT_EQ(straight->getEntryBlock().size(), 4u);
}

TEST_F(EmitTest, LinksForAnotherMachine) {
  ModelDescription model = describe("net");
  ASSERT_EQ(build(addOne, model, aarch64(), path("alone.so")), ""); // needs no library
  // Where the host has the libraries of AArch64, the search succeeds without help.
  std::string found = build(useLibraries, model, aarch64(), path("net.so"));
  if (!found.empty()) {
    EXPECT_NE(found.find("libm.so.6 is in none of"), std::string::npos) << found;
    EXPECT_NE(found.find("--library-path"), std::string::npos) << found;
    EXPECT_FALSE(sys::fs::exists(path("net.so")));
  }

  // A stand-in for the C library of AArch64.
  const char *stub = R"(
    define ptr @memcpy(ptr %to, ptr %from, i64 %size) { ret ptr %to }
    define float @expf(float %x) { ret float %x })";
  ASSERT_FALSE(sys::fs::create_directory(path("sysroot")));
  auto machine = cantFail(createTargetMachine(aarch64()));
  for (const char *name : {"libm.so.6", "libc.so.6"}) {
    auto module = parse(stub);
    module->setTargetTriple(machine->getTargetTriple());
    module->setDataLayout(machine->createDataLayout());
    EXPECT_EQ(message(emitSharedLibrary(*module, *machine, path("sysroot/") + name, name, aarch64(), {})), "");
  }
  ASSERT_EQ(build(useLibraries, model, aarch64(), path("net.so"), true, {path("sysroot")}), "");
  auto file = cantFail(object::ObjectFile::createObjectFile(path("net.so")));
  auto *elf = cast<object::ELF64LEObjectFile>(file.getBinary());
  EXPECT_EQ(elf->getArch(), Triple::aarch64);
  std::string bytes = read(path("net.so"));
  EXPECT_NE(bytes.find(std::string("\0libm.so.6\0", 11)), std::string::npos);
  EXPECT_NE(bytes.find(std::string("\0net.so\0", 8)), std::string::npos);
  // A library of the wrong machine is lld's message, and the next link works.
  EXPECT_NE(build(useLibraries, model, host(), path("bad.so"), true, {path("sysroot")}).find("cannot link"),
            std::string::npos);
  EXPECT_FALSE(sys::fs::exists(path("bad.so")));
  EXPECT_EQ(build(useLibraries, model, host(), path("good.so")), "");
  EXPECT_EQ(numFiles(), 4u); // alone.so net.so good.so sysroot
}

TEST_F(EmitTest, RefusesUnknownSymbols) {
  const char *text = R"(
    declare ptr @malloc(i64)
    declare float @expf(float)
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      %p = call ptr @malloc(i64 4)
      store ptr %p, ptr %out
      %y = call float @expf(float 2.0)
      ret void
    })";
  std::string error = build(text, describe("net"), host(), path("net.so"));
  EXPECT_NE(error.find("libm: malloc;"), std::string::npos) << error;
  EXPECT_EQ(numFiles(), 0u);
}

TEST_F(EmitTest, ReportsBackEndErrors) {
  const char *text = R"(
    define void @quantization_sample(ptr %in, ptr %out, ptr %arena) {
      call void asm sideeffect "nonsense", ""()
      ret void
    })";
  EXPECT_NE(build(text, describe("net"), host(), path("net.so")).find("cannot generate code"), std::string::npos);
}

TEST_F(EmitTest, ChecksTheModule) {
  auto finish = [&](const char *text, const ModelDescription &model) {
    auto module = parse(text);
    return message(finishModule(*module, model, host(), /*withEntry=*/false));
  };
  EXPECT_NE(finish("declare void @f()", describe("net")).find("does not define 'quantization_sample'"),
            std::string::npos);
  EXPECT_NE(finish("define void @quantization_sample(ptr %a) { ret void }", describe("net")).find("take 3 pointers"),
            std::string::npos);
  ModelDescription model = describe("net");
  model.batch = 0;
  EXPECT_NE(finish(addOne, model).find("batch 0"), std::string::npos);
  // What profile-steps writes belongs together.
  model = describe("net");
  model.steps.emplace(2);
  EXPECT_NE(finish(addOne, model).find("no table of ticks for its 2 steps"), std::string::npos);
  std::string counting = std::string("@quantization_artifact_ticks = internal global [2 x i64] zeroinitializer\n") + addOne;
  EXPECT_EQ(finish(counting.c_str(), model), "");
  // Names of the network's own symbols never clash with those of the interface.
  EXPECT_EQ(finish("define void @net_run() { ret void } define void @quantization_sample(ptr, ptr, ptr) { ret void }",
                   describe("net")),
            "");
}

TEST_F(EmitTest, ObjectsLinkIntoOneProgram) {
  std::vector<std::string> objects;
  for (StringRef name : {"one", "two"}) {
    auto module = parse(addOne);
    cantFail(finishModule(*module, describe(name.str()), host(), /*withEntry=*/false));
    auto machine = cantFail(createTargetMachine(host()));
    objects.push_back(path((name + ".o").str()));
    cantFail(writeFileAtomically(
        objects.back(), [&](raw_pwrite_stream &stream) { return emitObject(*module, *machine, stream); }));
  }
  // Relocatable linking reports duplicate symbols as any other does.
  std::string linker = sys::path::parent_path(QUANTIZATION_CLANG).str() + "/ld.lld", output = path("both.o");
  if (sys::fs::can_execute(linker))
    EXPECT_EQ(sys::ExecuteAndWait(linker, {linker, "-r", "-o", output, objects[0], objects[1]}), 0);
}

} // namespace
