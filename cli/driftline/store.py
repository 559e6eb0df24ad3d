"""Questions to ClickHouse."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from clickhouse_connect.driver.exceptions import DatabaseError

from driftline.output import Row
from driftline_schemas.clickhouse.connect import connect, translated_errors
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.settings import ClickHouseAddress

MESSAGE_CHARACTERS = 500
UNKNOWN_TABLE = 60

Parameters = Mapping[str, object]


class Store:
    """A connection for questions; to be closed.

    Raises:
        ConfigurationError: The account is refused or the database does not exist; or, by a question, ClickHouse refuses
            the query or does not know the format.
        Unavailable: ClickHouse does not answer.
    """

    def __init__(self, address: ClickHouseAddress) -> None:
        self._place = f"{address.host}:{address.port}"
        self._client = connect(address)

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """The rows of a query; parameters are bound by the server (`{name:Type}`)."""
        with self._told_errors():
            return list(self._client.query(sql, parameters=dict(parameters or {}), tz_mode="aware").named_results())

    def text(self, sql: str, output_format: str) -> bytes:
        """The answer to a query as ClickHouse writes it in one of its formats (`CSV`, `Markdown`, ...)."""
        with self._told_errors():
            answer: bytes = self._client.raw_query(sql, fmt=output_format)
            return answer

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    @contextmanager
    def _told_errors(self) -> Iterator[None]:
        try:
            with translated_errors(self._place):
                yield
        except DatabaseError as error:
            remedy = "; if this is one of Driftline's tables, run `driftline migrate`" * (error.code == UNKNOWN_TABLE)
            raise ConfigurationError(
                f"ClickHouse refuses the query: {str(error)[:MESSAGE_CHARACTERS]}{remedy}"
            ) from error


def rows(address: ClickHouseAddress, sql: str, parameters: Parameters | None = None) -> list[Row]:
    """The rows of one query; see `Store`."""
    with closing(Store(address)) as store:
        return store.rows(sql, parameters)


def text(address: ClickHouseAddress, sql: str, output_format: str) -> bytes:
    """The answer to one query in one of ClickHouse's formats; see `Store`."""
    with closing(Store(address)) as store:
        return store.text(sql, output_format)
