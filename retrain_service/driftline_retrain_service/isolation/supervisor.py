"""Watches a running job: keeps its output, measures what it uses, and ends it with everything that it has started.

The kernel limits each process of a job (`setrlimit`); what all of them use together is looked at many times a second.
Processes that a job detaches from itself come back to this one, which is their subreaper, and are ended, too. That is
a protection against mistakes, not against malice: a trainer runs as the user that the service runs as.
"""

import ctypes
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from driftline_retrain_service.isolation.limits import JobLimits
from driftline_retrain_service.isolation.output import Output
from driftline_retrain_service.isolation.usage import descendants, folder_bytes, resident_bytes

_POLL_MS = 20
_LEAST_REST = 10  # at most a tenth of the time goes into looking
_TERM_SECONDS = 2.0
_KILL_SECONDS = 10.0
_PR_SET_CHILD_SUBREAPER = 36


class Ended(NamedTuple):
    """How a job ended: its exit code (negative: by a signal), and the limit that it passed, in words; '' for none."""

    exit_code: int
    excess: str


def become_subreaper() -> None:
    """Have orphaned descendants of this process become its children; only Linux can."""
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Supervisor:
    """Watches one job, which leads a process group of its own and is a child of this process, as its descendants are.

    Args:
        pid: The job's process.
        output: The end of a pipe at which its output arrives.
        folder: The job's folder.
        limits: What it may use.
        service: A pipe whose other end closes when nobody waits for the job any more.
    """

    def __init__(self, pid: int, output: int, folder: Path, limits: JobLimits, service: int) -> None:
        self._pid = pid
        self._output = Output(output, folder / "output.log", limits.output_bytes)
        self._folder = folder
        self._limits = limits
        self._service = service
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        self._poll.register(service, 0)

    def watch(self) -> Ended:
        """Wait until the job has ended, or end it; nothing of it is left running then."""
        deadline = time.monotonic() + self._limits.wall_seconds
        excess, next_look = "", 0.0
        while not excess and not self._has_ended():
            self._read(_POLL_MS)
            if (began := time.monotonic()) >= next_look:
                excess = self._excess()
                ended = time.monotonic()
                next_look = ended + _LEAST_REST * (ended - began)
            if not excess and began > deadline:
                excess = f"took more than {self._limits.wall_seconds:g} s and was {self._ask_to_end()}"
        exit_code = self._end_everything()
        self._output.close()
        return Ended(exit_code, excess)

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _read(self, timeout_ms: int) -> None:
        for descriptor, _ in self._poll.poll(timeout_ms):
            if descriptor == self._service:
                self._end_everything()
                os._exit(0)
            elif not self._output.read():
                self._poll.unregister(descriptor)

    def _excess(self) -> str:
        """Say which limit of all processes together is passed; '' when none is."""
        limits, processes = self._limits, descendants(os.getpid())
        if len(processes) > limits.processes:
            return f"started more than {limits.processes} processes and was killed"
        if sum(map(resident_bytes, processes)) > limits.memory_bytes:
            return f"took more than {limits.memory_bytes} bytes of memory and was killed"
        if folder_bytes(self._folder, limits.folder_bytes) > limits.folder_bytes:
            return f"wrote more than {limits.folder_bytes} bytes and was killed"
        return ""

    def _ask_to_end(self) -> str:
        """Send SIGTERM and wait a little; say whether that was enough."""
        os.killpg(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + _TERM_SECONDS
        while not self._has_ended():
            if time.monotonic() > deadline:
                return "killed"
            self._read(_POLL_MS)
        return "ended"

    def _end_everything(self) -> int:
        """Kill the job and whatever has come of it; return the job's exit code."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)  # at once, also those that are being forked
        exit_code = 1
        deadline = time.monotonic() + _KILL_SECONDS
        while time.monotonic() < deadline:
            for pid in descendants(os.getpid()):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == self._pid:
                exit_code = os.waitstatus_to_exitcode(status)
            if pid == 0:
                time.sleep(0.001)
        return exit_code
