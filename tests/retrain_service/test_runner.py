"""A trainer that misbehaves ends as a failed retrain, and nothing of it is left running."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.job import RESULT
from driftline_retrain_service.runner import JobLimits, JobRunner
from tests.retrain_service.jobs import job_folder, labelled_rows

LIMITS = JobLimits(wall_seconds=60.0, cpu_seconds=30, memory_bytes=3 << 30, file_bytes=1 << 20)


@pytest.fixture
def runner(rogue_trainers: Path) -> Iterator[JobRunner]:
    with JobRunner(["rogues", "driftline_registry.flavours.sklearn"], LIMITS) as running:
        yield running


def test_misbehaving_trainers_fail_clearly_and_the_next_job_runs(
    runner: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registry").mkdir()
    expected = {
        "memory": "MemoryError",
        "disk": "large a file|File too large",
        "garbage": "trainer ended with exit code 1; its last words: .*",
        "leak": "environment is clean",
        "orphan": "left a child",
    }
    monkeypatch.setenv("DRIFTLINE_SECRET", "x")
    for trainer, message in expected.items():
        folder = job_folder(tmp_path, trainer, labelled_rows(50), name=trainer)
        with pytest.raises(RetrainFailed, match=message):
            runner.run(folder)
        assert not (folder / RESULT).exists()
    _assert_gone(tmp_path / "orphan" / "output.log")


def test_a_trainer_that_ignores_the_order_to_end_is_killed_with_its_children(
    rogue_trainers: Path, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path, "hang", labelled_rows(50))
    with (
        JobRunner(["rogues"], JobLimits(wall_seconds=3.0)) as runner,
        pytest.raises(RetrainFailed, match="more than 3 s and was killed"),
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
    folder = job_folder(tmp_path, "hang", labelled_rows(50))
    runner = JobRunner(["rogues"], JobLimits())
    assert runner._server.stdin is not None
    runner._server.stdin.write(f'{{"folder": "{folder}", "limits": {{}}}}\n'.encode())
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
