"""What is watched of one numeric feature: ADWIN on its values, and their moments per window."""

from collections.abc import Mapping
from typing import Any, Self

from driftline_detectors.adwin import Adwin
from driftline_detectors.column_window import ColumnWindow
from driftline_detectors.detector_stream import DetectorStream
from driftline_detectors.findings import DriftFinding, Findings
from driftline_detectors.samples import Samples
from driftline_detectors.snapshots import JSON
from driftline_detectors.tumbling_window import ClosedWindow


class FeatureMonitor:
    """Watches one numeric feature of one model version; both directions are drifts."""

    def __init__(self, feature: str) -> None:
        self._feature = feature
        self._stream = DetectorStream(Adwin(), "data-drift", feature)
        self._window = ColumnWindow()

    def observe(self, samples: Samples) -> list[DriftFinding]:
        """Take the feature's values, nulls included, of the rows that carry it."""
        self._window.extend(samples.values)
        return self._stream.observe(samples.finite())

    def close(self, closed: ClosedWindow, found: Findings) -> None:
        """Add the window's metrics and the detector's reading to `found`, and begin the next window."""
        found.windows.extend(closed.findings(self._feature, self._window.metrics()))
        found.readings.append(self._stream.reading(closed.row))
        self._window = ColumnWindow()

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {"feature": self._feature, "stream": self._stream.snapshot(), "window": self._window.snapshot()}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(str(state["feature"]))
        monitor._stream = DetectorStream.restore(state["stream"], "data-drift", monitor._feature)
        monitor._window = ColumnWindow.restore(state["window"])
        return monitor
