"""A full or read-only disk is told in a line; with room again the stack goes on with all that it acknowledged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.feed import REPOSITORY

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def _can_mount() -> bool:
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10).returncode == 0
    except OSError:
        return False


@pytest.mark.long
@pytest.mark.stack
@pytest.mark.skipif(not _can_mount(), reason="needs a user namespace in which a small disk can be mounted")
def test_a_full_and_a_read_only_disk_lose_nothing(tmp_path: Path) -> None:
    command = [*NAMESPACE, sys.executable, "-m", "tests.chaos.full_disk", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, env=os.environ, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "cannot write to the state folder" in done.stdout
    assert "MiB are free on the disk" in done.stdout
