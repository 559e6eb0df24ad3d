"""The ClickHouse side of the contract: numbered DDL, connections, migrations and inserts that may be repeated."""

from driftline_schemas.clickhouse.connect import connect
from driftline_schemas.clickhouse.insert import insert_arrow, insert_columns
from driftline_schemas.clickhouse.migrate import MigrationStatus, migrate, status
from driftline_schemas.clickhouse.reconnecting import Reconnecting

__all__ = ["MigrationStatus", "Reconnecting", "connect", "insert_arrow", "insert_columns", "migrate", "status"]
