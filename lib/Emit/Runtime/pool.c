//===- pool.c - the threads of an artifact ----------------------*- C -*-===//
//
// This file is freestanding C that is linked into artifacts compiled with --threads=N. A loop that is shared has N parts ("shares"),
// settled at compile time, so results do not depend on who computes which. Workers look for shares for a while before they sleep:
// layers follow each other within microseconds.
//
// Everything lies in a page that is empty after fork(), so that a child, which has no workers, starts its own.
//
//===----------------------------------------------------------------------===//

#include "quantization-c/Artifact.h"

/// Defined by finishModule: the threads of this artifact, the caller's included; 2 at least.
extern const quantization_model quantization_artifact;

typedef void (*share_function)(void *context, size_t share);

enum { page_bytes = 4096, most_workers = 255, looks_before_sleep = 4000 };

static _Alignas(page_bytes) union {
  struct {
    /// The number of the loop in the upper half, shares that nobody has taken yet in the lower.
    uint64_t ticket;
    share_function function;
    void *context;
    uint32_t pending; ///< shares that others than the caller took or may take, and that are not done
    uint32_t callerSleeps;
    uint32_t sleepers, stop, busy, started;
    uint64_t workers[most_workers];
  };
  unsigned char bytes[page_bytes];
} pool;

extern int pthread_create(uint64_t *thread, const void *attributes, void *(*start)(void *), void *argument);
extern int pthread_join(uint64_t thread, void **result);

#if defined(__x86_64__)
enum { sys_futex = 202, sys_sigprocmask = 14, sys_madvise = 28 };
static long call_system(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}
static void pause(void) { __builtin_ia32_pause(); }
#else
enum { sys_futex = 98, sys_sigprocmask = 135, sys_madvise = 233 };
static long call_system(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
static void pause(void) { __builtin_arm_yield(); }
#endif

static void sleep_while(uint32_t *word, uint32_t value) {
  enum { futex_wait_private = 128 };
  call_system(sys_futex, (long)word, futex_wait_private, value, 0);
}
static void wake(uint32_t *word) {
  enum { futex_wake_private = 129, everybody = 0x7fffffff };
  call_system(sys_futex, (long)word, futex_wake_private, everybody, 0);
}

/// The upper half of the ticket; both architectures are little-endian.
static uint32_t *loop_number(void) { return (uint32_t *)&pool.ticket + 1; }

/// Takes a share that nobody has taken and computes it; returns whether there was one.
static int take_share(void) {
  uint64_t ticket = __atomic_load_n(&pool.ticket, __ATOMIC_ACQUIRE);
  do
    if ((uint32_t)ticket == 0)
      return 0;
  while (!__atomic_compare_exchange_n(&pool.ticket, &ticket, ticket - 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  // The loop cannot end, nor another begin, before this share is done.
  pool.function(pool.context, (uint32_t)ticket);
  if (__atomic_sub_fetch(&pool.pending, 1, __ATOMIC_SEQ_CST) == 0 && __atomic_load_n(&pool.callerSleeps, __ATOMIC_SEQ_CST))
    wake(&pool.pending);
  return 1;
}

static void *work(void *argument) {
  int looks = 0;
  while (!__atomic_load_n(&pool.stop, __ATOMIC_ACQUIRE)) {
    if (take_share()) {
      looks = 0;
    } else if (++looks < looks_before_sleep) {
      pause();
    } else {
      __atomic_add_fetch(&pool.sleepers, 1, __ATOMIC_SEQ_CST);
      uint64_t ticket = __atomic_load_n(&pool.ticket, __ATOMIC_SEQ_CST);
      if ((uint32_t)ticket == 0 && !__atomic_load_n(&pool.stop, __ATOMIC_SEQ_CST))
        sleep_while(loop_number(), (uint32_t)(ticket >> 32));
      __atomic_sub_fetch(&pool.sleepers, 1, __ATOMIC_SEQ_CST);
      looks = 0;
    }
  }
  return argument;
}

/// Workers that cannot be started are done without.
static void start_workers(void) {
  enum { wipe_on_fork = 18, block = 0, set_mask = 2 };
  call_system(sys_madvise, (long)&pool, page_bytes, wipe_on_fork, 0);
  uint64_t all = ~0ull, before = 0; // the program's signals are not for our threads
  call_system(sys_sigprocmask, block, (long)&all, (long)&before, sizeof all);
  for (int32_t i = 1; i < quantization_artifact.threads; ++i)
    if (pthread_create(&pool.workers[pool.started], NULL, work, NULL) == 0)
      ++pool.started;
  call_system(sys_sigprocmask, set_mask, (long)&before, 0, sizeof before);
}

/// When the library is unloaded or the process ends.
__attribute__((destructor)) static void stop_workers(void) {
  if (!pool.started)
    return;
  __atomic_store_n(&pool.stop, 1, __ATOMIC_SEQ_CST);
  __atomic_add_fetch(loop_number(), 1, __ATOMIC_SEQ_CST);
  wake(loop_number());
  for (uint32_t i = 0; i < pool.started; ++i)
    pthread_join(pool.workers[i], NULL);
  pool.started = 0;
}

/// Calls function(context, share) for every share below `shares` and returns when all are done: on the threads of `callers`, or
/// where that is null on our own. A second caller at the same time computes its shares alone.
void quantization_artifact_parallel(quantization_pool *callers, share_function function, void *context, size_t shares) {
  if (callers) {
    callers->parallel_for(callers, function, context, shares);
    return;
  }
  if (__atomic_exchange_n(&pool.busy, 1, __ATOMIC_ACQUIRE)) {
    for (size_t share = 0; share < shares; ++share)
      function(context, share);
    return;
  }
  if (!pool.started && !pool.stop)
    start_workers();
  pool.function = function;
  pool.context = context;
  __atomic_store_n(&pool.pending, (uint32_t)shares - 1, __ATOMIC_RELAXED);
  uint64_t number = (__atomic_load_n(&pool.ticket, __ATOMIC_RELAXED) >> 32) + 1;
  __atomic_store_n(&pool.ticket, number << 32 | (shares - 1), __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool.sleepers, __ATOMIC_SEQ_CST))
    wake(loop_number());
  function(context, 0);
  while (take_share()) {
  }
  uint32_t left;
  for (int looks = 0; (left = __atomic_load_n(&pool.pending, __ATOMIC_ACQUIRE)) != 0;)
    if (++looks < looks_before_sleep) {
      pause();
    } else {
      __atomic_store_n(&pool.callerSleeps, 1, __ATOMIC_SEQ_CST);
      if ((left = __atomic_load_n(&pool.pending, __ATOMIC_SEQ_CST)) != 0)
        sleep_while(&pool.pending, left);
      __atomic_store_n(&pool.callerSleeps, 0, __ATOMIC_SEQ_CST);
      looks = 0;
    }
  __atomic_store_n(&pool.busy, 0, __ATOMIC_RELEASE);
}
