"""What is killed, stopped, cut off and started again leaves the same rows and alerts as an undisturbed reading."""

import sys
from pathlib import Path

import pytest
from rich.console import Console

from tests.chaos.disturbances import KINDS
from tests.chaos.run import ChaosRun, Options

SHORT = {
    "worker killed",
    "worker terminated",
    "worker stopped past its session",
    "worker added",
    "broker killed",
    "store killed",
    "answers of inserts lost",
    "inserts cut off",
}


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_eight_disturbances_change_nothing(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.name in SHORT]
    options = Options(seed=4, disturbances=len(kinds), seconds=12, events=7_000, kinds=kinds)
    report = ChaosRun(options, tmp_path, Console(file=sys.stdout)).run()
    assert report.wrong == []
    assert {report.disturbances[kind.name] for kind in kinds} == {1}
    assert report.rows["drift_log"] > 10
    assert report.rows["retrain_request_log"] > 0
