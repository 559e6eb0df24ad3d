"""Send payments to the service, and what became of each a while later: `python -m fraud_service.traffic`."""

import argparse
import json
import time
from collections import deque
from collections.abc import Iterable
from contextlib import closing
from http.client import HTTPConnection
from itertools import islice
from typing import Any

from fraud_service.payments import Payment, payments

OUTCOME_LATER = 200
"""What a payment was is known so many payments later."""


def send(address: str, count: int, *, turn_at: int | None = None, seed: int = 2, per_second: float = 200.0) -> float:
    """Send payments at a steady pace and return the share that was predicted right."""
    with closing(HTTPConnection(address, timeout=30)) as connection:
        return _send(connection, islice(payments(seed, turn_at), count), per_second) / count


def _send(connection: HTTPConnection, sent: Iterable[Payment], per_second: float) -> int:
    """Return how many were predicted right."""
    waiting: deque[tuple[str, str]] = deque()
    right = 0
    began = time.monotonic()
    for number, payment in enumerate(sent):
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        answer = _post(connection, "/predictions", payment.features)
        right += answer["prediction"] == payment.label
        waiting.append((answer["event_id"], payment.label))
        if len(waiting) > OUTCOME_LATER:
            _report(connection, *waiting.popleft())
        if number % 1000 == 999:
            print(f"{number + 1:,} payments, {right / (number + 1):.1%} right, version {answer['version']}")
    for event_id, label in waiting:
        _report(connection, event_id, label)
    return right


def _report(connection: HTTPConnection, event_id: str, label: str) -> None:
    _post(connection, "/outcomes", {"event_id": event_id, "label": label})


def _post(connection: HTTPConnection, path: str, document: dict[str, Any]) -> Any:
    connection.request("POST", path, json.dumps(document), {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status >= 400:
        raise RuntimeError(f"{path} answered {response.status}: {content[:500]!r}")
    return json.loads(content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:8000")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--turn-at", type=int, default=8_000)
    parser.add_argument("--per-second", type=float, default=200.0)
    arguments = parser.parse_args()
    send(arguments.address, arguments.count, turn_at=arguments.turn_at, per_second=arguments.per_second)
