"""Columns of numbers that share their rows: a window over all of them, and detectors on the last ones."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np

from driftline_detectors.bank import Bank
from driftline_detectors.column_windows import ColumnWindows
from driftline_detectors.columns import ALL, Floats, Integers, Mask
from driftline_detectors.findings import DriftFinding, DriftKind, ReadingFindings
from driftline_detectors.interface import Detector
from driftline_detectors.snapshots import Plain

_ROWS = 512
"""So many rows are measured together: numpy takes as long for one row as for a hundred."""


class Panel:
    """Detectors see every row at once; window and memory take many rows together, which changes no figure of theirs.

    The first `bare` columns have no detector.
    """

    def __init__(self, kind: DriftKind, bare: int) -> None:
        self._bare = bare
        self._bank = Bank(kind)
        self._window = ColumnWindows(bare)
        self._pending: list[tuple[Floats, Mask | None, Integers]] = []
        self._rows = 0

    @property
    def features(self) -> list[str]:
        """The features with a detector, in the order of their columns."""
        return self._bank.features

    def add(self, streams: Iterable[tuple[str, Detector]]) -> None:
        """Add columns, each a feature and its detector."""
        self._settle()
        before = len(self.features)
        self._bank.add(streams)
        self._window.add_columns(len(self.features) - before)

    def add_bare(self, columns: int) -> None:
        """Add columns without a detector; only before the first that has one."""
        self._settle()
        if self.features:
            raise RuntimeError("columns without detectors come first")
        self._bare += columns
        self._window.add_columns(columns)

    def observe(self, values: Floats, carried: Mask | None, origins: Integers) -> list[DriftFinding]:
        """Take the next rows, (columns, rows), and return the drifts among them.

        A value that is not finite is a null where the row carries the column (`carried`; None: everywhere). `origins`
        holds offset and event time of each row, (2, rows).
        """
        changes = self._bank.update(values[self._bare :])
        self._rows += values.shape[1]
        if changes or self._rows >= _ROWS:
            self._pending.append((values, carried, origins))
            return self._settle(changes, values.shape[1])
        self._pending.append((values.copy(), None if carried is None else carried.copy(), origins.copy()))
        return []

    def _settle(self, changes: Mapping[int, int] | None = None, rows: int = 0) -> list[DriftFinding]:
        """Measure what is pending, the last `rows` of which may hold changes; return the drifts."""
        if not self._pending:
            return []
        values, carried, origins = self._pending[0] if len(self._pending) == 1 else self._joined()
        before, self._pending, self._rows = self._rows - rows, [], 0
        finite = self._window.extend(values, carried)
        theirs = None if finite is None else finite[self._bare :]
        drifts = self._bank.remember(values[self._bare :], theirs, origins, changes or {})
        return [replace(drift, row=drift.row - before) for drift in drifts]

    def _joined(self) -> tuple[Floats, Mask | None, Integers]:
        values, masks, origins = zip(*self._pending, strict=True)
        carried = None
        if any(mask is not None for mask in masks):
            every = [
                np.ones(each.shape, np.bool_) if mask is None else mask
                for each, mask in zip(values, masks, strict=True)
            ]
            carried = np.concatenate(every, axis=1)
        return np.concatenate(values, axis=1), carried, np.concatenate(origins, axis=1)

    def metrics(self) -> tuple[Floats, Integers]:
        """Return ColumnWindows.metrics of all columns."""
        self._settle()
        return self._window.metrics()

    def readings(self, row: int, streams: slice = ALL) -> ReadingFindings:
        """Say where these detectors stand at `row`."""
        self._settle()
        return self._bank.readings(row, streams)

    def begin_window(self) -> None:
        """Begin the next window."""
        self._settle()
        self._window = ColumnWindows(len(self._window))

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        self._settle()
        return {"window": self._window.snapshot(), "bank": self._bank.snapshot()}

    @classmethod
    def restore(cls, state: Mapping[str, Any], kind: DriftKind, bare: int) -> Self:
        """Return the panel that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        panel = cls(kind, bare)
        panel._bank = Bank.restore(state["bank"], kind)
        panel._window = ColumnWindows.restore(state["window"], bare + len(panel.features))
        return panel
