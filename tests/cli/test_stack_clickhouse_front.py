"""The unmodified clickhouse-connect against the front on the embedded engine."""

import asyncio
import gzip
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData

from driftline_schemas.settings import ClickHouseAddress

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
COLUMNS = ["ts", "model", "value", "features", "tags", "rank"]
ROW = [NOW, "fraud", 1.5, {"amount": 1.0}, ["x", "y"], None]
TABLE = """CREATE TABLE t (ts DateTime64(3, 'Europe/Berlin'), model LowCardinality(String), value Float64,
    features Map(LowCardinality(String), Float64), tags Array(String), rank Nullable(Int32))
    ENGINE = MergeTree ORDER BY (model, ts) SETTINGS non_replicated_deduplication_window = 100"""


@pytest.fixture
def connected(clickhouse_address: ClickHouseAddress) -> Iterator[Callable[..., Client]]:
    """Opens clients in a database of the test's own."""
    clients: list[Client] = []
    name = f"front_{uuid.uuid4().hex[:12]}"

    def connect(**options: Any) -> Client:
        address = {"host": clickhouse_address.host, "port": clickhouse_address.port}
        client = clickhouse_connect.get_client(**{**address, "database": name, **options})
        clients.append(client)
        return client

    connect(database="default").command(f"CREATE DATABASE {name}")
    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def client(connected: Callable[..., Client]) -> Client:
    client = connected()
    client.command(TABLE)
    return client


def count(client: Client) -> Any:
    return client.command("SELECT count() FROM t")


def pairs(client: Client, statement: str) -> dict[Any, Any]:
    rows: Any = client.query(statement).result_rows
    return dict(rows)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 42", 42),
        ("SELECT 'a b'", "a b"),
        ("SELECT currentDatabase() LIKE 'front_%'", 1),
        ("SELECT /* a comment FORMAT TSV */ 1", 1),
        ("WITH 2 AS x SELECT x + 1", 3),
        ("EXISTS TABLE t", 1),
    ],
)
def test_commands(client: Client, statement: str, expected: object) -> None:
    assert client.command(statement) == expected


def test_a_query_reads_with_as_many_threads_as_it_is_allowed(client: Client) -> None:
    plan = client.command("EXPLAIN PIPELINE SELECT sum(number) FROM numbers_mt(10000000) SETTINGS max_threads = 3")
    assert "AggregatingTransform \N{MULTIPLICATION SIGN} 3" in str(plan)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("String", 'it\'s\ta\nb\\c "q" ü€'),
        ("Array(Int32)", [1, 2]),
        ("DateTime64(3, 'Europe/Berlin')", NOW),
        ("Nullable(String)", None),
        ("Float64", 0.1),
    ],
)
def test_bound_parameters_come_back(client: Client, type_name: str, value: object) -> None:
    rows = client.query(f"SELECT {{v:{type_name}}}", parameters={"v": value}).result_rows
    assert rows == [(value,)]


def test_long_parameters_travel_in_the_form(connected: Callable[..., Client]) -> None:
    client = connected(form_encode_query_params=True)
    assert client.query("SELECT {v:String}", parameters={"v": "z" * 50_000}).result_rows == [("z" * 50_000,)]


def test_settings_hold_for_one_query(client: Client) -> None:
    ask = "SELECT getSetting('max_block_size')"
    usual = client.command(ask)
    assert client.command(ask, settings={"max_block_size": 777}) == 777
    assert client.command(ask) == usual


def test_rows_come_back_as_they_were_inserted(client: Client) -> None:
    summary = client.insert("t", [ROW], column_names=COLUMNS)
    assert summary.written_rows == 1
    assert client.query("SELECT * FROM t").result_rows == [tuple(ROW)]


def test_an_insert_with_the_same_token_counts_once(client: Client) -> None:
    for _ in range(2):
        client.insert("t", [ROW] * 5, column_names=COLUMNS, settings={"insert_deduplication_token": "batch-1"})
    client.insert("t", [ROW] * 5, column_names=COLUMNS, settings={"insert_deduplication_token": "batch-2"})
    assert count(client) == 10


def test_inserts_of_every_kind(client: Client) -> None:
    client.insert_arrow("t", pa.table({"model": ["arrow"], "value": [3.0]}))
    client.raw_insert("t", insert_block=b'{"model":"raw","value":1}\n', fmt="JSONEachRow")
    packed = gzip.compress(b'{"model":"gzip","value":1}\n')
    client.raw_insert("t", insert_block=packed, fmt="JSONEachRow", compression="gzip")
    client.command("INSERT INTO t (model, value) VALUES ('values', 1), ('values', 2)")
    client.command("INSERT INTO t (model, value) SELECT 'select', number FROM numbers(3)")
    client.command("INSERT INTO t (model, value) FORMAT CSV", data="csv,5\n")
    assert pairs(client, "SELECT model, count() FROM t GROUP BY model") == {
        "arrow": 1,
        "raw": 1,
        "gzip": 1,
        "values": 2,
        "select": 3,
        "csv": 1,
    }


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_compressed_inserts_and_results(connected: Callable[..., Client], client: Client, compression: object) -> None:
    compressing = connected(compress=compression)
    compressing.insert("t", [ROW] * 2000, column_names=COLUMNS)
    assert compressing.query("SELECT number FROM numbers(100000)").row_count == 100_000
    assert count(client) == 2000


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_an_insert_of_many_blocks_is_stored_whole(
    connected: Callable[..., Client], client: Client, compression: object
) -> None:
    client.command("CREATE TABLE many (text String) ENGINE = MergeTree ORDER BY tuple()")
    connected(compress=compression).insert("many", [[f"{number:1000d}"] for number in range(20_000)])
    assert client.query("SELECT count(), uniqExact(text) FROM many").first_row == (20_000, 20_000)


def test_results_as_arrow_frames_and_raw_bytes(client: Client) -> None:
    statement = "SELECT number AS n, 'x' AS s FROM numbers(10)"
    assert client.query_arrow(statement).num_rows == 10
    assert client.query_df(statement).shape == (10, 2)
    assert client.query_np("SELECT number FROM numbers(10)").shape == (10, 1)
    assert client.raw_query("SELECT 1 AS a", fmt="Parquet")[:4] == b"PAR1"
    assert client.query("SELECT 1 AS a, 'x' AS b LIMIT 0").column_names == ("a", "b")
    assert client.query("SELECT 1 WHERE 0").result_rows == []


def test_a_long_result_is_streamed(client: Client) -> None:
    with client.query_row_block_stream("SELECT number, toString(number) FROM numbers(1000000)") as blocks:
        assert sum(len(block) for block in blocks) == 1_000_000


def test_a_reader_that_leaves_early_harms_nobody(client: Client) -> None:
    with client.query_rows_stream("SELECT number FROM numbers(100000000)") as rows:
        assert next(iter(rows)) == (0,)
    assert client.command("SELECT 1") == 1


@pytest.mark.parametrize(
    ("statement", "settings", "code"),
    [
        ("SELEC 1", {}, 62),
        ("SELECT * FROM nope", {}, 60),
        ("SELECT nope", {}, 47),
        ("SELECT 1", {"no_such_setting": 1}, 115),
        ("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 9", {"max_execution_time": 1}, 159),
        ("DROP TABLE nope", {}, 60),
    ],
)
def test_errors_carry_the_servers_code(client: Client, statement: str, settings: Mapping[str, Any], code: int) -> None:
    with pytest.raises(DatabaseError, match=f"error code {code}|code {code}|Code: {code}"):
        client.query(statement, settings=dict(settings))


def test_an_error_in_the_middle_of_a_result_is_raised(client: Client) -> None:
    statement = "SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 10000"
    with pytest.raises(Exception, match="throwIf"), client.query_row_block_stream(statement) as blocks:
        for _ in blocks:
            pass


def test_a_bad_insert_stores_nothing(client: Client) -> None:
    with pytest.raises(DatabaseError, match="Code: 72"):
        client.raw_insert("t", insert_block=b'{"value":1}\n{"value":"abc"}\n', fmt="JSONEachRow")
    assert count(client) == 0


def test_an_insert_that_finds_the_disk_full_fails(client: Client) -> None:
    full = "min_free_disk_bytes_to_perform_insert = 1000000000000000000"
    client.command(f"CREATE TABLE full (n UInt8) ENGINE = MergeTree ORDER BY n SETTINGS {full}")
    with pytest.raises(DatabaseError, match="NOT_ENOUGH_SPACE"):
        client.insert("full", [[1]], column_names=["n"])
    assert client.query("SELECT n FROM full").result_rows == []


def test_a_session_keeps_its_temporary_tables(connected: Callable[..., Client]) -> None:
    one, other = connected(), connected()
    one.command("CREATE TEMPORARY TABLE mine (a Int32)")
    one.command("INSERT INTO mine VALUES (7)")
    assert one.command("SELECT a FROM mine") == 7
    with pytest.raises(DatabaseError, match="mine"):
        other.command("SELECT a FROM mine")


def test_external_data_is_refused(client: Client) -> None:
    external = ExternalData(file_name="ext", data=b"1\n", fmt="CSV", structure="a Int32")
    with pytest.raises(DatabaseError, match="external data"):
        client.query("SELECT * FROM ext", external_data=external)


@pytest.mark.parametrize(("user", "password"), [("nobody", ""), ("default", "guess")])
def test_only_the_default_user_is_known(connected: Callable[..., Client], user: str, password: str) -> None:
    with pytest.raises(DatabaseError, match="516"):
        connected(username=user, password=password)


def test_many_clients_at_once(connected: Callable[..., Client], client: Client) -> None:
    def write(number: int) -> None:
        writer = connected()
        for turn in range(10):
            writer.insert("t", [[f"model {number}", turn]] * 100, column_names=["model", "value"])
            writer.query("SELECT count() FROM t")

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    assert count(client) == 6000


def test_the_async_client(client: Client, clickhouse_address: ClickHouseAddress) -> None:
    async def ask() -> Any:
        asking = await clickhouse_connect.get_async_client(host=clickhouse_address.host, port=clickhouse_address.port)
        try:
            return (await asking.query("SELECT 1")).result_rows
        finally:
            await asking.close()

    assert asyncio.run(ask()) == [(1,)]


def test_acknowledged_rows_are_on_disk(client: Client) -> None:
    durable = "SELECT name, value FROM system.merge_tree_settings WHERE name LIKE 'fsync%' ORDER BY name"
    assert pairs(client, durable) == {"fsync_after_insert": "1", "fsync_part_directory": "1"}
