"""One detector on one stream of a model."""

from collections.abc import Mapping
from typing import Any, Self

from driftline_detectors.catalogue import DETECTORS
from driftline_detectors.findings import DriftFinding, DriftKind
from driftline_detectors.interface import Change, Detector, Reading
from driftline_detectors.milestones import Milestones
from driftline_detectors.samples import Samples
from driftline_detectors.snapshots import JSON


class DetectorStream:
    """Feeds one detector and turns its changes into drifts, dated by the log.

    A fall of the error is good news: the detector adapts to it, and no drift is reported. `feature` is None for the
    error stream.
    """

    def __init__(self, detector: Detector, kind: DriftKind, feature: str | None = None) -> None:
        self._detector = detector
        self._kind: DriftKind = kind
        self._feature = feature
        self._origins = Milestones()

    def observe(self, samples: Samples) -> list[DriftFinding]:
        """Take the next samples, all finite, and return the drifts among them."""
        drifts: list[DriftFinding] = []
        begin = 0
        for change in self._detector.update(samples.values):
            end = change.index + 1
            self._remember(samples, begin, end)
            if self._kind == "data-drift" or change.direction == "up":
                drifts.append(self._drift(int(samples.rows[change.index]), change))
            self._origins = Milestones()
            begin = end
        self._remember(samples, begin, len(samples.values))
        return drifts

    def _remember(self, samples: Samples, begin: int, end: int) -> None:
        """Remember where the samples from `begin` to `end` came from."""
        due = self._origins.due(end - begin)
        position = samples.position[begin:end][due].tolist()
        self._origins.extend(end - begin, position, samples.timestamp_ms[begin:end][due].tolist())

    def _drift(self, row: int, change: Change) -> DriftFinding:
        _, position, timestamp_ms = self._origins.at_or_before(self._origins.count - change.width)
        return DriftFinding(
            row=row,
            kind=self._kind,
            feature=self._feature,
            detector=self._detector.name,
            statistic=change.statistic,
            threshold=change.threshold,
            direction=change.direction,
            before=change.before,
            after=change.after,
            width=change.width,
            change_position=position,
            change_timestamp_ms=timestamp_ms,
        )

    def reading(self) -> tuple[str, Reading]:
        """Say which detector stands where."""
        return self._detector.name, self._detector.reading()

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {"detector": self._detector.snapshot(), "origins": self._origins.snapshot()}

    @classmethod
    def restore(cls, state: Mapping[str, Any], kind: DriftKind, feature: str | None = None) -> Self:
        """Return the stream that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        detector = DETECTORS[state["detector"]["detector"]].restore(state["detector"])
        stream = cls(detector, kind, feature)
        stream._origins = Milestones.restore(state["origins"], int, int)
        return stream
