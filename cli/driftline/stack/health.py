"""Whether a part of the stack does its work, asked the way its clients ask."""

import socket
import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import urlopen

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

PROBE_SECONDS = 3.0
POLL_SECONDS = 0.05


def kafka_answers(port: int) -> bool:
    """Whether the broker on this loopback port answers a request for metadata."""
    if not _listens(port):  # Kafka's client would try again for seconds
        return False
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=f"127.0.0.1:{port}",
            request_timeout_ms=int(PROBE_SECONDS * 1000),
            bootstrap_timeout_ms=int(PROBE_SECONDS * 1000),
        )
        try:
            return bool(admin.describe_cluster()["brokers"])
        finally:
            admin.close()
    except KafkaError:
        return False


def clickhouse_answers(port: int) -> bool:
    """Whether ClickHouse on this loopback port runs a statement."""
    return _get(f"http://127.0.0.1:{port}/?query=SELECT%201") == b"1\n"


def http_answers(url: str) -> bool:
    """Whether this address answers with status 200."""
    return _get(url) is not None


def wait_until(healthy: Callable[[], bool], timeout_seconds: float) -> bool:
    """Ask until it is healthy; False when it is not in time."""
    deadline = time.monotonic() + timeout_seconds
    while not healthy():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def _get(url: str) -> bytes | None:
    try:
        with urlopen(url, timeout=PROBE_SECONDS) as response:  # noqa: S310 - an address of our own making
            body: bytes = response.read()
            return body
    except (URLError, HTTPException, OSError):
        return None
