"""What one logger owns in one process: outbox and sending thread."""

import threading
import time
from dataclasses import dataclass

from driftline_producers._limits import Limits
from driftline_producers._outbox import Outbox
from driftline_producers._sender import Sender


@dataclass(frozen=True)
class Route:
    """Where the records go and how much memory they may take on the way."""

    model: str
    kafka: str
    topic: str
    limits: Limits


class Emitter:
    """Belongs to the process that made it; a forked child makes its own. The thread starts with the first event."""

    def __init__(self, route: Route) -> None:
        self._lock = threading.Lock()
        self._started = self._closed = False
        self.outbox = Outbox(route.limits)
        self._sender = Sender(route.model, route.kafka, route.topic, self.outbox)

    def start(self) -> None:
        """Start the sending thread if it has not been started.

        Raises:
            RuntimeError: There can be no new thread.
        """
        if not self._started:
            self._start_once()

    def close(self, timeout_seconds: float) -> None:
        """Send what is waiting, then end; what is unsent after `timeout_seconds` is given up and counted."""
        deadline = time.monotonic() + timeout_seconds
        self.outbox.close()
        with self._lock:
            self._closed = True
        if self._started:
            self._sender.end(deadline)
            self._sender.join(timeout_seconds)
        self.outbox.abandon()

    def _start_once(self) -> None:
        with self._lock:
            if not self._started and not self._closed:
                self._sender.start()
                self._started = True
