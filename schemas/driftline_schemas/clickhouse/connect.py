"""Connections to ClickHouse's HTTP interface."""

from collections.abc import Iterator
from contextlib import contextmanager

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.settings import ClickHouseAddress

CONNECT_TIMEOUT_SECONDS = 5
ANSWER_TIMEOUT_SECONDS = 60

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})  # compressing costs more than the copy that it saves

_UNKNOWN_DATABASE = 81
_REFUSED_CODES = frozenset({192, 193, 194, 497, 516})  # unknown user, wrong or missing password, access denied
_TRANSIENT_CODES = frozenset({159, 202, 209, 210, 241, 242, 252, 745, 999})  # too slow, too busy, out of memory, ...


def connect(address: ClickHouseAddress, *, database: str | None = None) -> Client:
    """Open a client and check that the server answers.

    A client serves one thread: open one per thread, and after a fork open a new one. Every wait ends after
    `ANSWER_TIMEOUT_SECONDS`.

    Args:
        address: Server, account and database.
        database: Another database than the address names.

    Raises:
        Unavailable: Nothing answers at the address, or it is too busy to.
        ConfigurationError: The account is refused, or the database does not exist.
    """
    with translated_errors(f"{address.host}:{address.port}"):
        return clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            username=address.username,
            password=address.password,
            database=address.database if database is None else database,
            secure=address.secure,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            send_receive_timeout=ANSWER_TIMEOUT_SECONDS,
            autogenerate_session_id=False,
            compress=address.host not in _LOOPBACK,
        )


@contextmanager
def translated_errors(place: str) -> Iterator[None]:
    """Turn the driver's errors that have a remedy into Driftline's; the others pass.

    Args:
        place: The server as the message names it; no password.
    """
    try:
        yield
    except DatabaseError as error:
        cause = getattr(error.__cause__, "reason", None) or error  # of a network error: without the client's retries
        message = " ".join(str(cause).split())[:500]
        if isinstance(error, OperationalError) or error.code in _TRANSIENT_CODES:
            remedy = "check that the server runs and that DRIFTLINE_CLICKHOUSE names it"
            raise Unavailable(f"ClickHouse at {place} does not answer: {message}; {remedy}") from error
        if error.code in _REFUSED_CODES:
            remedy = "check user and password in DRIFTLINE_CLICKHOUSE"
            raise ConfigurationError(f"ClickHouse at {place} refuses the account: {message}; {remedy}") from error
        if error.code == _UNKNOWN_DATABASE:
            remedy = "run `driftline migrate`, or correct DRIFTLINE_CLICKHOUSE"
            raise ConfigurationError(f"ClickHouse at {place} lacks the database: {message}; {remedy}") from error
        raise
