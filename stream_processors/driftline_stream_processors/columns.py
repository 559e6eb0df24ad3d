"""Events of one model, by column: what every step after decoding works on.

A row is an event, in log order; all columns of an object have one length. No step makes an object per event.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftline_stream_processors.position import Position

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]
Texts = Sequence[str]
OptionalTexts = Sequence[str | None]
"""None where a row does not have the value."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows stand in the log: offset of their record, index in it, and when the broker appended it."""

    partition: int
    offset: Integers
    row: Integers
    logged_at_ms: Integers

    def __len__(self) -> int:
        return len(self.offset)

    def at(self, row: int) -> Position:
        """The place of one row."""
        return Position(self.partition, int(self.offset[row]), int(self.row[row]), int(self.logged_at_ms[row]))

    def take(self, rows: Rows) -> "Places":
        """The places of some rows."""
        return Places(self.partition, self.offset[rows], self.row[rows], self.logged_at_ms[rows])

    @classmethod
    def concatenate(cls, places: Sequence["Places"]) -> "Places":
        """The places of all rows of some groups, one group after the other."""
        columns = (_concatenate([getattr(each, name) for each in places]) for name in cls.__slots__[1:])
        return cls(places[0].partition, *columns)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions of one version of one model.

    Attributes:
        model: Its name.
        version: Its version.
        places: Where they stand in the log.
        event_id: Ids.
        timestamp_ms: Event times.
        numbers: Features that are numbers, booleans (as 0 and 1) or null (as NaN).
        present: For features in `numbers` that not every row carries, which rows do.
        texts: Features that are text; None in rows where they are absent, or stand in `numbers`.
        prediction: Predicted classes and numbers as text.
        prediction_value: Predicted numbers; NaN for classes.
        score: Probability of the predicted class; NaN where absent.
        segment: Tags; None in rows that lack one.
        subject_id: Pseudonymous ids; empty where absent.
        latency_ms: How long the model took; NaN where absent.
        traceparent: W3C trace contexts; empty where absent.
    """

    model: str
    version: str
    places: Places
    event_id: Texts
    timestamp_ms: Integers
    numbers: Mapping[str, Floats]
    present: Mapping[str, Mask]
    texts: Mapping[str, OptionalTexts]
    prediction: Texts
    prediction_value: Floats
    score: Floats
    segment: Mapping[str, OptionalTexts]
    subject_id: Texts
    latency_ms: Floats
    traceparent: Texts

    def __len__(self) -> int:
        return len(self.event_id)

    def take(self, rows: Rows) -> "Predictions":
        """Some of the predictions."""
        return Predictions(self.model, self.version, *(_take(getattr(self, name), rows) for name in self.__slots__[2:]))

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Which columns there are, of those that are not always there."""
        return tuple(map(tuple, (self.numbers, self.present, self.texts, self.segment)))

    @classmethod
    def concatenate(cls, groups: Sequence["Predictions"]) -> "Predictions":
        """The rows of groups of one model version with the same names, one group after the other."""
        if len(groups) == 1:
            return groups[0]
        columns = (_concatenate([getattr(group, name) for group in groups]) for name in cls.__slots__[2:])
        return cls(groups[0].model, groups[0].version, *columns)

    def served(self) -> "Served":
        """What outcomes will need to know."""
        return Served(
            [self.version] * len(self),
            self.timestamp_ms,
            self.prediction,
            self.prediction_value,
            self.score,
            self.segment,
            self.places.offset,
            self.places.row,
        )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcomes of one model.

    Attributes:
        model: Its name.
        places: Where they stand in the log.
        event_id: Ids of the predictions that they are about.
        label: True classes and numbers as text; None retracts.
        label_value: True numbers; NaN for classes.
        timestamp_ms: When the truth was known.
        source: Who says so.
    """

    model: str
    places: Places
    event_id: Texts
    label: OptionalTexts
    label_value: Floats
    timestamp_ms: Integers
    source: Texts

    def __len__(self) -> int:
        return len(self.event_id)

    def take(self, rows: Rows) -> "Outcomes":
        """Some of the outcomes."""
        return Outcomes(self.model, *(_take(getattr(self, name), rows) for name in self.__slots__[1:]))

    @classmethod
    def concatenate(cls, groups: Sequence["Outcomes"]) -> "Outcomes":
        """The rows of groups of one model, one group after the other."""
        if len(groups) == 1:
            return groups[0]
        columns = (_concatenate([getattr(group, name) for group in groups]) for name in cls.__slots__[1:])
        return cls(groups[0].model, *columns)


@dataclass(frozen=True, slots=True)
class Served:
    """What outcomes need to know of their predictions; columns as in `Predictions`, and offset and row of each."""

    version: Texts
    timestamp_ms: Integers
    prediction: Texts
    prediction_value: Floats
    score: Floats
    segment: Mapping[str, OptionalTexts]
    offset: Integers
    row: Integers

    def __len__(self) -> int:
        return len(self.version)

    def take(self, rows: Rows) -> "Served":
        """Some of them."""
        return Served(*(_take(getattr(self, name), rows) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Judged:
    """Outcomes beside their predictions.

    Attributes:
        outcomes: The outcomes.
        joined: Which of them have a prediction.
        served: The predictions; rows without one hold "", 0 and NaN.
        position: The offset at which both were known; without a prediction the outcome's own.
        position_row: The row in that record.
        error: 0 or 1 for classes, the absolute error for numbers; NaN where there is nothing to compare.
        residual: Prediction minus label for numbers; NaN for classes.
    """

    outcomes: Outcomes
    joined: Mask
    served: Served
    position: Integers
    position_row: Integers
    error: Floats
    residual: Floats

    def __len__(self) -> int:
        return len(self.outcomes)

    def by_version(self) -> Iterator[tuple[str, Rows]]:
        """The joined rows of each version."""
        joined = np.flatnonzero(self.joined)
        every = self.served.version
        versions = every if len(joined) == len(every) else [every[row] for row in joined.tolist()]
        distinct = dict.fromkeys(versions)
        for version in distinct:
            yield version, joined if len(distinct) == 1 else joined[[each == version for each in versions]]


def _take(column: Any, rows: Rows) -> Any:
    """Some rows of a column, or of each column in a mapping."""
    if isinstance(column, Mapping):
        return {name: _take(each, rows) for name, each in column.items()}
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, Places):
        return column.take(rows)
    return [column[row] for row in rows.tolist()]


def _concatenate(columns: Sequence[Any]) -> Any:
    """Columns of one kind, or the columns in mappings with the same names, as one, one after the other."""
    first = columns[0]
    if isinstance(first, Mapping):
        return {name: _concatenate([column[name] for column in columns]) for name in first}
    if isinstance(first, np.ndarray):
        return np.concatenate(columns)
    if isinstance(first, Places):
        return Places.concatenate(columns)
    return list(chain.from_iterable(columns))
