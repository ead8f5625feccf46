"""This module runs workers in turn: each in a process of its own, bound to the same processors, stopped while others run."""

import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import time

from . import figures

WORKER = pathlib.Path(__file__).parent / "worker.py"
LONGEST = 900  # seconds that a worker may take to answer
PAUSE = 0.3  # seconds before a disturbed sample is taken again


class WorkerError(Exception):
    """An engine that cannot load or run a network."""


class Worker:
    """A process that holds one engine with one network."""

    def __init__(self, python, spec, processors, log):
        self.log = log
        # The engines' own settings of threads are explicit; these are for libraries that also look at the environment.
        environment = os.environ | {"OMP_NUM_THREADS": str(spec["threads"]), "OPENBLAS_NUM_THREADS": str(spec["threads"])}
        command = ["taskset", "-c", ",".join(map(str, processors)), str(python), str(WORKER), json.dumps(spec)]
        with open(log, "w") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            text=True, start_new_session=True, env=environment)
        try:
            self.about = self._answer()
        except WorkerError:
            self.end()
            raise
        self._signal(signal.SIGSTOP)

    def sample(self, round_number, seconds):
        self._signal(signal.SIGCONT)
        try:
            self.process.stdin.write(f"{seconds}\n")
            self.process.stdin.flush()
            return figures.Sample(round=round_number, **self._answer())
        except BrokenPipeError:
            raise WorkerError(self._last_words()) from None
        finally:
            self._signal(signal.SIGSTOP)

    def end(self):
        self._signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], LONGEST)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise WorkerError(self._last_words() if ready else f"no answer for {LONGEST} s")
        return json.loads(line)

    def _last_words(self):
        self.process.wait(timeout=10)
        lines = pathlib.Path(self.log).read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else f"ended with status {self.process.returncode}"

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


@dataclasses.dataclass
class Plan:
    rounds: int
    seconds: float  # of one sample
    retries: int  # of a disturbed sample


def interleave(workers, threads, plan, failures):
    """Measures all workers in rounds: {name: samples}. The order rotates, so that none always follows the same other. A
    worker that fails is left out from there on, with the reason in `failures`."""
    samples = {name: [] for name in workers}
    for name in list(workers):  # warms up
        attempt(workers, name, 0, plan.seconds / 2, failures)
    for number in range(plan.rounds):
        names = list(workers)
        turn = number % max(1, len(names))
        for name in names[turn:] + names[:turn]:
            if name in failures:
                continue
            for left in range(plan.retries, -1, -1):
                sample = attempt(workers, name, number, plan.seconds, failures)
                if sample is None or sample.is_clean(threads) or not left:
                    break
                time.sleep(PAUSE)
            if sample:
                samples[name].append(sample)
    return samples


def attempt(workers, name, number, seconds, failures):
    if name in failures:
        return None
    try:
        return workers[name].sample(number, seconds)
    except WorkerError as error:
        failures[name] = str(error)
        return None


def choose_processors(threads):
    """One processor per physical core, or None if there are too few cores. The first ones serve interrupts: the last ones."""
    chosen, taken = [], set()
    for processor in sorted(os.sched_getaffinity(0), reverse=True):
        siblings = pathlib.Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        core = siblings.read_text().strip() if siblings.exists() else str(processor)
        if core not in taken:
            taken.add(core)
            chosen.append(processor)
    return sorted(chosen[:threads]) if len(chosen) >= threads else None
