"""Runs jobs in processes of their own: clean environment, limits, an end to every wait."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from prometheus_client import Histogram

from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.isolation.failure import failure_of
from driftline_retrain_service.isolation.limits import DEFAULT_LIMITS, JobLimits

_START_SECONDS = 120.0  # the first job waits for the libraries to be imported, on a machine that may be busy
_END_SECONDS = 60.0  # what the server may take to end a job, on a machine that may be busy
_TERM_SECONDS = 2.0
_KILL_SECONDS = 10.0

SECONDS_BUCKETS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass
class _Job:
    """The job that runs; `pid` is 0, and `deadline` is for its start, until the server has said which process it is."""

    folder: Path
    began: float
    deadline: float
    pid: int = 0
    unread: bytes = b""


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
        self._job: _Job | None = None
        self._server = self._start_server()

    @property
    def running(self) -> Path | None:
        """The folder of the job that was started and whose end nobody has asked for yet; None without one."""
        return self._job.folder if self._job else None

    def start(self, folder: Path) -> None:
        """Start the job in `folder`, when no other one runs; its output is in `output.log` there.

        Raises:
            RetrainFailed: The server does not take it.
        """
        if self._server.poll() is not None:
            self._server = self._start_server()
        now = time.monotonic()
        self._job = job = _Job(folder, began=now, deadline=now + _START_SECONDS)
        try:
            _pipe(self._server.stdin).write(
                json.dumps({"folder": str(folder), "limits": asdict(self._limits)}).encode() + b"\n"
            )
        except (OSError, EOFError) as error:
            raise self._lost(job, error) from error

    def has_ended(self) -> bool:
        """Whether the job that was started has ended; when it has, another one may be started.

        Raises:
            RetrainFailed: It did not end by itself, in time and with exit code 0.
        """
        if (job := self._job) is None:
            return True
        try:
            answer = self._answer(job)
        except (OSError, EOFError) as error:
            raise self._lost(job, error) from error
        if answer is None:
            return False
        self._done(job)
        if failure := failure_of(job.folder, **answer):
            raise RetrainFailed(failure)
        return True

    def wait(self, seconds: float = math.inf) -> bool:
        """Wait until there may be something new of the job that runs, or so long; say whether one runs."""
        if (job := self._job) is None:
            return False
        timeout_seconds = min(seconds, max(0.0, job.deadline - time.monotonic()))
        select.select([_pipe(self._server.stdout)], [], [], timeout_seconds)
        return True

    def run(self, folder: Path) -> None:
        """Run the job in `folder` to its end; raises as `start` and `has_ended` do."""
        self.start(folder)
        while not self.has_ended():
            self.wait()

    def close(self) -> None:
        """End the server and its job, if one runs; the next job starts another server."""
        self._job = None
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

    def _start_server(self) -> subprocess.Popen[bytes]:
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

    def _answer(self, job: _Job) -> Any:
        """What the server has said of the job's end; None when it has not ended."""
        answer = self._line(job)
        if answer is not None and not job.pid:
            job.pid = int(answer["pid"])
            job.deadline = time.monotonic() + self._limits.wall_seconds + _END_SECONDS
            answer = self._line(job)
        return answer

    def _line(self, job: _Job) -> Any:
        """The server's next line; None as long as it is not complete."""
        output = _pipe(self._server.stdout)
        while not job.unread.endswith(b"\n"):
            if not select.select([output], [], [], 0)[0]:
                if time.monotonic() > job.deadline:
                    raise TimeoutError
                return None
            if not (byte := os.read(output.fileno(), 1)):
                raise EOFError("its output closed")
            job.unread += byte
        line, job.unread = job.unread, b""
        return json.loads(line)

    def _lost(self, job: _Job, error: Exception) -> RetrainFailed:
        """The server is of no use any more: end it, with everything of the job."""
        if job.pid:
            _signal_group(job.pid, signal.SIGKILL)
        self._done(job)
        self.close()
        return RetrainFailed(f"the job server ended: {error!r}")

    def _done(self, job: _Job) -> None:
        self.seconds.observe(time.monotonic() - job.began)
        self._job = None


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError("no pipe")
    return pipe


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)
