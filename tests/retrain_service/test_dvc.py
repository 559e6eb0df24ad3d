"""Training snapshots as DVC sees them."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_retrain_service.job.files import ROWS
from driftline_retrain_service.runs.run import Run
from driftline_schemas.events.position import LogPosition
from driftline_schemas.events.retrain_request import RetrainRequest
from tests.retrain_service.jobs import job_folder, labelled_rows
from tests.tools import tool


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the only training of the retrain 'r1'."""
    monkeypatch.setenv("DRIFTLINE_REGISTRY", str(tmp_path / "registry"))
    request = RetrainRequest(
        retrain_id="r1", model="fraud", reason="by hand", requested=LogPosition(partition=0, offset=9, timestamp_ms=9)
    )
    run = Run.open(tmp_path / "registry" / "runs", request)
    run.change(attempts=1)
    return job_folder(run.folder, "logistic-regression", labelled_rows(50), name="attempt-1")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / ".dvc").mkdir(parents=True)
    return folder


def driftline(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def dvc(repository: Path, *arguments: str) -> str:
    environment = os.environ | {"DVC_NO_ANALYTICS": "1"}
    command = [tool("dvc"), *arguments]
    run = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_dvc_itself_accepts_a_snapshot_and_brings_it_back(job: Path, repository: Path) -> None:
    (repository / ".dvc" / "config").write_text("[core]\n    no_scm = True\n[cache]\n    dir = ../kept\n")
    result = driftline("dvc-snapshot", "r1", repository / "data")
    assert result.output.strip() == str(repository / "data" / "r1-1.jsonl.dvc")
    file = repository / "data" / "r1-1.jsonl"
    assert json.loads(dvc(repository, "status", "--json")) == {}
    file.write_bytes(b"changed")
    assert "modified" in dvc(repository, "status", "--json")
    file.unlink()
    dvc(repository, "checkout")
    assert file.read_bytes() == (job / ROWS).read_bytes()


def test_the_same_snapshot_again_changes_nothing(job: Path, repository: Path) -> None:
    assert driftline("dvc-snapshot", "r1", repository).exit_code == 0
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    assert driftline("dvc-snapshot", "r1", repository, "--attempt", 1).exit_code == 0
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before
    assert before[repository / ".gitignore"] == b"/r1-1.jsonl\n"
    assert 'retrain_id: "r1"' in before[repository / "r1-1.jsonl.dvc"].decode()


def test_what_cannot_be_written_is_named(job: Path, repository: Path, tmp_path: Path) -> None:
    for arguments, code, message in [
        (("r2", repository), 1, "there is no retrain 'r2'"),
        (("r1", repository, "--attempt", 2), 1, "no training 2; valid are 1 to 1"),
        (("r1", tmp_path), 2, "in no DVC repository; run `dvc init`"),
    ]:
        result = driftline("dvc-snapshot", *arguments)
        assert (result.exit_code, message in result.output) == (code, True), result.output
    (job / ROWS).write_bytes(b"{}\n")
    assert "has changed since" in driftline("dvc-snapshot", "r1", repository).output
