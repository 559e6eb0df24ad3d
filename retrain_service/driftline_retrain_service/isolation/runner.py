"""Runs jobs in processes of their own: clean environment, limits, an end to every wait."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prometheus_client import Histogram

from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.isolation.limits import DEFAULT_LIMITS, JobLimits

_START_SECONDS = 120.0  # the first job waits for the libraries to be imported, on a machine that may be busy
_END_SECONDS = 60.0  # what the server may take to end a job, on a machine that may be busy
_TERM_SECONDS = 2.0
_KILL_SECONDS = 10.0
_LAST_OUTPUT_BYTES = 2000

SECONDS_BUCKETS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)


class JobRunner:
    """Runs one job after the other, forked from a process that has imported `modules` (see `job.server`).

    Attributes:
        seconds: How long jobs took, for `/metrics`.
    """

    def __init__(self, modules: Sequence[str], limits: JobLimits = DEFAULT_LIMITS) -> None:
        """Start that process; its imports go on in the background."""
        self.seconds = Histogram(
            "driftline_retrain_training_seconds",
            "How long trainings took, failed ones too.",
            registry=None,
            buckets=SECONDS_BUCKETS,
        )
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
        job = {"folder": str(folder), "limits": asdict(self._limits)}
        try:
            with self.seconds.time():
                ended = self._await_end(json.dumps(job).encode() + b"\n")
        except (OSError, EOFError) as error:
            self.close()
            raise RetrainFailed(f"the job server ended: {error!r}") from error
        if ended["excess"]:
            raise RetrainFailed(f"the trainer {ended['excess']}; {_last_line(folder / 'output.log')}")
        if ended["exit_code"] != 0:
            raise RetrainFailed(f"{_meaning(ended['exit_code'])}; {_last_line(folder / 'output.log')}")

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
        command = [sys.executable, "-s", "-P", "-m", "driftline_retrain_service.job.server", *self._modules]
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

    def _await_end(self, line: bytes) -> Any:
        if self._server.stdin is None:
            raise EOFError("no pipe")
        self._server.stdin.write(line)
        pid = int(self._answer(_START_SECONDS)["pid"])
        try:
            return self._answer(self._limits.wall_seconds + _END_SECONDS)
        except (OSError, EOFError):
            _signal_group(pid, signal.SIGKILL)
            raise

    def _answer(self, timeout_seconds: float) -> Any:
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
        return json.loads(line)


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
