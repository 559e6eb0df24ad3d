"""Why a job failed, in words for the person who wrote the trainer."""

import signal
from pathlib import Path

_LAST_OUTPUT_BYTES = 2000


def failure_of(folder: Path, exit_code: int, excess: str) -> str:
    """Why the job in a folder failed, with the last line that it wrote; empty when it did not.

    Args:
        folder: Of the job.
        exit_code: Of its process; negative: by a signal.
        excess: The limit that it passed, in words; empty when it passed none.
    """
    if not excess and exit_code == 0:
        return ""
    meaning = f"the trainer {excess}" if excess else _meaning(exit_code)
    return f"{meaning}; {_last_line(folder / 'output.log')}"


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
