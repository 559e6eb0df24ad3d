"""Databases that tests use one after the other: to empty one takes a tenth of what it takes to make one."""

import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.settings import ClickHouseAddress

SPARE = 2
"""The one just given back rests during the next test: its last statements may still be under way."""

_SCHEMA = """
SELECT name, replaceAll(create_table_query, concat(currentDatabase(), '.'), '')
FROM system.tables WHERE database = currentDatabase() ORDER BY name
"""
_MIGRATIONS = "SELECT version, md5 FROM schema_versions ORDER BY version, md5"


class Databases:
    """Lends databases with all tables and views, and nothing in them."""

    def __init__(self, address: ClickHouseAddress) -> None:
        self._address = address
        self._free: deque[ClickHouseAddress] = deque()
        self._schema: object = None

    @contextmanager
    def lent(self) -> Iterator[ClickHouseAddress]:
        """One for a single test, which may do with it what it likes."""
        address = self._emptied() if len(self._free) >= SPARE else self._made()
        yield address
        self._free.append(address)

    def _made(self) -> ClickHouseAddress:
        address = replace(self._address, database=f"test_{uuid.uuid4().hex[:12]}")
        migrate(address)
        if self._schema is None:
            with closing(connect(address)) as client:
                self._schema = _schema(client)
        return address

    def _emptied(self) -> ClickHouseAddress:
        """The one that was given back first; where a test has changed its tables, another one."""
        address = self._free.popleft()
        with closing(connect(address)) as client:
            if _schema(client) == self._schema:
                name = {"name": address.database}
                client.command("TRUNCATE ALL TABLES FROM {name:Identifier} NOT LIKE 'schema_versions'", name)
                return address
        drop(address)
        return self._made()


def drop(address: ClickHouseAddress) -> None:
    """Drop a database: the engine counts some megabytes for each, and has an end of them."""
    with closing(connect(address, database="default")) as client:
        client.command("DROP DATABASE IF EXISTS {name:Identifier} SYNC", {"name": address.database})


def _schema(client: Client) -> object:
    return [client.query(sql).result_rows for sql in (_SCHEMA, _MIGRATIONS)]
