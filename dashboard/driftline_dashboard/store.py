"""Questions to ClickHouse: bounded in time and rows, over a few connections that requests share."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias, TypeVar

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

T = TypeVar("T")

Later: TypeAlias = Callable[[], T]
"""What has been asked already: to call it is to wait for the answer; raises as `Store.rows` does."""

_SETTINGS = {
    "max_execution_time": QUESTION_SECONDS,
    "max_result_rows": MAX_ROWS,
    "result_overflow_mode": "break",
    # Few rows are read: to compile an expression, which ClickHouse does when it meets one again, takes far longer.
    "compile_expressions": 0,
    "compile_aggregate_expressions": 0,
    "compile_sort_description": 0,
}


class Store:
    """Up to `CONNECTIONS` connections, each with a thread, made when they are first needed; thread-safe.

    Args:
        address: Server, account and database.
    """

    def __init__(self, address: ClickHouseAddress) -> None:
        self._address = address
        self._answers: dict[tuple[str, str], tuple[float, Future[list[Row]]]] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(CONNECTIONS, "clickhouse")
        self._idle: queue.LifoQueue[Client] = queue.LifoQueue()

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """The rows of a query, at most `MAX_ROWS`; parameters are bound by the server (`{name:Type}`).

        The same question within `FRESH_SECONDS` is asked once: the requests of a page ask some of them together.

        Raises:
            Unavailable: ClickHouse does not answer in `QUESTION_SECONDS`, or other questions take longer.
            ConfigurationError: It refuses the account or the query.
        """
        return self.ask(sql, **parameters)()

    def ask(self, sql: str, **parameters: object) -> Later[list[Row]]:
        """The same for several questions at once."""
        question, now = (sql, repr(sorted(parameters.items()))), time.monotonic()
        with self._lock:
            self._answers = {key: kept for key, kept in self._answers.items() if now - kept[0] < FRESH_SECONDS}
            if question not in self._answers:
                self._answers[question] = now, self._threads.submit(self._query, sql, parameters)
            _, answer = self._answers[question]
        return partial(_waited_for, answer)

    def close(self) -> None:
        """Close what is idle; nothing can be asked afterwards."""
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _query(self, sql: str, parameters: dict[str, object]) -> list[Row]:
        with self._client() as client:
            answer = client.query(sql, parameters=parameters, settings=_SETTINGS, tz_mode="aware")
            return list(answer.named_results())

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """A connection; one that failed is not used again."""
        with _told_errors(f"{self._address.host}:{self._address.port}"):
            try:
                client = self._idle.get_nowait()
            except queue.Empty:
                client = connect(self._address)
            yield client
        self._idle.put(client)


def _waited_for(answer: Future[list[Row]]) -> list[Row]:
    try:
        return answer.result(timeout=WAIT_SECONDS + QUESTION_SECONDS)
    except TimeoutError:
        raise Unavailable("ClickHouse has many questions to answer: try again in a moment") from None


@contextmanager
def _told_errors(place: str) -> Iterator[None]:
    try:
        with translated_errors(place):
            yield
    except DatabaseError as error:
        remedy = "; run `driftline migrate`" * (error.code == UNKNOWN_TABLE)
        raise ConfigurationError(f"ClickHouse at {place} refuses a query: {str(error)[:500]}{remedy}") from error
