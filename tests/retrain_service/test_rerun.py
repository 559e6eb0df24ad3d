"""What a retrain has trained can be trained again, and a difference is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_registry import LocalRegistry
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.job.files import RESULT, ROWS, SPEC, JobResult, JobSpec
from driftline_retrain_service.rerun import rerun, trainings
from driftline_retrain_service.rows.training_window import WindowBounds, read_window
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import ClickHouseAddress
from tests.retrain_service.jobs import champion_registry, job_folder, labelled_rows
from tests.retrain_service.stored import PARTITION, store


@pytest.fixture(scope="module")
def runner() -> Iterator[JobRunner]:
    with JobRunner(["driftline_retrain_service.trainers.logistic_regression"]) as running:
        yield running


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    return champion_registry(tmp_path)


def test_the_same_rows_give_the_same_digest_and_a_query_that_gives_others_is_named(
    registry: LocalRegistry, runner: JobRunner, database: ClickHouseAddress, tmp_path: Path
) -> None:
    rows = labelled_rows(200)
    store(database, rows)
    client = connect(database)
    manifest = registry.get("fraud", "1").manifest
    window = read_window(client, WindowBounds("fraud", PARTITION, 399, 150), manifest)
    folder = job_folder(tmp_path, "logistic-regression", window.rows)
    spec = JobSpec.read(folder / SPEC)
    spec.model_copy(update={"window": window.record}).write(folder / SPEC)
    runner.run(folder)
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    again = rerun(folder, registry, runner, client)
    assert (again.is_same, again.verdict, again.rows) == (True, "the same digest", 150)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before

    client.command("ALTER TABLE outcome_log DELETE WHERE event_id = 'e199' SETTINGS mutations_sync = 2")
    again = rerun(folder, registry, runner, client)
    assert again.is_same
    assert again.differences[0].startswith("the query gives 150 rows now, 149 of them among the 150")


def test_another_library_is_named_beside_another_digest(
    registry: LocalRegistry, runner: JobRunner, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path, "logistic-regression", labelled_rows(150))
    runner.run(folder)
    result = JobResult.read(folder / RESULT)
    installed = result.environment.distributions | {"numpy": "1.0", "gone": "2.0"}
    environment = result.environment.model_copy(update={"distributions": installed})
    result.model_copy(update={"environment": environment, "prediction_digest": "0" * 64}).write(folder / RESULT)
    again = rerun(folder, registry, runner, None)
    assert not again.is_same
    assert again.verdict.startswith("another digest: gone was 2.0, is not installed; numpy was 1.0, is ")


def test_rows_that_are_not_those_of_the_training_are_told(
    registry: LocalRegistry, runner: JobRunner, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path, "logistic-regression", labelled_rows(150))
    runner.run(folder)
    (folder / ROWS).write_bytes(b"")
    again = rerun(folder, registry, runner, None)
    assert not again.is_same
    assert "has changed since the specification was written" in again.verdict


def test_trainings_without_a_result_are_left_out_and_the_tenth_comes_last(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        (tmp_path / f"attempt-{number}").mkdir()
        (tmp_path / f"attempt-{number}" / RESULT).touch()
    (tmp_path / "attempt-3").mkdir()
    assert [folder.name for folder in trainings(tmp_path)] == ["attempt-1", "attempt-2", "attempt-10"]
    assert trainings(tmp_path / "none") == []
