"""The first values of a feature, kept until they make a reference."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.columns import Integers, Singles
from driftline_detectors.front_end.season import minute_of_week
from driftline_detectors.snapshots import Plain


class ReferenceWindow:
    """Collects `size` finite values and when they were.

    Attributes:
        size: How many it is to hold.
        values: In log order.
        minutes: Minute of the week of each.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.values: Singles = np.zeros(0, np.float32)
        self.minutes: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self._first_ms = 0
        self._last_ms = 0

    def __len__(self) -> int:
        return len(self.values)

    @property
    def missing(self) -> int:
        """How many values it lacks."""
        return self.size - len(self)

    @property
    def span_ms(self) -> int:
        """Event time from the first value to the last."""
        return self._last_ms - self._first_ms

    def take(self, values: Singles, timestamp_ms: Integers) -> None:
        """Add values, at most as many as there is room for."""
        if not len(values):
            return
        if not len(self):
            self._first_ms = int(timestamp_ms[0])
        self._last_ms = int(timestamp_ms[-1])
        self.values = np.concatenate((self.values, values))
        self.minutes = np.concatenate((self.minutes, minute_of_week(timestamp_ms).astype(np.uint16)))

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        values, minutes = self.values.astype("<f4"), self.minutes.astype("<u2")
        return {
            "size": self.size,
            "values": values.tobytes(),
            "minutes": minutes.tobytes(),
            "first_ms": self._first_ms,
            "last_ms": self._last_ms,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the window that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        window = cls(int(state["size"]))
        window.values = np.frombuffer(state["values"], "<f4").astype(np.float32)
        window.minutes = np.frombuffer(state["minutes"], "<u2").astype(np.uint16)
        window._first_ms, window._last_ms = int(state["first_ms"]), int(state["last_ms"])
        if (
            len(window.values) != len(window.minutes)
            or len(window) >= window.size
            or (window.minutes >= 7 * 24 * 60).any()
        ):
            raise ValueError(f"{len(window.values)} values and {len(window.minutes)} minutes in a reference window")
        return window
