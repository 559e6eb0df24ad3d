"""The calibration of budgets runs, on its smallest case."""

import sys
from pathlib import Path

import pytest
from benchmarks.detection import calibration
from benchmarks.detection.calibration import Case


def test_the_table_is_written_and_the_promise_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "CASES", [Case(1_000, 10)])
    monkeypatch.setattr(sys, "argv", ["calibration", "--runs", "4", "--results", str(tmp_path)])
    assert calibration.main() == 0
    assert "| 1,000 | 10 | 4 | 4,000 |" in (tmp_path / "CALIBRATION.md").read_text()
