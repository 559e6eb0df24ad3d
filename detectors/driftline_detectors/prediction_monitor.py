"""What is watched of a model version's predictions: every feature, the latency, and the predicted numbers."""

from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.adwin import Adwin
from driftline_detectors.column_windows import ColumnWindows, Metric
from driftline_detectors.columns import Floats, PredictionColumns
from driftline_detectors.detector_stream import DetectorStream
from driftline_detectors.findings import Findings, ReadingFindings
from driftline_detectors.samples import Samples
from driftline_detectors.snapshots import JSON
from driftline_detectors.tumbling_window import ClosedWindow, TumblingWindow

_KIND: Final = "data-drift"


class PredictionMonitor:
    """Watches the predictions of one model version: windows of all, and ADWIN on at most `max_features` features.

    Who comes first is watched; those that appear in the same row come in the order of their names. The values of the
    others are counted in the metric `unmonitored_values`.
    """

    def __init__(self, window_size: int, max_features: int) -> None:
        self._max_features = max_features
        self._tumbling = TumblingWindow(window_size)
        self._streams: dict[str, DetectorStream] = {}
        self._begin_window()

    def _begin_window(self) -> None:
        self._model_columns = ColumnWindows(2)
        self._feature_columns = ColumnWindows(len(self._streams))
        self._unmonitored = 0

    def observe(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        found = Findings()
        for rows, closed in self._tumbling.segments(batch.timestamp_ms):
            self._model_columns.extend(np.stack((batch.latency_ms[rows], batch.prediction_value[rows])))
            self._admit(batch, rows)
            self._observe_features(batch, rows, found)
            if closed:
                self._close(closed, found)
        found.drifts.sort(key=lambda drift: (drift.row, drift.feature))
        return found

    def _admit(self, batch: PredictionColumns, rows: slice) -> None:
        """Begin to watch the features that these rows are the first to carry, and count what there is no room for."""
        arrivals = []
        for feature in batch.features.keys() - self._streams.keys():
            carried = np.flatnonzero(_carried(batch, feature, rows))
            if len(carried):
                arrivals.append((int(carried[0]), feature, len(carried)))
        for _, feature, values in sorted(arrivals):
            if len(self._streams) < self._max_features:
                self._streams[feature] = DetectorStream(Adwin(), _KIND, feature)
                self._feature_columns.add_column()
            else:
                self._unmonitored += values

    def _observe_features(self, batch: PredictionColumns, rows: slice, found: Findings) -> None:
        values, carried = self._table(batch, rows)
        finite = self._feature_columns.extend(values, carried)
        complete: list[bool] = np.all(finite, axis=1).tolist()
        everywhere = np.arange(rows.start, rows.stop)
        position, timestamp_ms = batch.position[rows], batch.timestamp_ms[rows]
        for number, stream in enumerate(self._streams.values()):
            samples = Samples(values[number], everywhere, position, timestamp_ms)
            found.drifts.extend(stream.observe(samples if complete[number] else samples.take(finite[number])))

    def _table(self, batch: PredictionColumns, rows: slice) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the values of the watched features, (features, rows), and which of them the rows carry."""
        values = np.full((len(self._streams), rows.stop - rows.start), np.nan)
        carried: NDArray[np.bool_] = np.zeros(values.shape, np.bool_)
        for number, feature in enumerate(self._streams):
            if feature in batch.features:
                carried[number] = _carried(batch, feature, rows)
                np.copyto(values[number], batch.features[feature][rows], where=carried[number])
        return values, carried

    def _close(self, closed: ClosedWindow, found: Findings) -> None:
        """Report the window's metrics and the detectors' readings, and begin the next window."""
        windows, readings = closed.findings(), ReadingFindings(closed.row)
        windows.extend("", self._model_metrics())
        for (feature, stream), metrics in zip(self._streams.items(), self._feature_columns.metrics(), strict=True):
            windows.extend(feature, metrics)
            readings.append(feature, *stream.reading())
        found.windows.append(windows)
        found.readings.append(readings)
        self._begin_window()

    def _model_metrics(self) -> list[Metric]:
        wanted = {"latency": ("mean", "max"), "prediction": ("mean", "std")}
        metrics: list[Metric] = [("count", float(self._tumbling.size), self._tumbling.size)]
        for (name, kept), column in zip(wanted.items(), self._model_columns.metrics(), strict=True):
            metrics += [(f"{name}_{metric}", value, count) for metric, value, count in column if metric in kept]
        if self._unmonitored:
            metrics.append(("unmonitored_values", float(self._unmonitored), self._unmonitored))
        return metrics

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {
            "max_features": self._max_features,
            "tumbling": self._tumbling.snapshot(),
            "model_columns": self._model_columns.snapshot(),
            "feature_columns": self._feature_columns.snapshot(),
            "unmonitored": self._unmonitored,
            "streams": [[feature, stream.snapshot()] for feature, stream in self._streams.items()],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(1, int(state["max_features"]))
        monitor._tumbling = TumblingWindow.restore(state["tumbling"])
        monitor._streams = {str(name): DetectorStream.restore(each, _KIND, name) for name, each in state["streams"]}
        monitor._model_columns = ColumnWindows.restore(state["model_columns"], 2)
        monitor._feature_columns = ColumnWindows.restore(state["feature_columns"], len(monitor._streams))
        monitor._unmonitored = int(state["unmonitored"])
        return monitor


def _carried(batch: PredictionColumns, feature: str, rows: slice) -> NDArray[np.bool_]:
    """Return which of these rows carry a feature of the batch."""
    if feature in batch.present:
        return batch.present[feature][rows]
    return np.ones(rows.stop - rows.start, np.bool_)
