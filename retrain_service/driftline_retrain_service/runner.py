"""Runs jobs in processes of their own: clean environment, limits, an end to every wait."""

import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from driftline_retrain_service.errors import RetrainFailed

_START_SECONDS = 120.0  # the first job waits for the libraries to be imported, on a machine that may be busy
_TERM_SECONDS = 2.0
_KILL_SECONDS = 10.0
_LAST_OUTPUT_BYTES = 2000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobLimits:
    """What one job may use.

    Attributes:
        wall_seconds: Time until it is ended.
        cpu_seconds: CPU time.
        memory_bytes: Address space, shared libraries included.
        file_bytes: Size of any one file that it writes.
        open_files: Number of open files.
    """

    wall_seconds: float = 600.0
    cpu_seconds: int = 600
    memory_bytes: int = 4 << 30
    file_bytes: int = 256 << 20
    open_files: int = 256

    def as_rlimits(self) -> dict[str, int]:
        """Names and values for `setrlimit`."""
        return {
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


class JobRunner:
    """Runs one job after the other, forked from a process that has imported `modules` (see `job_server`)."""

    def __init__(self, modules: Sequence[str], limits: JobLimits = JobLimits()) -> None:
        """Start that process; its imports go on in the background."""
        self._modules = modules
        self._limits = limits
        self._server = self._start()

    def run(self, folder: Path) -> None:
        """Run the job in `folder` to its end; its output is in `output.log` there.

        Raises:
            RetrainFailed: It did not end by itself, in time and with exit code 0.
        """
        if self._server.poll() is not None:
            self._server = self._start()
        job = {"folder": str(folder), "limits": self._limits.as_rlimits()}
        try:
            exit_code = self._await_exit(json.dumps(job).encode() + b"\n")
        except (OSError, EOFError) as error:
            self.close()
            raise RetrainFailed(f"the job server ended: {error!r}") from error
        if exit_code != 0:
            raise RetrainFailed(f"{_meaning(exit_code)}; {_last_line(folder / 'output.log')}")

    def close(self) -> None:
        """End the server and its job, if one runs."""
        server = self._server
        for pipe in (server.stdin, server.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        try:
            server.wait(_TERM_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(_KILL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-s", "-P", "-m", "driftline_retrain_service.job_server", *self._modules]
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # a trainer found here must be found there
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        return subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=tempfile.gettempdir(),
            start_new_session=True,  # a Ctrl-C in the terminal is for the service, which then closes the pipe
        )

    def _await_exit(self, line: bytes) -> int:
        if self._server.stdin is None:
            raise EOFError("no pipe")
        self._server.stdin.write(line)
        pid = int(self._answer(_START_SECONDS)["pid"])
        try:
            return int(self._answer(self._limits.wall_seconds)["exit_code"])
        except TimeoutError:
            logger.warning("job %s took more than %g s and is ended", pid, self._limits.wall_seconds)
        except EOFError:
            _signal_group(pid, signal.SIGKILL)
            raise
        _signal_group(pid, signal.SIGTERM)
        with suppress(TimeoutError):
            self._answer(_TERM_SECONDS)
            raise RetrainFailed(f"the trainer took more than {self._limits.wall_seconds:g} s and was ended")
        _signal_group(pid, signal.SIGKILL)
        self._answer(_KILL_SECONDS)
        raise RetrainFailed(f"the trainer took more than {self._limits.wall_seconds:g} s and was killed")

    def _answer(self, timeout_seconds: float) -> Mapping[str, int]:
        """Read the server's next line."""
        if self._server.stdout is None:
            raise EOFError("no pipe")
        descriptor = self._server.stdout.fileno()
        deadline = time.monotonic() + timeout_seconds
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            if not (byte := os.read(descriptor, 1)):
                raise EOFError("its output closed")
            line += byte
        answer: Mapping[str, int] = json.loads(line)
        return answer


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


def _meaning(exit_code: int) -> str:
    if exit_code == -signal.SIGXCPU:
        return "the trainer used up its CPU time"
    if exit_code == -signal.SIGXFSZ:
        return "the trainer wrote too large a file"
    if exit_code < 0:
        return f"the trainer was ended by {signal.Signals(-exit_code).name}"
    return f"the trainer ended with exit code {exit_code}"


def _last_line(output: Path) -> str:
    """The last line of a job's output, which for an exception is its message."""
    try:
        with output.open("rb") as file:
            file.seek(max(0, output.stat().st_size - _LAST_OUTPUT_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"its last words: {lines[-1] if lines else '(none)'} (all of them: {output})"
