"""Plain HTTP, as curl speaks it, against the front on the embedded engine."""

import http.client
import urllib.parse
import uuid
from collections.abc import Mapping

import pytest

from driftline_schemas.settings import ClickHouseAddress

pytestmark = pytest.mark.stack


def request(
    address: ClickHouseAddress, body: bytes, query: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=30)
    try:
        connection.request("POST", f"/?{urllib.parse.urlencode(query)}", body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "query", "answer"),
    [
        (b"SELECT 1 AS x FORMAT JSONEachRow", {}, b'{"x":1}\n'),
        (b"SELECT {a:UInt8} + 1 AS r", {"param_a": "5"}, b"6\n"),
        (b"SELECT 1", {"default_format": "CSV"}, b"1\n"),
        (b"", {"query": "SELECT 2"}, b"2\n"),
        (b"", {}, b"Ok.\n"),
    ],
)
def test_plain_http(
    clickhouse_address: ClickHouseAddress, body: bytes, query: Mapping[str, str], answer: bytes
) -> None:
    assert request(clickhouse_address, body, query) == (200, answer)


def test_data_after_the_query_in_the_address(clickhouse_address: ClickHouseAddress) -> None:
    table = f"front_{uuid.uuid4().hex[:12]}"
    steps = [
        ("", f"CREATE TABLE {table} (model String, value Float64) ENGINE = MergeTree ORDER BY model", ""),
        (f"INSERT INTO {table} FORMAT TSV", "curl\t1\n", ""),
        ("", f"SELECT * FROM {table} FORMAT CSV", '"curl",1\n'),
    ]
    for query, body, answer in steps:
        assert request(clickhouse_address, body.encode(), {"query": query}) == (200, answer.encode())


@pytest.mark.parametrize(
    ("headers", "query", "status", "code"),
    [
        ({"Content-Encoding": "lz4"}, {}, 500, b"Code: 271"),
        ({"Authorization": "Basic ???"}, {}, 403, b"Code: 516"),
        ({}, {"a; DROP TABLE t": "1"}, 404, b"Code: 115"),
        ({"Origin": "http://example.com"}, {}, 403, b"web pages"),
    ],
)
def test_bad_requests(
    clickhouse_address: ClickHouseAddress,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    status: int,
    code: bytes,
) -> None:
    answer = request(clickhouse_address, b"SELECT 1", query, headers)
    assert answer[0] == status
    assert code in answer[1]
