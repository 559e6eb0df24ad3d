"""The tables and views, made and changed by the numbered files in `migrations/`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from clickhouse_migrations.connection import ClickhouseConnectConnection, Connection
from clickhouse_migrations.exceptions import MigrationException

from driftline_schemas.clickhouse.connect import connect, translated_errors
from driftline_schemas.clickhouse.document import describe_views
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.settings import ClickHouseAddress

MIGRATIONS = Path(__file__).parent / "migrations"


class MigrationStatus(NamedTuple):
    """One migration, known to this version of Driftline or to the database.

    Attributes:
        version: Number of the file.
        state: `md5-mismatch` when the file is not the one that was applied, `unknown` when there is no such file.
        applied_at: UTC, when it was applied; None when it was not.
    """

    version: int
    state: Literal["applied", "pending", "md5-mismatch", "unknown"]
    applied_at: datetime | None


class _Cluster(ClickhouseCluster):  # type: ignore[misc]  # the library has no types
    """The library on connections of ours, with their timeouts and errors."""

    def __init__(self, address: ClickHouseAddress) -> None:
        super().__init__(driver="clickhouse-connect", db_name=address.database)
        self._address = address

    def connection(self, db_name: str | None = None) -> Connection:
        """Connect to the database, or with "" to one that exists before it."""
        return ClickhouseConnectConnection(connect(self._address, database="default" if db_name == "" else db_name))


def migrate(address: ClickHouseAddress) -> list[int]:
    """Create the database if it is missing and apply the migrations that it lacks.

    Several processes may do so at once: every statement has no effect the second time, and a migration that two of
    them record counts once.

    Returns:
        The versions that were applied, in order.

    Raises:
        Unavailable: The server does not answer.
        ConfigurationError: The account is refused, or the database was migrated by another version of Driftline.
    """
    with _migration_errors(address):
        applied = _Cluster(address).migrate(None, MIGRATIONS, migration_log_format="compact")
    if applied:
        with connect(address) as client:
            describe_views(client)
    return [migration.version for migration in applied]


def status(address: ClickHouseAddress) -> list[MigrationStatus]:
    """Every migration and whether it is applied; changes nothing.

    Raises:
        Unavailable: The server does not answer.
        ConfigurationError: The account is refused.
    """
    with _migration_errors(address):
        rows = _Cluster(address).status(None, MIGRATIONS)
    return [MigrationStatus(row.version, row.state, row.applied_at) for row in rows]


@contextmanager
def _migration_errors(address: ClickHouseAddress) -> Iterator[None]:
    place = f"{address.host}:{address.port}"
    try:
        with translated_errors(place):
            yield
    except MigrationException as error:
        remedy = "use the version of Driftline that migrated it, or another database in DRIFTLINE_CLICKHOUSE"
        raise ConfigurationError(
            f"database {address.database} on {place} has other migrations: {error} {remedy}"
        ) from error
