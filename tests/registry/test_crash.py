"""kill -9 at every third disk operation leaves one consistent state, and the next attempt completes it."""

import subprocess
import sys
from pathlib import Path

import pytest

from driftline_registry import LocalRegistry
from tests.registry.models import artifact

KILLED_AT_CALL = """
import os, signal, sys
from pathlib import Path
from driftline_registry import LocalRegistry

calls = 0
events = {"open", "os.mkdir", "os.rename", "shutil.copyfile", "shutil.rmtree", "os.remove", "os.link"}

def die(event, arguments):
    global calls
    if event in events and any("registry" in str(argument) for argument in arguments) and armed:
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

armed = False
sys.addaudithook(die)
registry = LocalRegistry(Path(sys.argv[1]) / "registry")
armed = True
version = registry.register("fraud", Path(sys.argv[1]) / "artifact", retrain_id="r1")
registry.promote("fraud", version.version, expect="1", retrain_id="r1")
"""


@pytest.mark.timeout(300)
def test_kill_at_every_third_disk_operation(tmp_path: Path) -> None:
    artifact(tmp_path / "artifact", reverse=True)
    first = artifact(tmp_path / "first")
    call = killed = 0
    while True:
        call += 3
        root = tmp_path / f"crash-{call}"
        root.mkdir()
        (root / "artifact").symlink_to(tmp_path / "artifact")
        registry = LocalRegistry(root / "registry")
        registry.register("fraud", first)
        registry.promote("fraud", "1", expect=None)
        command = [sys.executable, "-c", KILLED_AT_CALL, str(root), str(call)]
        if subprocess.run(command, check=False).returncode == 0:
            break
        killed += 1
        assert [version.version for version in registry.versions("fraud")] in (["1"], ["1", "2"])
        assert registry.aliases("fraud").champion in ("1", "2")
        version = registry.register("fraud", root / "artifact", retrain_id="r1")
        registry.promote("fraud", version.version, expect="1", retrain_id="r1")
        assert [version.retrain_id for version in registry.versions("fraud")] == ["", "r1"]
        assert (registry.aliases("fraud").champion, registry.aliases("fraud").previous_champion) == ("2", "1")
        assert [line.champion for line in registry.audit("fraud")] == ["1", "2"]
        assert registry.load("fraud", "2").predict({"a": 3.0, "b": 0.0}).prediction == "down"
    assert killed > 5
