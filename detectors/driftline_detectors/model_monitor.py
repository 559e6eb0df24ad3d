"""All that is watched of one version of one model."""

from collections.abc import Mapping
from typing import Any, Self

from driftline_detectors.columns import ErrorColumns, PredictionColumns
from driftline_detectors.findings import Findings
from driftline_detectors.snapshots import JSON


class ModelMonitor:
    """Windows and detectors of one version of one model.

    The same log gives the same findings however it is cut into batches.
    """

    def __init__(self, window_size: int = 500, max_features: int = 512) -> None: ...

    def observe_predictions(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        raise NotImplementedError

    def observe_errors(self, batch: ErrorColumns) -> Findings:
        """Take the errors of the next joined outcomes, in log order."""
        raise NotImplementedError

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        raise NotImplementedError

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise SnapshotError if `state` is not such a snapshot."""
        raise NotImplementedError
