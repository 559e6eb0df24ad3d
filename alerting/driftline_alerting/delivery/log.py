"""What became of each try, as rows of the table `delivery_log`."""

import logging
import queue
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields

from driftline_alerting.metrics import TryStatus
from driftline_alerting.stopping import Stopped, Stopping
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress

_MOST_WAITING = 10_000
_ROWS_AT_ONCE = 500
_POLL_SECONDS = 0.2

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Try:
    """One try to tell somebody; the columns of `delivery_log`.

    Attributes:
        notice_id: The step of an incident.
        incident_id: Its incident.
        model: Name of the model.
        channel: Name of the channel.
        status: `delivered`; `retrying`, when it failed; or `failed`, when it was the last one.
        attempt: Number of the try, from 1.
        error: Why it failed, without secrets; empty when it did not.
        milliseconds: How long it took.
        at: When it ended, in epoch milliseconds.
    """

    notice_id: str
    incident_id: str
    model: str
    channel: str
    status: TryStatus
    attempt: int
    error: str
    milliseconds: float
    at: int


class DeliveryLog:
    """Stores rows in a thread of its own, so that deliveries never wait for ClickHouse.

    While that is away 10,000 rows wait; what is more is dropped, and a warning counts it.
    """

    def __init__(self, address: ClickHouseAddress) -> None:
        self._address = address
        self._waiting: queue.Queue[Try] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._ending, self._giving_up = threading.Event(), Stopping()
        self._thread = threading.Thread(target=self._run, name="delivery-log", daemon=True)

    def start(self) -> None:
        """Start storing."""
        self._thread.start()

    def end(self, timeout_seconds: float) -> None:
        """Store what waits, for at most so long."""
        self._ending.set()
        self._thread.join(timeout_seconds)
        self._giving_up.set()
        self._thread.join(_POLL_SECONDS)

    def add(self, row: Try) -> None:
        """Let a row be stored soon; never waits."""
        try:
            self._waiting.put_nowait(row)
        except queue.Full:
            self._dropped += 1
            if self._dropped.bit_count() == 1:  # 1, 2, 4, 8, ...
                logger.warning("ClickHouse has been away for long: %d rows of delivery_log were dropped", self._dropped)

    def _run(self) -> None:
        with suppress(Stopped):
            while not (self._ending.is_set() and self._waiting.empty()):
                if rows := self._next():
                    self._store(rows)

    def _next(self) -> Sequence[Try]:
        rows: list[Try] = []
        with suppress(queue.Empty):
            rows.append(self._waiting.get(timeout=_POLL_SECONDS))
            while len(rows) < _ROWS_AT_ONCE:
                rows.append(self._waiting.get_nowait())
        return rows

    def _store(self, rows: Sequence[Try]) -> None:
        token = uuid.uuid4().hex
        columns = {each.name: [getattr(row, each.name) for row in rows] for each in fields(Try)}

        def store() -> None:
            with connect(self._address) as client:
                insert_columns(client, "delivery_log", columns, token)

        self._giving_up.until_done(f"storing {len(rows)} rows of delivery_log", store)


def now_ms() -> int:
    """The time of a row."""
    return time.time_ns() // 1_000_000
