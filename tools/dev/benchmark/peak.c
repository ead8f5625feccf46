//===- peak.c - the arithmetic peak of this machine -------------*- C -*-===//
//
// Part of quantization-opt. This program measures how many 8-bit operations per second the machine can do (a
// multiplication and an addition count as two) on the number of threads given, by instructions that do not depend on each
// other. It prints {"kind": name of the instructions, "ops": operations per second}. A repetition that another program
// disturbed is dropped; "ops" is 0 if all were.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { Repetitions = 15, MaxThreads = 256 };
static const long Iterations = 4000000;

/// Runs the instructions; returns how many operations each iteration did.
typedef double (*Kernel)(long iterations);

#define REPEAT8(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#define REPEAT12(M) REPEAT8(M) M(8) M(9) M(10) M(11)

#if defined(__x86_64__)
#include <immintrin.h>

// 12 accumulators hide the latency of every one of these instructions; the assembly keeps the compiler from folding them.
#define DECLARE512(i) __m512i a##i = _mm512_setzero_si512();
#define DECLARE256(i) __m256i a##i = _mm256_setzero_si256();
#define KEEP(i) __asm__ volatile("" ::"v"(a##i));

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static double vnni512(long iterations) {
  __m512i x = _mm512_set1_epi8(1);
  REPEAT12(DECLARE512)
#define STEP(i) __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(a##i) : "v"(x));
  for (long n = 0; n < iterations; ++n) {
    REPEAT12(STEP)
  }
#undef STEP
  REPEAT12(KEEP)
  return 12 * 64 * 2;
}

__attribute__((target("avx2,avxvnni"))) static double vnni256(long iterations) {
  __m256i x = _mm256_set1_epi8(1);
  REPEAT12(DECLARE256)
#define STEP(i) __asm__ volatile("%{vex%} vpdpbusd %1, %1, %0" : "+x"(a##i) : "x"(x));
  for (long n = 0; n < iterations; ++n) {
    REPEAT12(STEP)
  }
#undef STEP
  REPEAT12(KEEP)
  return 12 * 32 * 2;
}

// Without a dot product of bytes it takes three instructions: pairs to 16 bits, pairs of those to 32, and the sum.
__attribute__((target("avx2"))) static double madd256(long iterations) {
  __m256i x = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
  REPEAT12(DECLARE256)
#define STEP(i)                                                                                                        \
  {                                                                                                                    \
    __m256i t;                                                                                                         \
    __asm__ volatile("vpmaddubsw %2, %2, %1\n\tvpmaddwd %3, %1, %1\n\tvpaddd %1, %0, %0"                              \
                     : "+x"(a##i), "=&x"(t)                                                                            \
                     : "x"(x), "x"(ones));                                                                             \
  }
  for (long n = 0; n < iterations; ++n) {
    REPEAT12(STEP)
  }
#undef STEP
  REPEAT12(KEEP)
  return 12 * 32 * 2;
}

// Bits of CPUID leaf 7, subleaf 1, that compilers of different ages name differently.
static int hasAvxVnni(void) {
  unsigned a = 7, b = 0, c = 1, d = 0;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return __builtin_cpu_supports("avx2") && (a >> 4 & 1);
}

static Kernel chooseKernel(const char **kind) {
  if (__builtin_cpu_supports("avx512vnni"))
    return *kind = "vpdpbusd, 512 bits", vnni512;
  if (hasAvxVnni())
    return *kind = "vpdpbusd, 256 bits", vnni256;
  if (__builtin_cpu_supports("avx2"))
    return *kind = "vpmaddubsw + vpmaddwd + vpaddd, 256 bits", madd256;
  return NULL;
}

#elif defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>

#define DECLARE128(i) int32x4_t a##i = vdupq_n_s32(0);
#define KEEP(i) __asm__ volatile("" ::"w"(a##i));

static double sdot(long iterations) {
  int8x16_t x = vdupq_n_s8(1);
  REPEAT12(DECLARE128)
#define STEP(i) __asm__ volatile(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %1.16b" : "+w"(a##i) : "w"(x));
  for (long n = 0; n < iterations; ++n) {
    REPEAT12(STEP)
  }
#undef STEP
  REPEAT12(KEEP)
  return 12 * 16 * 2;
}

static Kernel chooseKernel(const char **kind) {
  const unsigned long dotProduct = 1ul << 20; // HWCAP_ASIMDDP
  if (getauxval(AT_HWCAP) & dotProduct)
    return *kind = "sdot, 128 bits", sdot;
  return NULL;
}

#else
static Kernel chooseKernel(const char **kind) { return *kind = "", NULL; }
#endif

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
  Kernel kernel;
  pthread_barrier_t *start;
  double operations, wall, share;
} Work;

static void *work(void *argument) {
  Work *w = argument;
  pthread_barrier_wait(w->start);
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
  w->operations = w->kernel(Iterations) * (double)Iterations;
  w->wall = seconds(CLOCK_MONOTONIC) - wall;
  w->share = (seconds(CLOCK_THREAD_CPUTIME_ID) - cpu) / w->wall;
  return NULL;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  const char *kind = "";
  Kernel kernel = chooseKernel(&kind);
  double best = 0;
  if (threads < 1 || threads > MaxThreads)
    return 1;
  for (int r = 0; kernel && r < Repetitions; ++r) {
    pthread_t handles[MaxThreads];
    Work works[MaxThreads];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (int i = 0; i < threads; ++i) {
      works[i] = (Work){kernel, &start, 0, 0, 0};
      if (pthread_create(&handles[i], NULL, work, &works[i]))
        return 1;
    }
    double operations = 0, wall = 0, share = 1;
    for (int i = 0; i < threads; ++i) {
      pthread_join(handles[i], NULL);
      operations += works[i].operations;
      wall = works[i].wall > wall ? works[i].wall : wall;
      share = works[i].share < share ? works[i].share : share;
    }
    pthread_barrier_destroy(&start);
    if (share >= 0.96 && operations / wall > best)
      best = operations / wall;
  }
  printf("{\"kind\": \"%s\", \"ops\": %.4g}\n", kind, best);
  return 0;
}
