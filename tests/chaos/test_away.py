"""ClickHouse away, then Kafka, while a service emits: nothing is lost, memory stays, nobody has to help."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.chaos.away import AwayRun, Plan

FLAT_MEGABYTES = 64


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.stack
def test_nothing_is_lost_while_clickhouse_and_kafka_are_away(tmp_path: Path) -> None:
    plan = Plan(warm_seconds=2, clickhouse_seconds=8, kafka_seconds=5, rate=500)
    report = AwayRun(plan, tmp_path, Console()).run()
    assert report.wrong == []
    assert report.account["predictions"] > report.account["outcomes"] > 0
    assert report.growth("worker", "clickhouse away") < FLAT_MEGABYTES
    assert report.growth("worker", "kafka away") < FLAT_MEGABYTES
    assert report.growth("emitter", "kafka away") < FLAT_MEGABYTES
