"""Ids of predictions that sort by the time at which they were made."""

import secrets
import threading
import time
from collections.abc import Callable

_NS_PER_MS = 1_000_000


class EventIds:
    """Makes UUIDs of version 7 whose text sorts in the order in which they were made here.

    The first 48 bits are epoch milliseconds, the next 12 the fraction of the millisecond (RFC 9562, 6.2, method 3);
    a clock that stands still or goes back is counted on by one. The other 62 bits are drawn once per instance, so ids
    of different processes differ. Safe to call from any number of threads.

    >>> ids = EventIds(clock_ns=lambda: 1_763_870_000_000_500_000)
    >>> first, second = ids.make(), ids.make()
    >>> first[:18], second[:18]
    ('019aaed8-4380-7800', '019aaed8-4380-7801')
    """

    def __init__(self, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._tick = 0
        variant_and_random = f"{1 << 63 | secrets.randbits(62):016x}"
        self._tail = f"{variant_and_random[:4]}-{variant_and_random[4:]}"

    def make(self) -> str:
        """A new id."""
        milliseconds, rest_ns = divmod(self._clock_ns(), _NS_PER_MS)
        now = milliseconds << 12 | (rest_ns << 12) // _NS_PER_MS
        with self._lock:
            self._tick = tick = max(now, self._tick + 1)
        digits = f"{tick:015x}"
        return f"{digits[:8]}-{digits[8:12]}-7{digits[12:]}-{self._tail}"
