"""Fifth step: columns go through the monitors of their model version."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from driftline_detectors import DriftFinding, ErrorColumns, PredictionColumns, ReadingFindings, WindowFindings
from driftline_detectors.findings import Findings
from driftline_stream_processors.columns import Judged, Predictions, Rows
from driftline_stream_processors.incoming import Incoming
from driftline_stream_processors.memory.monitors import MAX_NEW_VERSIONS, Monitors
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.position import Position

F = TypeVar("F", DriftFinding, WindowFindings, ReadingFindings)


class LogRow(NamedTuple):
    """The row of the log at which something was found."""

    at: Position
    event_id: str
    timestamp_ms: int


class Found(NamedTuple, Generic[F]):
    """A drift, or the figures of a window or of detectors, whose it is, and where it was found."""

    model: str
    version: str
    finding: F
    row: LogRow


@dataclass(frozen=True, slots=True)
class Measured:
    """What the monitors of a model version found."""

    drifts: list[Found[DriftFinding]]
    windows: list[Found[WindowFindings]]
    readings: list[Found[ReadingFindings]]

    @classmethod
    def of(cls, model: str, version: str, findings: Findings, row_of: Callable[[int], LogRow]) -> Self:
        """Say whose findings these are; `row_of` tells the row of the log behind a monitor's row."""
        row = cache(row_of)
        return cls(
            [Found(model, version, drift, row(drift.row)) for drift in findings.drifts],
            [Found(model, version, window, row(window.row)) for window in findings.windows],
            [Found(model, version, reading, row(reading.row)) for reading in findings.readings],
        )


def watch_predictions(monitors: Monitors, groups: Sequence[Predictions]) -> Iterator[Measured]:
    """Feed predictions to their monitors, in the order of the log."""
    for group in sorted(_cut_at_new_versions(monitors, groups), key=lambda group: group.places.at(0)):
        monitor = monitors.open(group.model, group.version)
        if monitor is None:
            continue
        columns = PredictionColumns(
            position=group.places.offset,
            timestamp_ms=group.timestamp_ms,
            features=group.numbers,
            latency_ms=group.latency_ms,
            prediction_value=group.prediction_value,
            present=group.present,
            texts=group.texts,
            prediction=group.prediction,
            segment=group.segment,
        )
        yield Measured.of(group.model, group.version, monitor.observe_predictions(columns), partial(_row, group))


def _cut_at_new_versions(monitors: Monitors, groups: Sequence[Predictions]) -> Iterator[Predictions]:
    """Cut a model's rows where a version begins, which takes over what the ones before it have learned up to there."""
    by_model: dict[str, list[Predictions]] = {}
    for group in groups:
        by_model.setdefault(group.model, []).append(group)
    for model, parts in by_model.items():
        begins: dict[str, Position] = {}
        for group in parts:
            if len(parts) > 1 and monitors.of(model, group.version) is None:
                first = group.places.at(0)
                begins[group.version] = min(first, begins.get(group.version, first))
        for first in sorted(begins.values())[:MAX_NEW_VERSIONS]:
            parts = [part for group in parts for part in _cut(group, first) if len(part)]
        yield from parts


def _cut(group: Predictions, place: Position) -> tuple[Predictions, Predictions]:
    offset, row = group.places.offset, group.places.row
    before = (offset < place.offset) | ((offset == place.offset) & (row < place.row))
    if before.all() or not before.any():
        return group, group.take(np.array([], np.intp))
    return group.take(np.flatnonzero(before)), group.take(np.flatnonzero(~before))


def _row(group: Predictions, row: int) -> LogRow:
    return LogRow(group.places.at(row), group.event_id[row], int(group.timestamp_ms[row]))


def watch_outcomes(monitors: Monitors, judged: Sequence[Judged]) -> Iterator[Measured]:
    """Feed the errors of joined outcomes, in the order in which they were known, to the monitors of their versions."""
    pieces: dict[tuple[str, str], list[tuple[Judged, Rows]]] = {}
    for group in judged:
        for version, rows in group.by_version():
            pieces.setdefault((group.outcomes.model, version), []).append((group, rows))
    for (model, version), of_version in pieces.items():
        monitor = monitors.of(model, version)
        if monitor is not None:
            errors = _Errors(of_version)
            tags = monitors.settings(model).segments
            yield Measured.of(model, version, monitor.observe_errors(errors.columns(tags)), errors.row)


def watch_traffic(state: PartitionState, came: Incoming) -> Iterator[Found[DriftFinding]]:
    """Let time pass up to a tick."""
    record = came.record
    at = Position(record.partition, record.offset, 0, record.timestamp)
    for model, finding in state.traffic.at_tick(record.timestamp, state.monitors.specs, state.champions):
        yield Found(model, finding.version, finding, LogRow(at, "", record.timestamp))


class _Errors:
    """The outcomes of one model version from several groups, in the order in which they were known."""

    def __init__(self, pieces: Sequence[tuple[Judged, Rows]]) -> None:
        self._pieces = pieces
        self._sources = np.concatenate([np.full(len(rows), number) for number, (_, rows) in enumerate(pieces)])
        self._rows = np.concatenate([rows for _, rows in pieces])
        self._order = np.lexsort(
            (
                self._column(lambda group: group.outcomes.places.row),
                self._column(lambda group: group.outcomes.places.offset),
                self._column(lambda group: group.position_row),
                self._column(lambda group: group.position),
            )
        )

    def _column(self, of: Callable[[Judged], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([of(group)[rows] for group, rows in self._pieces])

    def columns(self, tags: Sequence[str]) -> ErrorColumns:
        """What a monitor reads; of the predictions' tags these."""
        order = self._order
        return ErrorColumns(
            position=self._column(lambda group: group.position)[order],
            timestamp_ms=self._column(lambda group: group.served.timestamp_ms)[order],
            error=self._column(lambda group: group.error)[order],
            residual=self._column(lambda group: group.residual)[order],
            segment={tag: self._tag(tag) for tag in tags},
        )

    def _tag(self, tag: str) -> list[str | None]:
        """The values of a tag."""
        values: list[str | None] = []
        for group, rows in self._pieces:
            column = group.served.segment.get(tag)
            values += [None] * len(rows) if column is None else [column[row] for row in rows.tolist()]
        return [values[row] for row in self._order.tolist()]

    def row(self, number: int) -> LogRow:
        """The row of the log behind one of the columns' rows."""
        which = self._order[number]
        group, row = self._pieces[self._sources[which]][0], int(self._rows[which])
        places = group.outcomes.places
        at = Position(
            places.partition, int(group.position[row]), int(group.position_row[row]), int(places.logged_at_ms[row])
        )
        return LogRow(at, group.outcomes.event_id[row], int(group.outcomes.timestamp_ms[row]))
