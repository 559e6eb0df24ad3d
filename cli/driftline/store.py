"""Questions to ClickHouse."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clickhouse_connect.driver.exceptions import DatabaseError

from driftline.output import Row
from driftline_schemas.clickhouse.connect import connect, translated_errors
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.settings import ClickHouseAddress

MESSAGE_CHARACTERS = 500

Parameters = Mapping[str, object]


def rows(address: ClickHouseAddress, sql: str, parameters: Parameters | None = None) -> list[Row]:
    """The rows of a query; parameters are bound by the server (`{name:Type}`).

    Raises:
        ConfigurationError: ClickHouse refuses the query.
        Unavailable: ClickHouse does not answer.
    """
    with _session(address) as client:
        return list(client.query(sql, parameters=dict(parameters or {}), tz_mode="aware").named_results())


def text(address: ClickHouseAddress, sql: str, output_format: str) -> bytes:
    """The answer to a query as ClickHouse writes it in one of its formats (`CSV`, `Markdown`, `JSONEachRow`, ...).

    Raises:
        ConfigurationError: ClickHouse refuses the query or does not know the format.
        Unavailable: ClickHouse does not answer.
    """
    with _session(address) as client:
        answer: bytes = client.raw_query(sql, fmt=output_format)
        return answer


@contextmanager
def _session(address: ClickHouseAddress) -> Iterator[Any]:
    client = connect(address)
    try:
        with translated_errors(f"{address.host}:{address.port}"):
            yield client
    except DatabaseError as error:
        raise ConfigurationError(f"ClickHouse refuses the query: {str(error)[:MESSAGE_CHARACTERS]}") from error
    finally:
        client.close()
