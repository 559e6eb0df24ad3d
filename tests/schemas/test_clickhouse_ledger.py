"""The views that account for every record and every event."""

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import insert_columns

pytestmark = pytest.mark.stack


def insert(client: Client, table: str, **row: Any) -> None:
    insert_columns(client, table, {name: [value] for name, value in row.items()}, repr(row))


def block(client: Client, first_offset: int, last_offset: int, *, partition: int = 0, **columns: Any) -> None:
    """Store a block of ticks, unless the columns say otherwise."""
    row = {"records": last_offset - first_offset + 1, **columns}
    row.setdefault("ticks", row["records"])
    insert(client, "block_log", partition=partition, first_offset=first_offset, last_offset=last_offset, **row)


def report(client: Client, sent: int, offset: int, **columns: Any) -> None:
    row = {"model": "m", "emitter": "e", "logged": sent, "sent": sent, "partition": 0, "offset": offset, **columns}
    insert(client, "emitter_report_log", **row)


def arrival(client: Client, events: int, first_offset: int, last_offset: int, **columns: Any) -> None:
    row = {"model": "m", "emitter": "e", "partition": 0, "events": events, **columns}
    insert(client, "emitter_arrival_log", first_offset=first_offset, last_offset=last_offset, **row)


def faults(client: Client, partition: int = 0) -> dict[str, int]:
    """What the ledger cannot explain of a partition."""
    names = ("expired", "missing", "overlapping", "uncounted")
    sql = f"SELECT {', '.join(names)} FROM ledger WHERE partition = {partition}"
    (row,) = client.query(sql).result_rows
    return {name: int(value) for name, value in zip(names, row, strict=True) if value}


def unexplained(client: Client) -> int:
    ((value,),) = client.query("SELECT unexplained FROM emitters").result_rows
    return int(value)


def test_blocks_that_follow_each_other_explain_everything(client: Client) -> None:
    block(client, 0, 9)
    block(client, 10, 29)
    assert faults(client) == {}
    found = client.query("SELECT begins_at, stored_offset, blocks, records, ticks FROM ledger").result_rows
    assert [tuple(row) for row in found] == [(0, 30, 2, 30, 30)]


def test_what_is_in_no_block_is_missing(client: Client) -> None:
    block(client, 0, 9)
    block(client, 15, 19)
    assert faults(client) == {"missing": 5}
    block(client, 20, 29, records=8)
    assert faults(client) == {"missing": 7}


def test_what_is_in_two_blocks_overlaps(client: Client) -> None:
    block(client, 0, 99)
    block(client, 10, 19)
    block(client, 95, 104)
    assert faults(client) == {"overlapping": 15}


def test_offsets_before_the_first_record_are_no_fault_and_later_ones_are_lost(client: Client) -> None:
    block(client, 0, 99, first_record=90, records=10)
    assert faults(client) == {}
    block(client, 100, 199, first_record=160, records=40)
    assert faults(client) == {"expired": 60}


def test_sums_that_do_not_add_up_are_uncounted(client: Client) -> None:
    block(client, 0, 9, data_records=4, dead_letters=1, forwarded=2, duplicates=1, ticks=1, controls=1, events=0)
    assert faults(client) == {}
    block(client, 10, 19, data_records=9, ticks=0, events=90, predictions=50, outcomes=20, repeated=20)
    assert faults(client) == {"uncounted": 1}
    block(client, 20, 29, data_records=10, ticks=0, events=90, predictions=50, outcomes=20, repeated=18)
    assert faults(client) == {"uncounted": 3}


def test_the_blocks_show_the_new_counts(client: Client) -> None:
    block(client, 0, 9, data_records=4, dead_letters=1, forwarded=2, duplicates=1, ticks=1, controls=1, repeated=3)
    found = client.query("SELECT first_record, data_records, repeated, taken_over FROM blocks").result_rows
    assert [tuple(row) for row in found] == [(0, 4, 3, {})]


def test_blocks_from_before_the_ledger_add_up(client: Client) -> None:
    block(client, 0, 9, ticks=1, dead_letters=1, forwarded=1, predictions=30, outcomes=40)
    assert faults(client) == {}


def test_a_forwarded_record_is_seen_where_it_is_taken(client: Client) -> None:
    block(client, 0, 9, ticks=7, forwarded=3)
    block(client, 0, 9, partition=1, taken_over={0: 1, 2: 5})
    block(client, 10, 19, partition=2, taken_over={0: 1})
    rows = client.query("SELECT partition, forwarded, taken_over FROM ledger ORDER BY partition").result_rows
    assert [tuple(row) for row in rows] == [(0, 3, 2), (1, 0, 0), (2, 0, 5)]


def test_an_emitter_is_compared_at_its_last_report(client: Client) -> None:
    arrival(client, 50, 0, 9)
    report(client, 50, offset=12, arrived=0)
    arrival(client, 30, 10, 19)  # after the report, in the same block
    assert unexplained(client) == 0
    report(client, 100, offset=25, arrived=20)
    arrival(client, 40, 20, 29)
    assert unexplained(client) == 0
    report(client, 121, offset=35, arrived=0)
    assert unexplained(client) == 1


def test_a_forwarded_event_arrives_once(client: Client) -> None:
    arrival(client, 10, 0, 9, partition=1, forwarded=10)
    report(client, 10, offset=30, arrived=10)
    arrival(client, 10, 20, 30)
    assert unexplained(client) == 0
    assert client.query("SELECT arrived, forwarded FROM emitters").result_rows == [(10, 10)]


def test_an_emitter_that_sent_before_the_ledger_began_is_compared_from_its_first_report(client: Client) -> None:
    block(client, 0, 19, first_record=10, records=10)
    report(client, 5_000, offset=15, arrived=3)
    arrival(client, 3, 10, 19)
    assert unexplained(client) == 0
    arrival(client, 10, 20, 29)
    report(client, 5_011, offset=35, arrived=0)
    assert unexplained(client) == 1


def test_an_emitter_that_never_reported_and_one_of_which_nothing_arrived(client: Client) -> None:
    arrival(client, 10, 0, 9, emitter="silent", repeated=1, dead_letters=2)
    report(client, 7, offset=3, emitter="lost", dropped={"queue-full": 2}, queued=1)
    columns = "emitter, sent, dropped, queued, arrived, repeated, dead_letters, unexplained"
    rows = client.query(f"SELECT {columns} FROM emitters ORDER BY emitter").result_rows
    assert [tuple(row) for row in rows] == [
        ("lost", 7, {"queue-full": 2}, 1, 0, 0, 0, 7),
        ("silent", 0, {}, 0, 10, 1, 2, 0),
    ]


def test_a_dead_letter_shows_where_it_was_taken_again(client: Client) -> None:
    for offset in (3, 4):
        insert(client, "dead_letter_log", partition=1, offset=offset, reason="not-json")
    insert(client, "dead_letter_replay_log", partition=1, offset=3, replayed_partition=0, replayed_offset=0)
    sql = "SELECT offset, replayed, replayed_partition, replayed_offset FROM dead_letters ORDER BY offset"
    assert [tuple(row) for row in client.query(sql).result_rows] == [(3, True, 0, 0), (4, False, 0, 0)]
