"""Any command can train: files in, files out; what it leaves undone is told."""

import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from driftline_registry import LocalRegistry
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.job.candidates import Candidate
from driftline_retrain_service.job.files import SPEC, JobSpec, read_result
from tests.retrain_service.jobs import FEATURES, champion_registry, job_folder, labelled_rows
from tests.retrain_service.test_runner import LIMITS

# It "trains" by taking a model that is there already, and keeps what it was asked.
TRAIN = """
import json, pathlib, shutil, sys
payload, kept = sys.argv[1:]
spec = json.loads(pathlib.Path("fit.json").read_text())
rows = [json.loads(line) for line in open("rows.jsonl")]
with open(kept, "a") as file:
    print(json.dumps(spec | {"weights": [rows[0]["weight"], rows[-1]["weight"]], "read": len(rows)}), file=file)
shutil.copy(payload, "artifact/model.skops")
pathlib.Path("result.json").write_text(json.dumps({"flavour": "sklearn", "classes": ["down", "up"]}))
"""
RESULT = """echo '{"flavour": "sklearn", "classes": ["down", "up"]}' > result.json"""
FAILURES = {
    "exit 3": "the command '/bin/sh' ended with exit code 3",
    "kill -9 $$": "the command '/bin/sh' ended with exit code -9",
    "true": "ended with exit code 0, but wrote no result.json",
    "echo nonsense > result.json": "is not valid: the file: Invalid JSON",
    RESULT: "ended with exit code 0, but wrote no artifact/model.skops",
    f"{RESULT}; echo x > artifact/model.skops": "is not a readable skops archive",
    f"{RESULT}; ln -s /etc/hostname artifact/model.skops": "wrote no artifact/model.skops",
    "echo '{}' > result.json": "is not valid: flavour: Field required",
    """echo '{"flavour": "pickle", "classes": [0, 1]}' > result.json""": "flavour 'pickle' is unknown; valid are",
    """echo '{"flavour": "sklearn"}' > result.json""": "has no classes, but the labels are",
    "yes > large": "File too large|wrote more than|exit code",
    "sleep 600 & exit 0": "ended with exit code 0, but wrote no result.json",
}


@pytest.fixture(scope="module")
def runner() -> Iterator[JobRunner]:
    limits = replace(LIMITS, memory_bytes=3 << 30)
    with JobRunner(["driftline_registry.flavours.sklearn"], limits) as running:
        yield running


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    return champion_registry(tmp_path)


def command_job(root: Path, *command: str, name: str = "job", candidates: tuple[Candidate, ...] | None = None) -> Path:
    folder = job_folder(root, "none", labelled_rows(60), name=name)
    spec = JobSpec.read(folder / SPEC)
    changes = {"command": command, "params": {"depth": 3}, "candidates": candidates or spec.candidates}
    spec.model_copy(update=changes).write(folder / SPEC)
    return folder


def test_a_command_trains_every_window_and_then_the_best_one(
    registry: LocalRegistry, runner: JobRunner, tmp_path: Path
) -> None:
    script, kept = tmp_path / "train.py", tmp_path / "kept"
    script.write_text(f"#!{sys.executable}\n{TRAIN}")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    payload = registry.get("fraud", "1").folder / "model.skops"
    tried = (Candidate("all", 0), Candidate("decayed", 30, half_life_rows=1.0))
    folder = command_job(tmp_path, str(script), str(payload), str(kept), candidates=tried)
    runner.run(folder)
    result = read_result(folder)
    assert (result.chosen, result.challenger["accuracy"]) == ("all", result.champion["accuracy"])
    assert str(script) in result.command_sha256
    asked = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [(each["rows"], each["read"], each["weights"]) for each in asked] == [
        (48, 48, [1.0, 1.0]),
        (18, 18, [0.5**17, 1.0]),
        (60, 60, [1.0, 1.0]),
    ]
    assert asked[0] | {"rows": 0, "weights": 0, "read": 0} == {
        "format": 1,
        "features": list(FEATURES),
        "categorical": [],
        "is_classification": True,
        "params": {"depth": 3},
        "seed": 0,
        "rows": 0,
        "weights": 0,
        "read": 0,
    }


def test_a_command_that_fails_says_how(registry: LocalRegistry, runner: JobRunner, tmp_path: Path) -> None:
    for number, (script, message) in enumerate(FAILURES.items()):
        folder = command_job(tmp_path, "/bin/sh", "-c", script, name=f"job-{number}")
        with pytest.raises(RetrainFailed, match=message):
            runner.run(folder)
    with pytest.raises(RetrainFailed, match="the command '/no/such/thing' cannot be run: No such file"):
        runner.run(command_job(tmp_path, "/no/such/thing", name="missing"))
