"""Detectors side by side: one per stream, all over the same rows."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from driftline_detectors.catalogue import DETECTORS
from driftline_detectors.columns import ALL, Floats, Integers, Mask
from driftline_detectors.findings import DriftFinding, DriftKind, ReadingFindings
from driftline_detectors.interface import Detector, Reading
from driftline_detectors.milestones import Milestones
from driftline_detectors.snapshots import Plain

DDM_WARM_START = 500
"""Instead of River's 30: on unchanging error rates of 5 to 30 % it lowers the share of fresh detectors that fire
falsely within 10,000 values from 17-47 % to 5-15 %, and finds a later rise by 10 points sooner (why: the docstring of
Ddm).
"""


def made(name: str) -> Detector:
    """Return a fresh detector of the catalogue, as monitors use it."""
    if name != "ddm":
        return DETECTORS[name]()
    from driftline_detectors.ddm import Ddm  # catalogue.py says why here

    return Ddm(DDM_WARM_START)


class Bank:
    """Feeds each detector its stream, remembers the streams' past, and turns changes into drifts dated by the log.

    `features` names the streams; "" is the error. A fall of the error is good news: the detector adapts to it, and no
    drift is reported. When one of several detectors sees that errors rise, all begin anew after that row: a reference
    that has taken in errors from after the change would date it later, and another one would tell it again.
    """

    def __init__(self, kind: DriftKind) -> None:
        self.features: list[str] = []
        self._kind: DriftKind = kind
        self._detectors: list[Detector] = []
        self._milestones = Milestones()

    def add(self, streams: Iterable[tuple[str, Detector]]) -> None:
        """Add streams, each a feature and its detector."""
        for feature, detector in streams:
            self.features.append(feature)
            self._detectors.append(detector)
        self._milestones.add_streams(len(self.features) - len(self._milestones))

    def update(self, values: Floats) -> dict[int, int]:
        """Show the next rows, (streams, rows), to the detectors, each up to the first change that it sees.

        Return, for each stream with a change, how many of its finite values come after it. `remember` goes on there.
        """
        finite = np.isfinite(values)
        columns = values.tolist() if finite.all() else _columns(values, finite)
        seen = [detector.update(column) for detector, column in zip(self._detectors, columns, strict=True)]
        return {stream: len(columns[stream]) - index - 1 for stream, index in enumerate(seen) if index is not None}

    def remember(
        self, values: Floats, finite: Mask | None, origins: Integers, changes: Mapping[int, int]
    ) -> list[DriftFinding]:
        """Take rows into the memory of the past, as far as they are `finite` (None: everywhere); return the drifts.

        These are all rows since the last time, in which `update` has found `changes`. `origins` holds offset and event
        time of each row, (2, rows).
        """
        drifts: list[DriftFinding] = []
        if not self.features:
            return drifts
        if changes and self._kind == "concept-drift":
            everywhere = np.ones(values.shape, np.bool_)
            return self._follow_together(values, everywhere if finite is None else finite, origins, changes)
        if changes:
            finite = np.ones(values.shape, np.bool_) if finite is None else finite.copy()
            for stream, remaining in changes.items():
                rows = np.flatnonzero(finite[stream])
                drifts += self._follow(stream, values[stream, rows], rows, origins[:, rows], remaining)
                finite[stream] = False
        self._milestones.extend(values, finite, origins)
        return drifts

    def _follow_together(
        self, values: Floats, finite: Mask, origins: Integers, changes: Mapping[int, int]
    ) -> list[DriftFinding]:
        """Take rows of the error into the memory of the past, as `remember` does, and begin anew at each drift."""
        drifts: list[DriftFinding] = []
        changed = {stream: int(np.flatnonzero(finite[stream])[-1 - after]) for stream, after in changes.items()}
        begin = 0
        while changed:
            row, _, stream = min((row, self._detectors[stream].name, stream) for stream, row in changed.items())
            self._take(values, finite, origins, slice(begin, row + 1))
            begin, drift = row + 1, self._change(stream, row)
            if drift is not None:
                drifts.append(drift)
                self._begin_anew()
            for each in [stream] if drift is None else range(len(self.features)):
                rows = begin + np.flatnonzero(finite[each, begin:])
                index = self._detectors[each].update(values[each, rows].tolist())
                changed.pop(each, None)
                if index is not None:
                    changed[each] = int(rows[index])
        self._take(values, finite, origins, slice(begin, None))
        return drifts

    def _take(self, values: Floats, finite: Mask, origins: Integers, rows: slice) -> None:
        """Take some rows into the memory of the past."""
        there = np.ascontiguousarray(finite[:, rows])
        self._milestones.extend(np.ascontiguousarray(values[:, rows]), there, np.ascontiguousarray(origins[:, rows]))

    def _begin_anew(self) -> None:
        self._detectors = [made(detector.name) for detector in self._detectors]
        for stream in range(len(self.features)):
            self._milestones.reset(stream)

    def _follow(
        self, stream: int, values: Floats, rows: Integers, origins: Integers, remaining: int | None
    ) -> list[DriftFinding]:
        """Take one stream's values, all finite; the first change among them has so many `remaining` behind it."""
        drifts: list[DriftFinding] = []
        only, begin = slice(stream, stream + 1), 0
        while remaining is not None:
            end = len(values) - remaining
            self._milestones.extend(values[np.newaxis, begin:end], None, origins[:, begin:end], only)
            if (drift := self._change(stream, int(rows[end - 1]))) is not None:
                drifts.append(drift)
            index = self._detectors[stream].update(values[end:].tolist())
            remaining = None if index is None else remaining - index - 1
            begin = end
        self._milestones.extend(values[np.newaxis, begin:], None, origins[:, begin:], only)
        return drifts

    def _change(self, stream: int, row: int) -> DriftFinding | None:
        """Describe the change that a detector has just seen, and forget what was before it."""
        detector = self._detectors[stream]
        (past,) = self._milestones.pasts(slice(stream, stream + 1))
        change = detector.change(past)
        position, timestamp_ms = self._milestones.at_or_before(stream, past.length - change.width)
        self._milestones.reset(stream)
        if self._kind == "concept-drift" and change.direction == "down":
            return None
        return DriftFinding(
            row=row,
            kind=self._kind,
            feature=self.features[stream] or None,
            detector=detector.name,
            statistic=change.statistic,
            threshold=change.threshold,
            direction=change.direction,
            before=change.before,
            after=change.after,
            width=change.width,
            change_position=position,
            change_timestamp_ms=timestamp_ms,
        )

    def readings(self, row: int, streams: slice = ALL) -> ReadingFindings:
        """Say where these detectors stand at `row`."""
        detectors = self._detectors[streams]
        pasts = self._milestones.pasts(streams)
        found = [detector.reading(past) for detector, past in zip(detectors, pasts, strict=True)]
        figures = map(list, zip(*found, strict=True)) if found else [[]] * len(Reading._fields)
        return ReadingFindings(row, self.features[streams], [detector.name for detector in detectors], *figures)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "features": list(self.features),
            "detectors": [detector.snapshot() for detector in self._detectors],
            "past": self._milestones.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], kind: DriftKind) -> Self:
        """Return the bank that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        bank = cls(kind)
        detectors = [DETECTORS[each["detector"]].restore(each) for each in state["detectors"]]
        bank.add(zip(map(str, state["features"]), detectors, strict=True))
        bank._milestones = Milestones.restore(state["past"], len(detectors))
        return bank


def _columns(values: Floats, finite: Mask) -> list[list[float]]:
    """Return the finite values of each row."""
    columns: list[list[float]] = values.tolist()
    for row in np.flatnonzero(~finite.all(axis=1)).tolist():
        columns[row] = values[row, finite[row]].tolist()
    return columns
