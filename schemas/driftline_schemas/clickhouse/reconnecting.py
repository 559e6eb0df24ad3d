"""A connection for services that outlive the server's outages."""

from collections.abc import Callable
from typing import TypeVar

from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse.connect import connect
from driftline_schemas.settings import ClickHouseAddress

T = TypeVar("T")


class Reconnecting:
    """A connection to ClickHouse that is made anew after every error; for one thread."""

    def __init__(self, address: ClickHouseAddress) -> None:
        self._address = address
        self._client: Client | None = None

    def __call__(self, work: Callable[[Client], T]) -> T:
        """Do some work with the connection; whatever it raises is the caller's."""
        try:
            if self._client is None:
                self._client = connect(self._address)
            return work(self._client)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client is not None:
            self._client.close()
            self._client = None
