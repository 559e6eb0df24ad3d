import math
import time
from typing import Any

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect, insert_arrow, insert_columns
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import ClickHouseAddress
from tests.schemas.relay import relay

IN_1996_MS = 831_254_400_123
DAY_MS = 24 * 60 * 60 * 1000
INTEGER_TIMES = {"DateTime64*": "int"}

pytestmark = pytest.mark.stack


def predictions(count: int, **columns: list[Any]) -> dict[str, list[Any]]:
    return {
        "timestamp": [IN_1996_MS + i for i in range(count)],
        "model": ["elec2-price"] * count,
        "event_id": [f"e{i}" for i in range(count)],
        "features": [{f"f{k}": i + k / 16 for k in range(12)} for i in range(count)],
        "categories": [{"state": "NSW"}] * count,
        "offset": list(range(count)),
        "logged_at": [int(time.time() * 1000)] * count,
        **columns,
    }


def count_of(client: Client, table: str) -> int:
    rows = client.query("SELECT count() FROM {table:Identifier}", {"table": table}).result_rows
    return int(rows[0][0])


def test_the_same_token_stores_nothing_again(client: Client) -> None:
    for token in ("events/0/0-99", "events/0/0-99", "events/0/100-199", "events/0/0-99"):
        insert_columns(client, "prediction_log", predictions(100), token)
    assert count_of(client, "prediction_log") == 200
    assert count_of(client, "prediction_index") == 200
    assert count_of(client, "predictions") == 100


def test_an_insert_of_many_blocks_counts_once(client: Client) -> None:
    columns = predictions(1000)
    rows = pa.table({name: columns[name] for name in ("model", "event_id", "offset")})
    for block_rows in (100, 100, 300):  # a server may cut the same rows otherwise the second time
        client.set_client_setting("max_insert_block_size", block_rows)
        client.set_client_setting("min_insert_block_size_rows", block_rows)
        insert_arrow(client, "prediction_log", rows, "t")
    assert count_of(client, "prediction_log") == 1000
    assert count_of(client, "prediction_index") == 1000


def test_values_come_back_as_they_were_given(client: Client) -> None:
    given = predictions(2, score=[0.25, math.nan], prediction=["UP", "DOWN"], row=[0, 4_000_000_000])
    given |= {"timestamp": [IN_1996_MS, -1], "features": [{"price": 0.1, "null": math.nan}, {}]}
    insert_columns(client, "prediction_log", given, "t")
    found = client.query(
        "SELECT timestamp, features, categories, score, prediction, row FROM predictions ORDER BY event_id",
        query_formats=INTEGER_TIMES,
    ).result_columns
    assert list(found[0]) == [IN_1996_MS, -1]
    assert found[1][0]["price"] == 0.1
    assert math.isnan(found[1][0]["null"])
    assert found[1][1] == {}
    assert found[2] == [{"state": "NSW"}] * 2
    assert found[3][0] == 0.25
    assert math.isnan(found[3][1])
    assert [list(found[4]), list(found[5])] == [["UP", "DOWN"], [0, 4_000_000_000]]


def test_features_survive_a_merge(client: Client) -> None:
    for first in (0, 50):
        columns = {name: values[first : first + 50] for name, values in predictions(100).items()}
        insert_columns(client, "prediction_log", columns, str(first))
    client.command("OPTIMIZE TABLE prediction_log FINAL")
    rows = client.query("SELECT features['f3'], length(features) FROM predictions ORDER BY offset").result_rows
    assert [tuple(row) for row in rows] == [(i + 3 / 16, 12) for i in range(100)]


def test_nothing_to_store_is_no_insert(client: Client) -> None:
    insert_columns(client, "no_such_table", {}, "t")
    insert_columns(client, "no_such_table", {"model": [], "offset": []}, "t")
    insert_arrow(client, "no_such_table", pa.table({"model": pa.array([], pa.string())}), "t")


def test_bytes_of_a_snapshot_come_back_and_the_largest_offset_is_in_force(client: Client) -> None:
    for next_offset, state in ((200, bytes(range(256))), (100, b"older, written late")):
        columns: dict[str, list[Any]] = {
            "pipeline": ["driftline"],
            "partition": [3],
            "next_offset": [next_offset],
            "state": [state],
        }
        insert_columns(client, "snapshot", columns, str(next_offset))
    stored = client.query("SELECT next_offset, state FROM snapshot FINAL", query_formats={"String": "bytes"})
    assert [tuple(row) for row in stored.result_rows] == [(200, bytes(range(256)))]


def test_replayed_history_stays_and_what_was_stored_long_ago_goes(client: Client) -> None:
    insert_columns(client, "prediction_log", predictions(10), "replayed")
    now_ms = int(time.time() * 1000)
    old = predictions(10, logged_at=[now_ms - 100 * DAY_MS] * 10, ingested_at=[now_ms // 1000 - 100 * 86400] * 10)
    insert_columns(client, "prediction_log", old, "stored-100-days-ago")
    client.command("OPTIMIZE TABLE prediction_log FINAL")
    assert count_of(client, "prediction_log") == 10


def test_a_connection_that_breaks_is_unavailable_and_the_repeated_insert_counts_once(
    clickhouse_address: ClickHouseAddress, client: Client
) -> None:
    with relay(clickhouse_address, client.database) as address:
        through = connect(address)
        insert_columns(through, "prediction_log", predictions(10), "t")
    with pytest.raises(Unavailable, match="does not answer"):
        insert_columns(through, "prediction_log", predictions(10), "t")
    through.close()
    insert_columns(client, "prediction_log", predictions(10), "t")
    assert count_of(client, "prediction_log") == 10
