"""Reads the ledger from ClickHouse and Kafka, in an order in which what goes on meanwhile looks like no fault."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from driftline.ledger.account import EVENT_KINDS, KINDS, EmitterAccount, Ledger, PartitionAccount
from driftline.ledger.holes import empty_offsets
from driftline.log_reader import LogReader, Watermarks
from driftline.store import Store
from driftline_schemas.settings import Settings

_SNAPSHOTS = """
SELECT partition, max(next_offset) AS snapshot_offset FROM snapshot
WHERE pipeline = {pipeline:String} GROUP BY partition
"""
_EMITTERS = """
SELECT * EXCEPT (before_the_ledger) FROM emitters ORDER BY unexplained = 0, reported_at DESC, model, emitter
"""

_COUNTS = (*KINDS, "events", *EVENT_KINDS, "orphans", "taken_over", "expired", "missing", "overlapping", "uncounted")
_NOTHING_STORED: Mapping[str, int] = dict.fromkeys(("begins_at", "blocks", "records", *_COUNTS), 0)


def read(settings: Settings) -> Ledger:
    """The account of an installation now.

    While workers write, two tables may be seen at two moments. So what is not explained is looked at again: a fault
    stays.

    Raises:
        Unavailable: Kafka or ClickHouse does not answer.
        ConfigurationError: The topic or the database does not exist.
    """
    found = _read(settings)
    return _read(settings) if found.unexplained else found


def _read(settings: Settings) -> Ledger:
    topic = settings.topics.events.name
    with closing(Store(settings.clickhouse)) as store, LogReader(settings.kafka) as log:
        snapshots = _by_partition(store, _SNAPSHOTS, {"pipeline": f"{settings.topic_prefix}worker"})
        blocks = _by_partition(store, "SELECT * FROM ledger", {})
        emitters = [_emitter(row) for row in store.rows(_EMITTERS)]
        accounts = []
        for partition, marks in log.watermarks(topic).items():
            snapshot_offset = snapshots.get(partition, {}).get("snapshot_offset", 0)
            row = blocks.get(partition, {**_NOTHING_STORED, "stored_offset": snapshot_offset})
            empty = empty_offsets(store, log, topic, partition, marks.low) if row["missing"] else 0
            accounts.append(_account(partition, marks, snapshot_offset, row, empty))
    return Ledger([_with_faults(account, accounts) for account in accounts], emitters)


def _by_partition(store: Store, sql: str, parameters: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    rows: Iterator[Mapping[str, Any]] = iter(store.rows(sql, parameters))
    return {row["partition"]: row for row in rows}


def _emitter(row: Mapping[str, Any]) -> EmitterAccount:
    """One that never reported has the epoch as its time."""
    reported_at = row["reported_at"] if row["reported_at"].timestamp() else None
    return EmitterAccount(**{**row, "reported_at": reported_at})


def _account(
    partition: int, marks: Watermarks, snapshot_offset: int, row: Mapping[str, Any], empty: int
) -> PartitionAccount:
    """The account without what only a look at the other partitions shows."""
    faults = {name: int(row[name]) for name in ("expired", "overlapping", "uncounted")}
    return PartitionAccount(
        partition=partition,
        low_watermark=marks.low,
        high_watermark=marks.high,
        begins_at=row["begins_at"],
        stored_offset=row["stored_offset"],
        snapshot_offset=snapshot_offset,
        blocks=row["blocks"],
        records=row["records"],
        kinds={kind: row[kind] for kind in KINDS},
        events=row["events"],
        event_kinds={kind: row[kind] for kind in (*EVENT_KINDS, "orphans")},
        taken_over=row["taken_over"],
        empty=empty,
        faults={
            **faults,
            "missing": int(row["missing"]) - empty,
            "ahead": snapshot_offset - row["stored_offset"],
            "rewound": row["stored_offset"] - marks.high,
        },
    )


def _with_faults(account: PartitionAccount, accounts: list[PartitionAccount]) -> PartitionAccount:
    """The account with its faults, among them what became of its forwarded records.

    What is in flight may be the missing part: that of the others, if not all of its records were taken over yet, or
    its own, if they were taken over before it stored that it forwarded them. Where the ledger does not begin with the
    log, the two sides begin at different times and cannot be compared.
    """
    faults = dict(account.faults)
    if all(other.begins_at == 0 for other in accounts):
        missing = account.kinds["forwarded"] - account.taken_over
        faults["not-taken-over"] = missing - sum(other.in_flight for other in accounts if other is not account)
        faults["foreign"] = -missing - account.in_flight
    return replace(account, faults={kind: count for kind, count in faults.items() if count > 0})
