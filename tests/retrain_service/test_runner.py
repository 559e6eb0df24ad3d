"""A trainer that misbehaves ends as a failed retrain, and nothing of it is left running."""

import re
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.isolation.limits import JobLimits
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.isolation.usage import descendants
from driftline_retrain_service.job.files import RESULT, read_result
from tests.retrain_service.jobs import job_folder, labelled_rows

LIMITS = JobLimits(
    wall_seconds=60.0,
    cpu_seconds=30,
    memory_bytes=800 << 20,
    file_bytes=1 << 20,
    folder_bytes=8 << 20,
    processes=8,
    open_files=64,
    output_bytes=20_000,
)
MISBEHAVIOUR = {
    "memory": r"exit code 1; its last words: MemoryError",
    "memories": r"the trainer took more than 838860800 bytes of memory and was killed",
    "file": r"wrote too large a file|File too large",
    "files": r"the trainer wrote more than 8388608 bytes and was killed",
    "descriptors": r"Too many open files",
    "forks": r"the trainer started more than 8 processes and was killed",
    "print": r"last words: RuntimeError: printed a lot",
    "parricide": r"the job server ended",
    "leak": r"environment is clean",
    "orphan": r"left a child",
}


def test_misbehaving_trainers_fail_clearly_and_nothing_of_them_is_left(
    rogue_trainers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLINE_SECRET", "x")
    with JobRunner(["rogues"], LIMITS) as runner:
        for trainer, message in MISBEHAVIOUR.items():
            folder = job_folder(tmp_path, trainer, labelled_rows(50), name=trainer)
            with pytest.raises(RetrainFailed, match=message):
                runner.run(folder)
            assert not (folder / RESULT).exists()
            assert descendants(runner._server.pid) == []
    _assert_gone(tmp_path / "orphan" / "output.log")
    output = (tmp_path / "print" / "output.log").read_bytes()
    assert output.startswith(b"line 0\nline 1\n")
    assert re.search(rb"\n\.\.\. \d+ bytes are left out here \.\.\.\n", output)
    assert len(output) < 20_000 + 100


def test_a_trainer_that_gives_no_model_fails_clearly(rogue_trainers: Path, tmp_path: Path) -> None:
    with JobRunner(["rogues"], replace(LIMITS, memory_bytes=3 << 30)) as runner:
        garbage = job_folder(tmp_path, "garbage", labelled_rows(50), name="garbage")
        with pytest.raises(RetrainFailed, match=r"trainer ended with exit code 1; its last words: .*"):
            runner.run(garbage)
        quitting = job_folder(tmp_path, "quit", labelled_rows(50), name="quit")
        runner.run(quitting)
        with pytest.raises(RetrainFailed, match="ended without a usable result"):
            read_result(quitting)


@pytest.mark.parametrize("trainer", ["hang", "hung_orphan"])
def test_a_trainer_that_ignores_the_order_to_end_is_killed_with_what_it_started(
    trainer: str, rogue_trainers: Path, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path, trainer, labelled_rows(50))
    with (
        JobRunner(["rogues"], replace(LIMITS, wall_seconds=1.0)) as runner,
        pytest.raises(RetrainFailed, match=r"more than 1 s and was (ended|killed)"),
    ):
        runner.run(folder)
    _assert_gone(folder / "output.log")


def test_cpu_time_is_limited(rogue_trainers: Path, tmp_path: Path) -> None:
    folder = job_folder(tmp_path, "cpu", labelled_rows(50))
    with (
        JobRunner(["rogues"], JobLimits(cpu_seconds=1)) as runner,
        pytest.raises(RetrainFailed, match=r"CPU time|SIGKILL"),
    ):
        runner.run(folder)


def test_the_job_dies_with_its_service(rogue_trainers: Path, tmp_path: Path) -> None:
    folder = job_folder(tmp_path, "hung_orphan", labelled_rows(50))
    runner = JobRunner(["rogues"], JobLimits())
    runner.start(folder)
    deadline = time.monotonic() + 60
    while not (folder / "output.log").exists() or b"child" not in (folder / "output.log").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    runner.close()
    _assert_gone(folder / "output.log")


def _assert_gone(output: Path) -> None:
    """The process whose id the trainer printed ends soon."""
    found = re.search(r"child (\d+)", output.read_text())
    assert found
    deadline = time.monotonic() + 10
    while psutil.pid_exists(int(found[1])) and psutil.Process(int(found[1])).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"process {found[1]} is still there"
        time.sleep(0.05)
