"""`driftline audit`: decisions for people and programs, and an exit code that says whether they can be believed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_retrain_service.audit import Audit


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRIFTLINE_REGISTRY", str(tmp_path))
    audit = Audit(tmp_path)
    for number, model in enumerate(["fraud", "churn", "fraud"], 1):
        details = {"evidence": number}
        audit.append(
            actor="retrain-service", action="promoted", model=model, subject=str(number), details=details, at_ms=1_000
        )
    return tmp_path


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments])


def test_the_list_is_newest_first_and_filtered(registry: Path) -> None:
    rows = [json.loads(line) for line in audit("list", "--model", "fraud", "--json").stdout.splitlines()]
    assert [(row["sequence"], row["details"]) for row in rows] == [(3, {"evidence": 3}), (1, {"evidence": 1})]
    assert len(audit("list", "--limit", "1", "--json").stdout.splitlines()) == 1
    (row,) = [json.loads(line) for line in audit("list", "--subject", "2", "--json").stdout.splitlines()]
    assert (row["at"], row["model"]) == ("1970-01-01T00:00:01+00:00", "churn")
    assert "churn" in audit("list").stdout


def test_a_sound_record_is_told_with_its_last_hash(registry: Path) -> None:
    last = list(Audit(registry).entries())[-1]
    result = audit("verify")
    assert (result.exit_code, result.stdout) == (0, f"3 entries are sound; the last has {last.sha256}\n")


def test_a_changed_record_is_told_with_exit_code_1(registry: Path) -> None:
    file = registry / "audit.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"churn"', b'"fraud"'))
    result = audit("verify")
    assert (result.exit_code, result.stdout) == (1, "entry 2 was altered\n")


def test_a_registry_without_decisions_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path, tmp_path / "not-there"):
        monkeypatch.setenv("DRIFTLINE_REGISTRY", str(folder))
        assert (audit("verify").exit_code, audit("verify").stdout) == (0, "There is no entry yet.\n")
        assert audit("list").stdout == "Nothing has been decided yet.\n"
