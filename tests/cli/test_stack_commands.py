import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from driftline.main import app
from driftline.stack.jars import pinned_jars


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRIFTLINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRIFTLINE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_status_of_a_stack_that_does_not_run(state: Path) -> None:
    code, output = run("status")
    assert (code, str(state) in output, "driftline up" in output) == (1, True, True)


def test_status_as_json_when_nothing_runs(state: Path) -> None:
    code, output = run("status", "--json")
    status = json.loads(output)
    assert code == 1
    assert (status["running"], status["healthy"], status["pid"], status["parts"]) == (False, False, None, [])
    assert status["state_folder"] == str(state)


def test_the_option_goes_before_the_environment(state: Path, tmp_path: Path) -> None:
    _, output = run("status", "--json", "--state", str(tmp_path / "another"))
    assert json.loads(output)["state_folder"] == str(tmp_path / "another")


def test_down_when_nothing_runs(state: Path) -> None:
    assert run("down") == (0, f"No stack runs in {state}.\n")


def test_doctor_finds_nothing(state: Path) -> None:
    assert run("doctor") == (0, f"Nothing is wrong with the stack in {state}.\n")


def test_doctor_names_a_broken_jar(state: Path, cache: Path) -> None:
    jar = cache / "maven" / next(iter(pinned_jars()))
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"")
    code, output = run("doctor", "--json")
    problem = json.loads(output)
    assert (code, problem["where"]) == (1, str(jar))
    assert "driftline up" in problem["remedy"]


def test_up_says_what_is_wrong_in_one_line(state: Path) -> None:
    state.write_text("a file in the place of the folder")
    code, output = run("up")
    (line,) = output.strip().splitlines()
    assert (code, str(state) in line, "--state" in line) == (1, True, True)
