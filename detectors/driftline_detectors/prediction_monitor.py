"""What is watched of a model version's predictions: every feature, the latency, and the predicted numbers."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from driftline_detectors.column_window import ColumnWindow
from driftline_detectors.columns import PredictionColumns
from driftline_detectors.feature_monitor import FeatureMonitor
from driftline_detectors.findings import Findings
from driftline_detectors.samples import Samples
from driftline_detectors.snapshots import JSON
from driftline_detectors.tumbling_window import ClosedWindow, TumblingWindow


class PredictionMonitor:
    """Watches the predictions of one model version, with at most `max_features` features.

    Who comes first is watched; those that appear in the same row come in the order of their names. The values of the
    others are counted in the metric `unmonitored_values`.
    """

    def __init__(self, window_size: int, max_features: int) -> None:
        self._max_features = max_features
        self._tumbling = TumblingWindow(window_size)
        self._features: dict[str, FeatureMonitor] = {}
        self._begin_window()

    def _begin_window(self) -> None:
        self._latency, self._prediction = ColumnWindow(), ColumnWindow()
        self._unmonitored = 0

    def observe(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        found = Findings()
        for rows, closed in self._tumbling.segments(batch.timestamp_ms):
            self._latency.extend(batch.latency_ms[rows])
            self._prediction.extend(batch.prediction_value[rows])
            for feature, samples in self._in_order_of_arrival(_present(batch, rows)):
                monitor = self._monitor(feature)
                if monitor is None:
                    self._unmonitored += len(samples.values)
                else:
                    found.drifts.extend(monitor.observe(samples))
            if closed:
                self._close(closed, found)
        found.drifts.sort(key=lambda drift: (drift.row, drift.feature))
        return found

    def _in_order_of_arrival(self, columns: Iterator[tuple[str, Samples]]) -> list[tuple[str, Samples]]:
        """Known features first, in any order; then the new ones by the row, and the name, with which they arrived."""
        return sorted(
            columns, key=lambda column: (-1, "") if column[0] in self._features else (int(column[1].rows[0]), column[0])
        )

    def _monitor(self, feature: str) -> FeatureMonitor | None:
        """Return the monitor of a feature, a new one if there is room."""
        monitor = self._features.get(feature)
        if monitor is None and len(self._features) < self._max_features:
            monitor = self._features[feature] = FeatureMonitor(feature)
        return monitor

    def _close(self, closed: ClosedWindow, found: Findings) -> None:
        size, latency, prediction = self._tumbling.size, self._latency, self._prediction
        metrics = [("count", float(size), size)]
        if latency.count:
            metrics += [("latency_mean", latency.mean, latency.count), ("latency_max", latency.maximum, latency.count)]
        if prediction.count:
            metrics += [("prediction_mean", prediction.mean, prediction.count)]
            metrics += [("prediction_std", prediction.std, prediction.count)]
        if self._unmonitored:
            metrics.append(("unmonitored_values", float(self._unmonitored), self._unmonitored))
        found.windows.extend(closed.findings("", metrics))
        for monitor in self._features.values():
            monitor.close(closed, found)
        self._begin_window()

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {
            "max_features": self._max_features,
            "tumbling": self._tumbling.snapshot(),
            "latency": self._latency.snapshot(),
            "prediction": self._prediction.snapshot(),
            "unmonitored": self._unmonitored,
            "features": [monitor.snapshot() for monitor in self._features.values()],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(1, int(state["max_features"]))
        monitor._tumbling = TumblingWindow.restore(state["tumbling"])
        monitor._latency = ColumnWindow.restore(state["latency"])
        monitor._prediction = ColumnWindow.restore(state["prediction"])
        monitor._unmonitored = int(state["unmonitored"])
        monitor._features = {str(each["feature"]): FeatureMonitor.restore(each) for each in state["features"]}
        return monitor


def _present(batch: PredictionColumns, rows: slice) -> Iterator[tuple[str, Samples]]:
    """Yield the features of these rows, each with the samples of the rows that carry it."""
    everywhere = np.arange(rows.start, rows.stop)
    position, timestamp_ms = batch.position[rows], batch.timestamp_ms[rows]
    for feature, values in batch.features.items():
        samples = Samples(values[rows], everywhere, position, timestamp_ms)
        if feature in batch.present:
            samples = samples.take(batch.present[feature][rows])
        if len(samples.values):
            yield feature, samples
