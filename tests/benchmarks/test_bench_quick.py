"""`python -m benchmarks --quick`: the worker and a peer find the same drifts in one log, and it is written down."""

import json
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import QUICK, run
from benchmarks.comparison import checked
from benchmarks.event_log import EventLog
from benchmarks.measured import BenchmarkError, Measured

from benchmarks import rows
from driftline_schemas.settings import ClickHouseAddress

NAMES = {"worker.columnar", "worker.single", "peer.kafka_python_loop"}


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_the_worker_and_a_peer_find_the_same_drifts(
    kafka_address: str, clickhouse_address: ClickHouseAddress, tmp_path: Path
) -> None:
    run(rows.comparison(kafka_address, clickhouse_address, QUICK, sys.executable, {}), tmp_path)
    values = json.loads((tmp_path / "results" / "bench.json").read_text())
    assert {name.removesuffix(".events_per_cpu_second") for name in values if "per_cpu_second" in name} == NAMES
    assert all(value > 0 for value in values.values())
    assert "| kafka-python loop |" in (tmp_path / "RESULTS.md").read_text()


def test_other_drifts_are_refused() -> None:
    log = EventLog(events=3_000)
    assert log.drifts()
    with pytest.raises(BenchmarkError, match=r"missing .*feature_0"):
        checked("somebody", Measured(log.events, 1.0, 1.0, 1, frozenset()), log)
    with pytest.raises(BenchmarkError, match=r"too many .*feature_9"):
        checked("somebody", Measured(log.events, 1.0, 1.0, 1, log.drifts() | {("feature_9", 7)}), log)


def test_a_log_begins_as_a_longer_one() -> None:
    longer = EventLog(events=30_000, features=3).drifts()
    assert EventLog(events=3_000, features=3).drifts() == {drift for drift in longer if drift[1] < 3_000} != longer


def test_both_forms_of_the_log_hold_the_same_events() -> None:
    log = EventLog(events=600, features=2)
    singles = [json.loads(value.json) for value in log.singles()]
    rows = []
    for value in log.batches(256):
        batch = json.loads(value.json)
        for row, event_id in enumerate(batch["event_id"]):
            features = {name: column[row] for name, column in batch["features"].items()}
            rows.append((event_id, batch["timestamp_ms"][row], features))
        assert len(batch["event_id"]) == value.events
    assert rows == [(event["event_id"], event["timestamp_ms"], event["features"]) for event in singles]
