//===- Peak.cpp - what the machine does at most -----------------*- C++ -*-===//
//
// Part of quantization-opt. This file runs the multiplying instructions of micro-kernels on registers, without anything between them:
// sums that do not depend on each other hide their latency.
//
//===----------------------------------------------------------------------===//

#include "Peak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace quantization {

namespace {
using Clock = std::chrono::steady_clock;

/// Runs the instructions so many times.
using Loop = void (*)(long iterations);

struct Instruction {
  Loop loop = nullptr;
  double products = 0; ///< of one turn of the loop
};

constexpr int tries = 50;
constexpr double secondsOfTry = 1e-3; // shorter than what a system gives a thread at once

#if defined(__x86_64__)

#define REPEAT12(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
#define DECLARE(i) Register a##i{};
#define KEEP(i) __asm__ volatile("" ::"v"(a##i));
// The factors are zeros: sums of floats neither grow nor become denormal.
#define LOOP(NAME, FEATURES, REGISTER, TEXT)                                                                                               \
  __attribute__((target(FEATURES))) void NAME(long iterations) {                                                                           \
    using Register = REGISTER;                                                                                                             \
    Register x{}, t{};                                                                                                                     \
    REPEAT12(DECLARE)                                                                                                                      \
    for (long n = 0; n < iterations; ++n) {                                                                                                \
      REPEAT12(TEXT)                                                                                                                       \
    }                                                                                                                                      \
    REPEAT12(KEEP)                                                                                                                         \
    (void)t;                                                                                                                               \
  }
#define DOT_EVEX(i) __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(a##i) : "v"(x));
#define DOT_VEX(i) __asm__ volatile("%{vex%} vpdpbusd %1, %1, %0" : "+x"(a##i) : "x"(x));
#define PAIRS(i) __asm__ volatile("vpmaddwd %2, %2, %1\n\tvpaddd %1, %0, %0" : "+v"(a##i), "=&v"(t) : "v"(x));
#define BYTES(i) __asm__ volatile("vpmaddubsw %2, %2, %1\n\tvpmaddwd %2, %1, %1\n\tvpaddd %1, %0, %0" : "+v"(a##i), "=&v"(t) : "v"(x));
#define CHAIN(i) __asm__ volatile("vpmaddubsw %2, %2, %1\n\tvpaddw %1, %0, %0" : "+v"(a##i), "=&v"(t) : "v"(x));
#define FUSED(i) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+v"(a##i) : "v"(x));

LOOP(dot512, "avx512f,avx512bw,avx512vnni", __m512i, DOT_EVEX)
LOOP(dot256, "avx512f,avx512vl,avx512vnni", __m256i, DOT_EVEX)
LOOP(dot256vex, "avx2,avxvnni", __m256i, DOT_VEX)
LOOP(pairs512, "avx512f,avx512bw", __m512i, PAIRS)
LOOP(pairs256, "avx2", __m256i, PAIRS)
LOOP(bytes512, "avx512f,avx512bw", __m512i, BYTES)
LOOP(bytes256, "avx2", __m256i, BYTES)
LOOP(chain512, "avx512f,avx512bw", __m512i, CHAIN)
LOOP(chain256, "avx2", __m256i, CHAIN)
LOOP(fused512, "avx512f", __m512, FUSED)
LOOP(fused256, "avx2,fma", __m256, FUSED)

/// Six tiles of sums, two of factors.
__attribute__((target("amx-tile,amx-int8"))) void tiles(long iterations) {
  struct alignas(64) {
    uint8_t palette = 1, startRow = 0, reserved[14] = {};
    uint16_t bytesOfRow[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } shape;
  __asm__ volatile("ldtilecfg %0\n\ttilezero %%tmm6\n\ttilezero %%tmm7" ::"m"(shape));
  for (long n = 0; n < iterations; ++n)
    __asm__ volatile("tdpbusd %tmm7, %tmm6, %tmm0\n\ttdpbusd %tmm7, %tmm6, %tmm1\n\ttdpbusd %tmm7, %tmm6, %tmm2\n\t"
                     "tdpbusd %tmm7, %tmm6, %tmm3\n\ttdpbusd %tmm7, %tmm6, %tmm4\n\ttdpbusd %tmm7, %tmm6, %tmm5");
  __asm__ volatile("tilerelease");
}

/// Bits of CPUID that compilers of different ages name differently, or not at all.
bool hasAvxVnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

/// Linux gives tiles only to those who ask.
bool hasTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18;
  unsigned a = 0, b = 0, c = 0, d = 0;
  bool known = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 24 & 1) && (d >> 25 & 1);
  return known && syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

Instruction instructionOf(const std::string &kernel) {
  bool vnni = __builtin_cpu_supports("avx512vnni"), wide = __builtin_cpu_supports("avx512f");
  bool bytesAndWords = __builtin_cpu_supports("avx512bw"), avx2 = __builtin_cpu_supports("avx2");
  if (kernel == "amx" && hasTiles())
    return {tiles, 6 * 16 * 16 * 64};
  const struct {
    const char *kernel;
    bool available;
    Loop loop;
    double products;
  } known[] = {
      {"vnni512", vnni, dot512, 12 * 64},
      {"vnni256", hasAvxVnni(), dot256vex, 12 * 32},
      {"maddub512x", bytesAndWords, chain512, 12 * 64},
      {"maddub512", bytesAndWords, bytes512, 12 * 64},
      {"maddub256x", avx2, chain256, 12 * 32},
      {"maddub256", avx2, bytes256, 12 * 32},
      {"madd512", bytesAndWords, pairs512, 12 * 32},
      {"madd256", avx2, pairs256, 12 * 16},
      {"fma512", wide, fused512, 12 * 16},
      {"fma256", avx2 && __builtin_cpu_supports("fma"), fused256, 12 * 8},
      {"depthwise-vnni512", vnni && __builtin_cpu_supports("avx512vl"), dot256, 12 * 32},
      {"depthwise-vnni256", hasAvxVnni(), dot256vex, 12 * 32},
      {"depthwise-maddub256", avx2, bytes256, 12 * 32},
      {"depthwise-madd256", avx2, pairs256, 12 * 16},
      {"depthwise-fma512", wide, fused512, 12 * 16},
      {"depthwise-fma256", avx2 && __builtin_cpu_supports("fma"), fused256, 12 * 8},
  };
  // Sums of any number of steps before they are widened; weights that share bytes are multiplied like others.
  std::string name = kernel.substr(0, kernel.find("-w"));
  size_t times = name.find('x', std::min(name.find("maddub"), name.size()));
  name = name.substr(0, times == std::string::npos ? times : times + 1);
  for (const auto &row : known)
    if (name == row.kernel && row.available)
      return {row.loop, row.products};
  return {};
}

#else

Instruction instructionOf(const std::string &) { return {}; }

#endif

double secondsBetween(Clock::time_point start, Clock::time_point end) { return std::chrono::duration<double>(end - start).count(); }
} // namespace

double measurePeak(const std::string &kernel, int threads) {
  Instruction instruction = instructionOf(kernel);
  if (!instruction.loop)
    return 0;
  long iterations = 1000;
  for (;; iterations *= 2) {
    auto start = Clock::now();
    instruction.loop(iterations);
    if (secondsBetween(start, Clock::now()) >= secondsOfTry)
      break;
  }
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    std::atomic<int> ready(0);
    std::vector<Clock::time_point> starts(static_cast<size_t>(threads)), ends(starts.size());
    auto work = [&](size_t thread) {
      for (++ready; ready < threads;) // all at once: cores that are busy together are slower
        std::this_thread::yield();
      starts[thread] = Clock::now();
      instruction.loop(iterations);
      ends[thread] = Clock::now();
    };
    std::vector<std::thread> others;
    for (size_t thread = 1; thread < starts.size(); ++thread)
      others.emplace_back(work, thread);
    work(0);
    for (std::thread &other : others)
      other.join();
    // From the first start to the last end: threads without a core of their own wait for one.
    double seconds = secondsBetween(*std::min_element(starts.begin(), starts.end()), *std::max_element(ends.begin(), ends.end()));
    best = std::max(best, instruction.products * double(iterations) * double(threads) / seconds);
  }
  return best;
}

} // namespace quantization
