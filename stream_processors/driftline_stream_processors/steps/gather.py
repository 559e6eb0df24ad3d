"""Single events become a batch, so that from here on there is one kind of record: columns.

Foreign clients send events one by one. Those of one model version that a run of the log brings are put side by side
and checked as the columns that they form; only if that fails is each looked at by itself.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, PredictionBatch, codec
from driftline_stream_processors.columns import Mask, Outcomes, Places, Predictions
from driftline_stream_processors.incoming import Incoming
from driftline_stream_processors.steps import columnar

_OPTIONAL = ("score", "subject_id", "latency_ms", "traceparent")


@dataclass(frozen=True, slots=True)
class Singles:
    """Single events of one model version (of one model, for outcomes), in log order, parsed but not checked yet."""

    came: list[Incoming] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)

    def add(self, incoming: Incoming, document: dict[str, Any]) -> None:
        """Add the next event."""
        self.came.append(incoming)
        self.documents.append(document)

    def places(self) -> Places:
        """Where they stand in the log."""
        records = [incoming.record for incoming in self.came]
        return Places(
            records[0].partition,
            np.array([record.offset for record in records], np.int64),
            np.zeros(len(records), np.int64),
            np.array([record.timestamp for record in records], np.int64),
        )

    def checked(self, cls: type[Prediction] | type[Outcome]) -> tuple["Singles", list[tuple[Incoming, InvalidRecord]]]:
        """Look at each event by itself: those that are valid, and why the others are not."""
        good, bad = Singles(), []
        for incoming, document in zip(self.came, self.documents, strict=True):
            try:
                codec.validate(cls, document)
            except InvalidRecord as error:
                bad.append((incoming, error))
            else:
                good.add(incoming, document)
        return good, bad


def predictions(singles: Singles) -> Predictions:
    """The columns that predictions of one model version form.

    Raises:
        InvalidRecord: One of them is not valid, or may not be.
    """
    documents = singles.documents
    try:
        features, carried = _table([document["features"] for document in documents], None, _numbers)
        segment, tagged = _table([document.get("segment", _NONE) for document in documents], "", _slices)
        batch: dict[str, Any] = {
            "model": documents[0]["model"],
            "version": documents[0].get("version", ""),
            "event_id": [document["event_id"] for document in documents],
            "timestamp_ms": [document["timestamp_ms"] for document in documents],
            "prediction": [document["prediction"] for document in documents],
            "features": features,
            "segment": segment,
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidRecord("invalid-field", f"{type(error).__name__}: {error}") from None
    for name in _OPTIONAL:
        column = [document.get(name) for document in documents]
        batch[name] = column if column.count(None) < len(column) else None
    return columnar.predictions(codec.validate(PredictionBatch, batch), singles.places(), carried, tagged)


def outcomes(singles: Singles) -> Outcomes:
    """The columns that outcomes of one model form.

    Raises:
        InvalidRecord: One of them is not valid, or may not be.
    """
    documents = singles.documents
    try:
        batch = {
            "model": documents[0]["model"],
            "event_id": [document["event_id"] for document in documents],
            "label": [document["label"] for document in documents],
            "timestamp_ms": [document["timestamp_ms"] for document in documents],
            "source": [document.get("source", "") for document in documents],
        }
    except KeyError as error:
        raise InvalidRecord("invalid-field", f"{error} is missing") from None
    return columnar.outcomes(codec.validate(OutcomeBatch, batch), singles.places())


_NONE: Mapping[str, Any] = {}


def _table(
    rows: Sequence[Mapping[str, Any]], filler: Any, columns_of: Callable[[list[Any], int], Sequence[Any]]
) -> tuple[dict[str, Any], dict[str, Mask]]:
    """Dictionaries as columns, and which rows carry those that not all do; `filler` stands where one does not."""
    if all(row == {} for row in rows):
        return {}, {}
    names = list(rows[0])
    if all(map(names.__eq__, map(list, rows))):
        values = list(chain.from_iterable(row.values() for row in rows))
        return dict(zip(names, columns_of(values, len(names)), strict=True)), {}
    columns: dict[str, Any] = {}
    carried: dict[str, Mask] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        columns[name] = [row.get(name, filler) for row in rows]
        there = np.array([name in row for row in rows])
        if not there.all():
            carried[name] = there
    return columns, carried


def _slices(values: list[Any], width: int) -> Sequence[list[Any]]:
    """Rows of so many values, one after the other, as columns."""
    return [values[number::width] for number in range(width)]


def _numbers(values: list[Any], width: int) -> Sequence[Any]:
    """The same; as doubles, if all are numbers or booleans, which count as 0 and 1."""
    try:
        return [column.data for column in np.frombuffer(array("d", values)).reshape(-1, width).T.copy()]
    except TypeError:
        return _slices(values, width)
