"""All that is watched of one version of one model."""

from collections.abc import Mapping
from typing import Any, Self

from driftline_detectors import format_1
from driftline_detectors.columns import ErrorColumns, PredictionColumns
from driftline_detectors.error_monitor import ErrorMonitor
from driftline_detectors.findings import Findings
from driftline_detectors.prediction_monitor import PredictionMonitor
from driftline_detectors.snapshots import Plain, refusing_damage, require

_NAME = "model monitor"
FORMAT = 2


class ModelMonitor:
    """Windows and detectors of one version of one model.

    The same log gives the same findings however it is cut into batches, and a restored monitor goes on exactly as the
    one that was snapshotted. Windows hold `window_size` predictions, or joined outcomes (1 or more); memory is bounded
    by `max_features` watched features (0 or more) and grows with the logarithm of the stream's length.
    """

    def __init__(self, window_size: int = 500, max_features: int = 512) -> None:
        self._predictions = PredictionMonitor(window_size, max_features)
        self._errors = ErrorMonitor(window_size)

    def observe_predictions(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        return self._predictions.observe(batch)

    def observe_errors(self, batch: ErrorColumns) -> Findings:
        """Take the errors of the next joined outcomes, in log order."""
        return self._errors.observe(batch)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"format": FORMAT, "predictions": self._predictions.snapshot(), "errors": self._errors.snapshot()}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described, with its settings; raise SnapshotError if it is none.

        Snapshots of format 1 are read as well.
        """
        with refusing_damage(_NAME):
            if state["format"] == 1:
                state = format_1.upgraded(state)
            require(_NAME, "format", state["format"], FORMAT)
            monitor = cls()
            monitor._predictions = PredictionMonitor.restore(state["predictions"])
            monitor._errors = ErrorMonitor.restore(state["errors"])
        return monitor
