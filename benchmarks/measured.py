"""What a program cost, and sampling it while it runs."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from benchmarks.event_log import Drift

TIMEOUT_SECONDS = 300.0


class BenchmarkError(Exception):
    """A program did not do its work, or did another than the others."""


@dataclass(frozen=True)
class Measured:
    """What it cost to process some events.

    Attributes:
        events: How many.
        cpu_seconds: Of the process and all its threads, from the first event to the last row stored; start-up is not
            in it.
        wall_seconds: The same by the clock on the wall.
        peak_bytes: Largest resident set that samples found.
        drifts: What was found.
    """

    events: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    drifts: frozenset[Drift] = field(default_factory=frozenset)

    @property
    def events_per_cpu_second(self) -> float:
        """Throughput of one core that does nothing else."""
        return self.events / self.cpu_seconds

    @property
    def cpu_us_per_event(self) -> float:
        """Its inverse."""
        return self.cpu_seconds / self.events * 1e6


class Sampler:
    """CPU time and peak memory of some processes together."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self._processes = [psutil.Process(process.pid) for process in processes]
        self.peak_bytes = 0
        self._cpu_seconds = 0.0

    def sample(self) -> tuple[float, float]:
        """CPU seconds so far, and the time on the wall; of what has ended, nothing new."""
        with suppress(psutil.NoSuchProcess):
            resident = [process.memory_info().rss for process in self._processes]
            times = [process.cpu_times() for process in self._processes]
            self.peak_bytes = max(self.peak_bytes, sum(resident))
            self._cpu_seconds = sum(time.user + time.system for time in times)
        return self._cpu_seconds, time.perf_counter()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process; kill it when it does not."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)
