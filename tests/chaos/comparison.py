"""What differs between two readings of one log: in the tables, and in what was sent to Kafka."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from driftline_schemas.topics import Topic
from tests.stream_processors.harness import Installation

SHOWN = 3
Offsets = Mapping[int, int]
Sent = dict[str, set[bytes]]
"""What was sent, by id."""


_SUMS = {
    "traffic_profile": "model, version, hour, sum(predictions), min(first_at), max(last_at), max(last_logged_at), "
    "sum(scored), round(sum(score_total), 6), quantilesDDMerge(0.01, 0.5, 0.95)(latencies)",
    "served_versions": "model, version, sum(predictions), min(first_at), max(last_at), max(last_logged_at)",
    "recent_windows": "model, metric, arraySlice(arrayDistinct(groupArraySortedMerge(48)(ended)), 1, 24)",
}


@dataclass
class Findings:
    """Attributes: `wrong` says what differs, `counts` how much there was."""

    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def compare_tables(live: Installation, calm: Installation, cut: Offsets) -> Findings:
    """Every table of both, up to the offsets of `cut`; also that no row is stored twice.

    Blocks, and what else is counted per block, end at those offsets in both readings.
    """
    findings = Findings()
    tables = _tables(live)
    for table in (*tables, *_SUMS):
        rows = _rows(live, table, tables.get(table), cut), _rows(calm, table, tables.get(table), cut)
        counts = [live.query(f"SELECT count() FROM ({sql})")[0][0] for sql in rows]
        findings.counts[table] = counts[0]
        only = [_only(live, *rows), _only(live, *reversed(rows))]
        if counts[0] != counts[1] or any(only):
            findings.wrong.append(
                f"{table}: {counts[0]} rows disturbed, {counts[1]} undisturbed; only disturbed: {only[0]}; "
                f"only undisturbed: {only[1]}"
            )
        for installation in (live, calm) if table in tables else ():
            findings.wrong += _stored_twice(installation, table)
    for installation in (live, calm):
        findings.wrong += _counted_otherwise(installation)
    return findings


def _tables(installation: Installation) -> dict[str, set[str]]:
    rows = installation.query(
        "SELECT table, groupArray(name) FROM system.columns WHERE database = currentDatabase() "
        "AND (endsWith(table, '_log') OR endsWith(table, '_index')) GROUP BY table ORDER BY table"
    )
    return {str(table): set(columns) for table, columns in rows}


def _rows(installation: Installation, table: str, columns: set[str] | None, cut: Offsets) -> str:
    """The query for a table's rows as text; of a table of sums, for what they add up to."""
    database = installation.database.database
    if columns is None:
        return f"SELECT toString(tuple({_SUMS[table]})) AS row FROM {database}.{table} GROUP BY ALL"
    per_block = "last_offset" in columns
    upto = " OR ".join(f"(partition = {p} AND last_offset < {offset})" for p, offset in cut.items())
    return f"SELECT toString(tuple(* EXCEPT ingested_at)) AS row FROM {database}.{table} FINAL" + (
        f" WHERE {upto}" if per_block else ""
    )


def _only(installation: Installation, these: str, others: str) -> list[str]:
    found = installation.query(f"SELECT row FROM ({these} EXCEPT {others}) ORDER BY row LIMIT {SHOWN}")
    return [row for (row,) in found]


def _stored_twice(installation: Installation, table: str) -> Iterator[str]:
    name = f"{installation.database.database}.{table}"
    found = installation.query(
        f"SELECT toString(tuple(* EXCEPT ingested_at)) AS row, count() FROM {name} GROUP BY row HAVING count() > 1"
    )
    if found:
        yield f"{name}: {len(found)} rows are stored more than once, such as {found[:SHOWN]}"


def _counted_otherwise(installation: Installation) -> Iterator[str]:
    """Features of which the profile counts more or fewer predictions than are stored."""
    for column, profile in (("features", "feature_profile_numbers"), ("categories", "feature_profile_categories")):
        found = installation.query(f"""
            SELECT feature, sum(stored) AS s, sum(counted) AS c
            FROM (SELECT arrayJoin(mapKeys({column})) AS feature, 1 AS stored, 0 AS counted FROM prediction_log
                  UNION ALL SELECT feature, 0, rows FROM {profile})
            GROUP BY feature HAVING s != c""")
        if found:
            yield f"{installation.database.database}.{profile}: feature, stored, counted: {found[:SHOWN]}"


def ends(kafka: str, topic: Topic) -> Offsets:
    """Per partition, the offset after the last record."""
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    try:
        partitions = [TopicPartition(topic.name, p) for p in range(topic.partitions)]
        return {tp.partition: offset for tp, offset in consumer.end_offsets(partitions).items()}
    finally:
        consumer.close()


def read(kafka: str, topic: Topic, start: Offsets, end: Offsets) -> Iterator[Any]:
    """The records from `start` up to `end`, partition by partition."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, fetch_max_bytes=64 * 1024 * 1024, enable_auto_commit=False)
    try:
        for partition, last in end.items():
            where = TopicPartition(topic.name, partition)
            consumer.assign([where])
            consumer.seek(where, start.get(partition, 0))
            while consumer.position(where) < last:
                for records in consumer.poll(timeout_ms=1000).values():
                    yield from (record for record in records if record.offset < last)
    finally:
        consumer.close()


def sent(records: Iterable[Any], name: str) -> tuple[Sent, int]:
    """What was sent by its id (the field `name`; for a dead letter its place), and how often the same came again."""
    by_id: Sent = {}
    count = 0
    for record in records:
        if name == "alert_id" and json.loads(record.value)["kind"] == "pipeline":
            continue  # what a worker says of itself depends on its clock
        headers = dict(record.headers)
        place = f"{headers.get('driftline-partition', b'').decode()}:{headers.get('driftline-offset', b'').decode()}"
        key = place if name == "" else str(json.loads(record.value)[name])
        by_id.setdefault(key, set()).add(bytes(record.value or b""))
        count += 1
    return by_id, count - len(by_id)


def compare_sent(what: str, live: Sent, calm: Sent, stored: Iterable[str]) -> Sequence[str]:
    """Ids and contents of both readings, and the ids in the table."""
    wrong = []
    if unequal := [key for key in live.keys() | calm.keys() if live.get(key) != calm.get(key) or len(live[key]) > 1]:
        shown = [(key, live.get(key), calm.get(key)) for key in sorted(unequal)[:SHOWN]]
        wrong.append(f"{what}: {len(unequal)} differ; (id, disturbed, undisturbed): {shown}"[:2000])
    if different := live.keys() ^ set(stored):
        wrong.append(f"{what}: {len(different)} are either sent or stored but not both: {sorted(different)[:SHOWN]}")
    return wrong
