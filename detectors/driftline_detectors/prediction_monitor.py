"""What is watched of a model version's predictions: every feature, the latency, and the predicted numbers."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import compress
from typing import Any, Final, Self

import numpy as np

from driftline_detectors.adwin import Adwin
from driftline_detectors.column_windows import METRICS
from driftline_detectors.columns import Floats, Integers, Mask, PredictionColumns
from driftline_detectors.findings import Findings, WindowFindings
from driftline_detectors.panel import Panel
from driftline_detectors.snapshots import Plain
from driftline_detectors.tumbling_window import ClosedWindow, TumblingWindow

_KIND: Final = "data-drift"
_MODEL_METRICS: Final = {"latency": ("mean", "max"), "prediction": ("mean", "std")}
"""Columns of their own before those of the features, and what is reported of them."""
_MODEL_COLUMNS: Final = len(_MODEL_METRICS)


class PredictionMonitor:
    """Watches the predictions of one model version: windows of all, and ADWIN on at most `max_features` features.

    Who comes first is watched; those that appear in the same row come in the order of their names. The values of the
    others are counted in the metric `unmonitored_values`.
    """

    def __init__(self, window_size: int, max_features: int) -> None:
        self._max_features = max_features
        self._tumbling = TumblingWindow(window_size)
        self._panel = Panel(_KIND, _MODEL_COLUMNS)
        self._unmonitored = 0

    def observe(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        found = Findings()
        values, carried = self._table(batch)
        origins = np.array((batch.position, batch.timestamp_ms))
        for rows, closed in self._tumbling.segments(batch.timestamp_ms):
            if self._admit(batch, rows):
                values, carried = self._table(batch)
            theirs = None if carried is None else carried[:, rows]
            for drift in self._panel.observe(values[:, rows], theirs, origins[:, rows]):
                found.drifts.append(replace(drift, row=drift.row + rows.start))
            if closed:
                self._close(closed, found)
        found.drifts.sort(key=lambda drift: (drift.row, drift.feature))
        return found

    def _table(self, batch: PredictionColumns) -> tuple[Floats, Mask | None]:
        """Return what is watched, (columns, rows), and which of it the rows carry (None: everything)."""
        features = self._panel.features
        columns = [batch.latency_ms, batch.prediction_value]
        if not batch.present and all(map(batch.features.__contains__, features)):
            return np.array([*columns, *map(batch.features.__getitem__, features)]), None
        nothing = np.full(len(batch.position), np.nan)
        values = np.array([*columns, *(batch.features.get(feature, nothing) for feature in features)])
        carried: Mask = np.ones(values.shape, np.bool_)
        for column, feature in enumerate(features, _MODEL_COLUMNS):
            carried[column] = batch.present.get(feature, feature in batch.features)
        values[~carried] = np.nan
        return values, carried

    def _admit(self, batch: PredictionColumns, rows: slice) -> int:
        """Begin to watch the features that these rows are the first to carry, and count what there is no room for."""
        arrivals = []
        for feature in batch.features.keys() - set(self._panel.features):
            carried = batch.present.get(feature, np.ones(rows.stop, np.bool_))[rows]
            if carried.any():
                arrivals.append((int(carried.argmax()), feature, int(carried.sum())))
        arrivals.sort()
        room = self._max_features - len(self._panel.features)
        names = [feature for _, feature, _ in arrivals[:room]]
        if names:
            self._panel.add((feature, Adwin()) for feature in names)
        self._unmonitored += sum(values for _, _, values in arrivals[room:])
        return len(names)

    def _close(self, closed: ClosedWindow, found: Findings) -> None:
        """Report the window's metrics and the detectors' readings, and begin the next window."""
        windows = closed.findings()
        windows.append("", "count", float(self._tumbling.size), self._tumbling.size)
        values, sizes = self._panel.metrics()
        for column, (name, kept) in enumerate(_MODEL_METRICS.items()):
            size = int(sizes[column, 0])
            for metric in kept if size else ():
                windows.append("", f"{name}_{metric}", float(values[column, METRICS.index(metric)]), size)
        if self._unmonitored:
            windows.append("", "unmonitored_values", float(self._unmonitored), self._unmonitored)
        self._report_features(values[_MODEL_COLUMNS:], sizes[_MODEL_COLUMNS:], windows)
        found.windows.append(windows)
        found.readings.append(self._panel.readings(closed.row))
        self._panel.begin_window()
        self._unmonitored = 0

    def _report_features(self, values: Floats, sizes: Integers, windows: WindowFindings) -> None:
        """Add the metrics of all features; of one without values only those that count."""
        features = self._panel.features
        known = np.repeat(sizes[:, :1] > 0, len(METRICS), axis=1)
        known[:, [METRICS.index("count"), METRICS.index("nulls")]] = True
        chosen = known.ravel().tolist()
        names = compress((feature for feature in features for _ in METRICS), chosen)
        windows.extend(names, compress(METRICS * len(features), chosen), values[known].tolist(), sizes[known].tolist())

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "max_features": self._max_features,
            "tumbling": self._tumbling.snapshot(),
            "panel": self._panel.snapshot(),
            "unmonitored": self._unmonitored,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(1, int(state["max_features"]))
        monitor._tumbling = TumblingWindow.restore(state["tumbling"])
        monitor._panel = Panel.restore(state["panel"], _KIND, _MODEL_COLUMNS)
        monitor._unmonitored = int(state["unmonitored"])
        return monitor
