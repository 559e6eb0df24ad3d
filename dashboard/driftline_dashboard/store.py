"""Questions to ClickHouse: bounded in time and rows, over a few connections that requests share."""

import math
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from driftline_schemas.clickhouse.connect import connect, translated_errors
from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.settings import ClickHouseAddress

CONNECTIONS = 8
QUESTION_SECONDS = 10
MAX_ROWS = 10_000
WAIT_SECONDS = 10.0
FRESH_SECONDS = 1.0
UNKNOWN_TABLE = 60

Row = Mapping[str, Any]

_LIMITS = {"max_execution_time": QUESTION_SECONDS, "max_result_rows": MAX_ROWS, "result_overflow_mode": "break"}


class Store:
    """Up to `CONNECTIONS` connections, each made when it is first needed; thread-safe.

    Args:
        address: Server, account and database.
    """

    def __init__(self, address: ClickHouseAddress) -> None:
        self._address = address
        self._answers: dict[tuple[str, str], tuple[float, list[Row]]] = {}
        self._lock = threading.Lock()
        self._idle: queue.LifoQueue[Client | None] = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            self._idle.put(None)

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """The rows of a query, at most `MAX_ROWS`; parameters are bound by the server (`{name:Type}`).

        The same question within `FRESH_SECONDS` has the same answer: the requests of a page ask some of them together.

        Raises:
            Unavailable: ClickHouse does not answer in `QUESTION_SECONDS`, or all connections are busy.
            ConfigurationError: It refuses the account or the query.
        """
        question = (sql, repr(sorted(parameters.items())))
        now = time.monotonic()
        asked, known = self._answers.get(question, (-math.inf, []))
        if now - asked < FRESH_SECONDS:
            return known
        with self._client() as client:
            answer = client.query(sql, parameters=parameters, settings=_LIMITS, tz_mode="aware")
            rows: list[Row] = list(answer.named_results())
        with self._lock:
            self._answers = {key: kept for key, kept in self._answers.items() if now - kept[0] < FRESH_SECONDS}
            self._answers[question] = now, rows
        return rows

    def close(self) -> None:
        """Close what is idle."""
        while not self._idle.empty():
            if (client := self._idle.get_nowait()) is not None:
                client.close()

    @contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            client = self._idle.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise Unavailable("all connections to ClickHouse are busy: try again in a moment") from None
        place = f"{self._address.host}:{self._address.port}"
        try:
            if client is None:
                client = connect(self._address)
            with _told_errors(place):
                yield client
        except Unavailable:
            client = None  # the next question makes a new connection
            raise
        finally:
            self._idle.put(client)


@contextmanager
def _told_errors(place: str) -> Iterator[None]:
    try:
        with translated_errors(place):
            yield
    except DatabaseError as error:
        remedy = "; run `driftline migrate`" * (error.code == UNKNOWN_TABLE)
        raise ConfigurationError(f"ClickHouse at {place} refuses a query: {str(error)[:500]}{remedy}") from error
