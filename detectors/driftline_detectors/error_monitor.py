"""What is watched of a model version's errors once outcomes arrive: concept drift, and performance per window."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Self

import numpy as np

from driftline_detectors.bank import made
from driftline_detectors.column_windows import METRICS
from driftline_detectors.columns import ErrorColumns, Floats
from driftline_detectors.findings import DriftFinding, Findings
from driftline_detectors.panel import Panel
from driftline_detectors.performance_bound import Figure, PerformanceBound
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.snapshots import Plain
from driftline_detectors.tumbling_window import ClosedWindow, TumblingWindow

_KIND: Final = "concept-drift"
_COLUMNS: Final = ("accuracy", "mae", "bias")
_OF_NUMBERS: Final = {"adwin", "page-hinkley", "kswin"}
"""Detectors that take any error; the others take those of classes, 0 and 1."""


class ErrorMonitor:
    """Watches the errors of one model version by the detectors of the settings; windows of their performance.

    A change is told once: by the first that sees it. Then all begin anew.
    """

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self._tumbling = TumblingWindow(settings.window_size)
        self._panel = Panel(_KIND, len(_COLUMNS))
        names = sorted(settings.error_detectors, key=lambda name: (name not in _OF_NUMBERS, name))
        self._of_numbers = sum(name in _OF_NUMBERS for name in names)
        self._panel.add(("", made(name)) for name in names)
        self._bound = PerformanceBound(settings)
        self._began: int | None = None

    def successor(self) -> Self:
        """Return a monitor for another version of the model: it begins from nothing."""
        return type(self)(self._settings)

    def observe(self, batch: ErrorColumns) -> Findings:
        """Take the errors of the next joined outcomes, in log order."""
        found = Findings()
        judged = np.flatnonzero(np.isfinite(batch.error))
        error, residual = batch.error[judged], batch.residual[judged]
        values, origins = self._table(error, residual), np.array((batch.position, batch.timestamp_ms))[:, judged]
        drifts: list[DriftFinding] = []
        for rows, closed in self._tumbling.segments(origins[1]):
            if self._began is None:
                self._began = int(origins[0, rows.start])
            found_here = self._panel.observe(values[:, rows], None, origins[:, rows])
            drifts += [replace(drift, row=rows.start + drift.row) for drift in found_here]
            if closed:
                self._close(closed, int(judged[closed.row]), found)
        found.drifts.extend(replace(drift, row=int(judged[drift.row])) for drift in drifts)
        found.drifts.sort(key=lambda drift: drift.row)
        return found

    def evidence(self, feature: str | None) -> float:  # noqa: ARG002
        """How much evidence e-SR has that errors rose; none without it."""
        found = self._panel.readings(0)
        return sum(
            statistic
            for detector, statistic in zip(found.detector, found.statistic, strict=True)
            if detector == "e-sr" and statistic > 0
        )

    def _table(self, error: Floats, residual: Floats) -> Floats:
        """Return what is watched, (columns, rows): _COLUMNS, then what each detector sees."""
        is_class = np.isnan(residual)
        right_or_wrong = np.where(is_class & ((error == 0) | (error == 1)), error, np.nan)
        wrong, absolute = np.where(is_class, error, np.nan), np.where(is_class, np.nan, error)
        others = len(self._panel.features) - self._of_numbers
        return np.stack((wrong, absolute, residual, *[error] * self._of_numbers, *[right_or_wrong] * others))

    def _close(self, closed: ClosedWindow, row: int, found: Findings) -> None:
        """Report the window's performance and the detectors' readings, and begin the next window."""
        windows = replace(closed, row=row).findings()
        windows.append("", "labels", float(self._tumbling.size), self._tumbling.size)
        values, sizes = self._panel.metrics()
        means, deviations = (values[:, METRICS.index(metric)].tolist() for metric in ("mean", "std"))
        for name, mean, size in zip(_COLUMNS, means, sizes[:, 0].tolist(), strict=False):
            if size:
                windows.append("", name, 1 - mean if name == "accuracy" else mean, size)
        found.windows.append(windows)
        figures = map(Figure, means, deviations, sizes[:, 0].tolist())
        broken = self._bound.judge(replace(closed, row=row), next(figures), next(figures), self._began or 0)
        if broken is not None:
            found.drifts.append(broken)
        streams = slice(None if "accuracy" in windows.metric else self._of_numbers)
        found.readings.append(self._panel.readings(row, streams))
        self._panel.begin_window()
        self._began = None

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "tumbling": self._tumbling.snapshot(),
            "panel": self._panel.snapshot(),
            "broken": self._bound.broken,
            "began": self._began,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], settings: MonitorSettings) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(settings)
        monitor._tumbling = TumblingWindow.restore(state["tumbling"])
        monitor._panel = Panel.restore(state["panel"], _KIND, len(_COLUMNS))
        monitor._bound.broken = bool(state["broken"])
        monitor._began = None if state["began"] is None else int(state["began"])
        return monitor
