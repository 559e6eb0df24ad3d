"""Windows of a fixed number of rows, one after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from driftline_detectors.columns import Integers
from driftline_detectors.findings import WindowFindings
from driftline_detectors.snapshots import Plain

_MAX_ROWS = 1024


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """A window that is full: `row` closed it; its number; event times of its first and last row."""

    row: int
    window: int
    start_ms: int
    end_ms: int

    def findings(self) -> WindowFindings:
        """Return the findings of this window, still empty."""
        return WindowFindings(self.row, self.window, self.start_ms, self.end_ms)


class TumblingWindow:
    """Counts rows into windows of `size` rows.

    >>> import numpy as np
    >>> window = TumblingWindow(2)
    >>> for rows, closed in window.segments(np.array([10, 20, 30])):
    ...     print(rows, closed)
    slice(0, 2, None) ClosedWindow(row=1, window=0, start_ms=10, end_ms=20)
    slice(2, 3, None) None
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"window size is {size!r}; it must be 1 row or more; 500 is usual")
        self.size = size
        self._window = 0
        self._rows = 0
        self._start_ms = 0

    def segments(self, timestamp_ms: Integers) -> Iterator[tuple[slice, ClosedWindow | None]]:
        """Cut the next rows where windows end; yield each piece, and the window that it closes or None.

        Long pieces are cut once more, so that what is computed on them stays in the processor's cache.
        """
        start = 0
        while start < len(timestamp_ms):
            if not self._rows:
                self._start_ms = int(timestamp_ms[start])
            stop = min(len(timestamp_ms), start + self.size - self._rows, start + _MAX_ROWS)
            self._rows += stop - start
            closed = None
            if self._rows == self.size:
                closed = ClosedWindow(stop - 1, self._window, self._start_ms, int(timestamp_ms[stop - 1]))
                self._window += 1
                self._rows = 0
            yield slice(start, stop), closed
            start = stop

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"size": self.size, "window": self._window, "rows": self._rows, "start_ms": self._start_ms}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the window that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        window = cls(int(state["size"]))
        window._window, window._rows, window._start_ms = (
            int(state["window"]),
            int(state["rows"]),
            int(state["start_ms"]),
        )
        if not 0 <= window._rows < window.size:
            raise ValueError(f"{window._rows} rows in a window of {window.size}")
        return window
