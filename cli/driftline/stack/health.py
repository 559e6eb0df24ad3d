"""Whether a part of the stack does its work, asked the way its clients ask."""

import socket
import struct
import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import urlopen

PROBE_SECONDS = 3.0
POLL_SECONDS = 0.05

# Kafka's Metadata request, version 1, for no topic: its key, version, a correlation id, no client id, an empty array.
METADATA_REQUEST = struct.pack(">hhihi", 3, 1, 0, -1, 0)
ANSWER_BYTES = 12  # of the answer, as far as it is read: its length, the correlation id, the number of brokers


def kafka_answers(port: int) -> bool:
    """Whether the broker on this loopback port answers a request for metadata and counts itself among the living.

    Asked without a client: kafka-python's leaves a thread and a socket behind when there is no answer.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), PROBE_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(METADATA_REQUEST)) + METADATA_REQUEST)
            answer = connection.recv(ANSWER_BYTES, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(answer) == ANSWER_BYTES and struct.unpack(">iii", answer)[2] > 0


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


def _get(url: str) -> bytes | None:
    try:
        with urlopen(url, timeout=PROBE_SECONDS) as response:  # noqa: S310 - an address of our own making
            body: bytes = response.read()
            return body
    except (URLError, HTTPException, OSError):
        return None
