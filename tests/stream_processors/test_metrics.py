"""What a worker says to Prometheus is what it did."""

import pytest

from driftline_schemas.partitioner import partition_for
from tests.prometheus.exposition import assert_documented, metrics
from tests.stream_processors.harness import Installation, outcome, prediction, wait_for

PREFIX = "driftline_worker_"
HOME = partition_for("fraud", 4)


@pytest.mark.stack
def test_the_counters_are_those_of_the_ledger(installation: Installation) -> None:
    records: list[tuple[str | None, bytes, str | None]] = [(None, prediction(f"e{n % 25}"), "fraud") for n in range(30)]
    records += [("outcome", outcome(f"e{n}", "ok"), "fraud") for n in range(20)]
    records += [("outcome", outcome("unknown", "ok"), "fraud"), (None, b"{not json", "fraud")]
    with installation.worker() as worker:
        installation.send(records, partition=(HOME + 1) % 4)  # each is forwarded to its home, and comes from there
        wait_for("everything stored", lambda: installation.records_stored() == 2 * len(records) - 1)
        wait_for("a snapshot", lambda: installation.stored_offset().get(HOME, 0) >= len(records) - 1)
        told = metrics(worker.port)
    assert_documented(PREFIX, told)
    totals = {name: told[f"{PREFIX}{name}_total"] for name in (
        "predictions", "outcomes", "joined_outcomes", "orphan_outcomes", "repeated_events", "dead_letters",
        "forwarded_records", "duplicate_records",
    )}  # fmt: skip
    assert totals == {
        "predictions": 25, "outcomes": 21, "joined_outcomes": 20, "orphan_outcomes": 1, "repeated_events": 5,
        "dead_letters": 1, "forwarded_records": 51, "duplicate_records": 0,
    }  # fmt: skip
    assert told[f"{PREFIX}records_total"] - told[f"{PREFIX}ticks_total"] == 2 * len(records) - 1
    assert told[f"{PREFIX}models"] == 1
    assert told[f"{PREFIX}high_watermark_offset"] >= told[f"{PREFIX}next_offset"] - told[f"{PREFIX}lag_records"]
    assert told[f"{PREFIX}snapshot_bytes"] > 0
    assert told[f"{PREFIX}store_seconds_count"] > 0
    assert (told[f"{PREFIX}clickhouse_up"], told[f"{PREFIX}kafka_up"], told[f"{PREFIX}stalled_partitions"]) == (1, 1, 0)
