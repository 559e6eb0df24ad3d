"""The benchmark of detection runs, on one seed of a few streams."""

import json
import subprocess
import sys
from pathlib import Path

STREAMS = ["all-null", "concept-turns", "errors-fall"]


def test_the_table_is_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.detection", "--runs", "1", "--results", str(tmp_path), "--streams"]
    done = subprocess.run([*command, *STREAMS], timeout=150, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "DETECTION.md").read_text()
    assert all(f"| {name} | driftline |" in table for name in STREAMS)
    assert "✗" not in table
    values = json.loads((tmp_path / "results" / "detection.json").read_text())
    assert values["all-null.driftline.median-delay"] < 20
    assert values["errors-fall.driftline.named"] == 0
    assert values["concept-turns.river-adwin.median-delay"] < 100
