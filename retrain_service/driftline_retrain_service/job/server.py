"""A process that has imported the trainers' libraries and forks once per job; started by `JobRunner`.

Importing scikit-learn and skops takes some 3 to 4 s of CPU, a fork 10 ms. The process has one thread, a clean
environment and no connections, so a fork of it is as good as a fresh interpreter.

It reads lines `{"folder": ..., "limits": {...}}` on standard input; for each it answers `{"pid": ...}` and, when the
job has ended and nothing of it is left, `{"exit_code": ..., "excess": ...}`. It ends, with its jobs, when standard
input closes, that is, when its parent has gone in whatever way.
"""

import importlib
import json
import os
import resource
import select
import signal
import sys
import threading
import traceback
from pathlib import Path

from driftline_retrain_service import job
from driftline_retrain_service.isolation.limits import JobLimits
from driftline_retrain_service.isolation.supervisor import Supervisor, become_subreaper
from driftline_retrain_service.job.environment import environment


def serve(modules: list[str]) -> None:
    """Import the modules, then run jobs until standard input closes."""
    become_subreaper()
    for module in modules:
        importlib.import_module(module)
    environment()  # looked at here, once for all jobs
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    for line in requests:
        request = json.loads(line)
        folder, limits = Path(request["folder"]), JobLimits(**request["limits"])
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            answers.close()
            os.close(reading)
            _run_job(folder, limits, writing, requests.fileno())
        os.close(writing)
        answers.write(json.dumps({"pid": pid}).encode() + b"\n")
        ended = Supervisor(pid, reading, folder, limits, requests.fileno()).watch()
        answers.write(json.dumps(ended._asdict()).encode() + b"\n")


def _run_job(folder: Path, limits: JobLimits, output: int, service: int) -> None:
    """Become the job's process; never returns."""
    exit_code = 1
    try:
        os.setsid()
        _redirect(output)
        os.chdir(folder)
        os.environ.update(HOME=str(folder), TMPDIR=str(folder))
        for name, value in limits.as_rlimits().items():
            resource.setrlimit(getattr(resource, name), (value, value))
        threading.Thread(target=_die_with, args=(service,), daemon=True).start()
        job.run(folder)
        exit_code = 0
    except BaseException:  # noqa: BLE001 - the last line of the job's output is the reason of its failure
        sys.stdout.flush()
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def _redirect(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(output)


def _die_with(service: int) -> None:
    """Kill the job's group when the other end of the pipe has closed, also when this process's parent has gone."""
    poll = select.poll()
    poll.register(service, select.POLLHUP)
    poll.poll()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    serve(sys.argv[1:])
