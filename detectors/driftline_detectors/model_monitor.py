"""All that is watched of one version of one model."""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, Self

from driftline_detectors import older_formats
from driftline_detectors.columns import ErrorColumns, PredictionColumns
from driftline_detectors.error_monitor import ErrorMonitor
from driftline_detectors.feature_watch import FeatureWatch
from driftline_detectors.findings import Findings
from driftline_detectors.prediction_monitor import PredictionMonitor
from driftline_detectors.segmented import Segmented
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.snapshots import Plain, refusing_damage, require

_NAME = "model monitor"
FORMAT = 3


class ModelMonitor:
    """Windows and detectors of one version of one model.

    The same log gives the same findings however it is cut into batches, and a restored monitor goes on exactly as the
    one that was snapshotted. Memory is bounded by the number of features that the settings let it watch, and grows with
    the logarithm of the stream's length.
    """

    def __init__(self, settings: MonitorSettings = MonitorSettings()) -> None:  # noqa: B008 (immutable)
        self._predictions = Segmented[PredictionColumns, PredictionMonitor](settings, PredictionMonitor)
        self._errors = Segmented[ErrorColumns, ErrorMonitor](settings, ErrorMonitor)

    def successor(self) -> Self:
        """Return the monitor of another version of the model, which begins now.

        The features are the model's, whatever its version: what was learned of them goes on. Predictions, latency and
        errors are the version's own.
        """
        twin = copy(self)
        twin._predictions = self._predictions.successor(PredictionMonitor.successor)
        twin._errors = self._errors.successor(ErrorMonitor.successor)
        return twin

    def forget_errors(self) -> None:
        """Begin anew with errors: what is normal for a version that serves again is learned from its next outcomes."""
        self._errors = self._errors.successor(ErrorMonitor.successor)

    def observe_predictions(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        return self._predictions.observe(batch)

    def observe_errors(self, batch: ErrorColumns) -> Findings:
        """Take the errors of the next joined outcomes, in log order."""
        return self._errors.observe(batch)

    def watches(self) -> Iterator[FeatureWatch]:
        """The e-detector banks, which share places to learn with others (learning_places.py)."""
        for monitor in self._predictions.monitors():
            if monitor.watch is not None:
                yield monitor.watch

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"format": FORMAT, "predictions": self._predictions.snapshot(), "errors": self._errors.snapshot()}

    @classmethod
    def restore(cls, state: Mapping[str, Any], settings: MonitorSettings = MonitorSettings()) -> Self:  # noqa: B008
        """Return the monitor that `snapshot` described, of the same settings; raise SnapshotError if it is none.

        Of a snapshot of formats 1 and 2 the windows go on where they were; its detectors begin anew.
        """
        with refusing_damage(_NAME):
            if state["format"] in older_formats.FORMATS:
                state = older_formats.upgraded(state, settings)
            require(_NAME, "format", state["format"], FORMAT)
            monitor = cls(settings)
            monitor._predictions.restore(state["predictions"], PredictionMonitor.restore)
            monitor._errors.restore(state["errors"], ErrorMonitor.restore)
        return monitor
