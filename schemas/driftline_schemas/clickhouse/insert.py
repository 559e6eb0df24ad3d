"""Inserts that may be repeated."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse.connect import translated_errors

if TYPE_CHECKING:
    import pyarrow as pa

_types: WeakKeyDictionary[Client, dict[tuple[str, ...], Sequence[ClickHouseType]]] = WeakKeyDictionary()
"""What a client has learnt of tables: asking at each insert costs as much as a small insert."""


def insert_columns(client: Client, table: str, columns: Mapping[str, Sequence[Any]], token: str) -> None:
    """Store rows that are given as columns; the same token stores nothing the second time.

    The table and the tables that materialized views fill from it remember their last 10,000 tokens, so a caller that
    does not know whether an insert arrived repeats it. The same token must mean the same rows: others are dropped.

    Args:
        client: Of the calling thread.
        table: Name of a table in the client's database.
        columns: Values by column name, all of one length; columns that are left out have their default. Times
            (`DateTime64(3)`) are lists of integer epoch milliseconds, maps are lists of dictionaries, and neither may
            be a numpy array. Without columns or without rows nothing is sent.
        token: What identifies these rows in the table, such as topic, partition and offsets.

    Raises:
        Unavailable: The server does not answer or is too busy; whether the rows are stored is not known.
    """
    if not columns or not len(next(iter(columns.values()))):
        return
    with translated_errors(client.uri):
        client.insert(
            table,
            list(columns.values()),
            column_names=list(columns),
            column_types=_column_types(client, table, list(columns)),
            column_oriented=True,
            settings=_settings(token),
        )


def insert_arrow(client: Client, table: str, rows: "pa.Table", token: str) -> None:
    """Store the rows of an Arrow table, as `insert_columns` does; for large inserts it costs a fraction of it.

    Args:
        client: Of the calling thread.
        table: Name of a table in the client's database.
        rows: Columns by the table's names; columns that are left out have their default. Times (`DateTime64(3)`) are
            `pa.timestamp("ms", "UTC")`, bytes that are no text are `pa.binary()`. Without rows nothing is sent.
        token: As for `insert_columns`.

    Raises:
        Unavailable: The server does not answer or is too busy; whether the rows are stored is not known.
    """
    if not rows.num_rows:
        return
    with translated_errors(client.uri):
        client.insert_arrow(table, rows, settings=_settings(token))


def _column_types(client: Client, table: str, columns: Sequence[str]) -> Sequence[ClickHouseType]:
    """The types of a table's columns, asked for once; no migration changes the type of a column."""
    known = _types.setdefault(client, {})
    key = (table, *columns)
    if key not in known:
        known[key] = client.create_insert_context(table, columns).column_types
    return known[key]


def _settings(token: str) -> dict[str, Any]:
    return {
        "async_insert": 0,
        "insert_deduplicate": 1,
        "insert_deduplication_token": token,
        "deduplicate_blocks_in_dependent_materialized_views": 1,
        "optimize_on_insert": 0,  # merges and FINAL replace rows; doing it at the insert too costs as much as the rest
    }
