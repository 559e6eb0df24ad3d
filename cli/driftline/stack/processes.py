"""The processes of a stack, found by what they carry in their environment, whoever their parent is now."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from driftline.stack.health import wait_until

MARK = "DRIFTLINE_STACK_PROCESS"  # its value is the state folder; processes that a part starts inherit it
KILL_TIMEOUT_SECONDS = 10


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every living process of this state folder's stack."""
    return [process for process in psutil.process_iter() if _mark(process) == str(folder)]


def end(processes: Sequence[psutil.Process], timeout_seconds: float) -> None:
    """Ask processes to end, kill those that have not ended in time."""
    for signal_one, seconds in (
        (psutil.Process.terminate, timeout_seconds),
        (psutil.Process.kill, KILL_TIMEOUT_SECONDS),
    ):
        for process in _living(processes):
            try:
                signal_one(process)  # psutil compares the time of creation: a reused id is never hit
            except psutil.NoSuchProcess:
                continue
        if wait_for_end(processes, seconds):
            return


def wait_for_end(processes: Iterable[psutil.Process], timeout_seconds: float) -> bool:
    """Wait until all of them have ended; False when some have not in time."""
    return wait_until(lambda: not _living(processes), timeout_seconds)


def _living(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and not _is_zombie(process)]


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):  # another user's, or gone
        return None
