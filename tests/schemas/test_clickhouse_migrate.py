import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect, migrate, status
from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.settings import ClickHouseAddress

KEPT_FOR_EVER = {"model_spec_log", "snapshot", "model_version_log"}

pytestmark = pytest.mark.stack


def statements(client: Client) -> dict[str, str]:
    """The statement that makes a table, by its name."""
    ours = "database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'schema_versions'"
    rows = client.query(f"SELECT name, create_table_query FROM system.tables WHERE {ours}").result_rows
    return {str(name): str(statement) for name, statement in rows}


def test_migrating_twice_is_migrating_once(empty_address: ClickHouseAddress) -> None:
    assert {row.state for row in status(empty_address)} == {"pending"}
    applied = migrate(empty_address)
    assert applied == list(range(1, len(applied) + 1))
    assert migrate(empty_address) == []
    assert [(row.version, row.state) for row in status(empty_address)] == [(v, "applied") for v in applied]


def test_two_that_migrate_at_once_both_end_with_the_whole_schema(empty_address: ClickHouseAddress) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate, [empty_address, empty_address]))
    assert {row.state for row in status(empty_address)} == {"applied"}
    assert migrate(empty_address) == []


def test_every_table_has_deduplication_windows(client: Client) -> None:
    tables = statements(client)
    assert len(tables) == 26
    for name, statement in tables.items():
        assert "non_replicated_deduplication_window = 10000" in statement, name
        assert "replicated_deduplication_window_seconds = 604800" in statement, name


def test_every_table_expires_from_its_ingestion_or_never(client: Client) -> None:
    for name, statement in statements(client).items():
        if name in KEPT_FOR_EVER:
            assert " TTL " not in statement, name
        else:
            assert " TTL ingested_at + " in statement, name
            assert "ttl_only_drop_parts = 1" in statement, name


def test_every_table_view_and_column_is_described(client: Client) -> None:
    ours = "database = currentDatabase() AND {} NOT IN ('schema_versions') AND comment = ''"
    assert client.query(f"SELECT name FROM system.tables WHERE {ours.format('name')}").result_rows == []
    columns = (
        f"SELECT table, name FROM system.columns WHERE {ours.format('table')} "
        "AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View')"
    )
    assert client.query(columns).result_rows == []


def test_a_database_with_other_migrations_is_refused(database: ClickHouseAddress, client: Client) -> None:
    client.command("ALTER TABLE schema_versions UPDATE md5 = 'other' WHERE version = 1 SETTINGS mutations_sync = 1")
    with pytest.raises(ConfigurationError, match=f"{database.database}.*version is 1.*DRIFTLINE_CLICKHOUSE"):
        migrate(database)


@pytest.mark.parametrize("call", [connect, migrate, status])
def test_a_server_that_is_away_is_named_without_the_password(call: Callable[[ClickHouseAddress], object]) -> None:
    with socket.socket() as silent:  # bound, not listening: nobody else can answer there
        silent.bind(("127.0.0.1", 0))
        away = ClickHouseAddress("127.0.0.1", silent.getsockname()[1], password="hush")
        with pytest.raises(Unavailable, match=f"127.0.0.1:{away.port} does not answer.*DRIFTLINE_CLICKHOUSE") as caught:
            call(away)
    assert "hush" not in str(caught.value)


def test_a_refused_account_is_a_configuration_error(clickhouse_address: ClickHouseAddress) -> None:
    stranger = ClickHouseAddress(clickhouse_address.host, clickhouse_address.port, "stranger", "hush")
    with pytest.raises(ConfigurationError, match=r"refuses the account.*DRIFTLINE_CLICKHOUSE") as caught:
        connect(stranger)
    assert "hush" not in str(caught.value)


def test_a_missing_database_is_answered_with_migrate(empty_address: ClickHouseAddress) -> None:
    with pytest.raises(ConfigurationError, match="driftline migrate"):
        connect(empty_address)
