"""A process that has imported the trainers' libraries and forks once per job; started by `JobRunner`.

Importing scikit-learn and skops takes some 3 to 4 s of CPU, a fork 10 ms. The process has one thread, a clean
environment and no connections, so a fork of it is as good as a fresh interpreter.

It reads lines `{"folder": ..., "limits": {...}}` on standard input; for each it answers `{"pid": ...}` and, when the
job has ended and nothing of its process group is left, `{"exit_code": ...}`. It ends, with its jobs, when standard
input closes, that is, when its parent has gone in whatever way.
"""

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path

from driftline_retrain_service import job


def serve(modules: list[str]) -> None:
    """Import the modules, then run jobs until standard input closes."""
    for module in modules:
        importlib.import_module(module)
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    for line in requests:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run_job(Path(request["folder"]), request["limits"], requests.fileno())
        answers.write(json.dumps({"pid": pid}).encode() + b"\n")
        answers.write(json.dumps({"exit_code": _reap(pid)}).encode() + b"\n")


def _reap(pid: int) -> int:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # its number, and so its group's, is not free yet
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the job left running
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _run_job(folder: Path, limits: Mapping[str, int], parent: int) -> None:
    """Become the job's process; never returns."""
    exit_code = 1
    try:
        os.setsid()
        _redirect(folder / "output.log")
        os.chdir(folder)
        os.environ.update(HOME=str(folder), TMPDIR=str(folder))
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, name), (value, value))
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
        job.run(folder)
        exit_code = 0
    except BaseException:  # noqa: BLE001 - the last line of the job's output is the reason of its failure
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def _redirect(output: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


def _die_with(parent: int) -> None:
    """Kill the job's group when the other end of the pipe has closed."""
    poll = select.poll()
    poll.register(parent, select.POLLHUP)
    poll.poll()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    serve(sys.argv[1:])
