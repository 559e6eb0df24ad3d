"""First step: raw bytes become columns and control records, or dead letters with a reason."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, PredictionBatch, codec
from driftline_schemas.events.base import Record
from driftline_stream_processors.columns import Outcomes, Places, Predictions
from driftline_stream_processors.incoming import Incoming
from driftline_stream_processors.steps import batches, columnar, gather
from driftline_stream_processors.steps.gather import Singles

DATA_TYPES = frozenset({None, "prediction", "prediction-batch", "outcome", "outcome-batch"})
"""Header values of the records that many events come in; all others are rare and end a run."""

T = TypeVar("T", Predictions, Outcomes)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used; it goes to the dead-letter topic with its original bytes."""

    incoming: Incoming
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a run of the log says.

    `predictions` and `outcomes` are groups of rows, as large as possible: all rows of a model version as long as their
    columns have the same names (of a model, for outcomes). The groups of one version follow each other in log order.
    """

    predictions: list[Predictions]
    outcomes: list[Outcomes]
    controls: list[tuple[Incoming, Record]]
    rejected: list[Rejected]


def decode(run: Sequence[Incoming]) -> Decoded:
    """Decode consecutive records. Never raises: one bad record must not stop the others."""
    decoder = _Decoder()
    for incoming in run:
        try:
            decoder.take(incoming)
        except InvalidRecord as error:
            decoder.reject(incoming, error)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes provoke is data, not a crash
            decoder.reject(incoming, InvalidRecord("unreadable", f"{type(error).__name__}: {error}"[:400]))
    return decoder.finish()


class _Gathering:
    """Single events of one kind, grouped, and the columns that they have become."""

    def __init__(
        self,
        cls: type[Prediction] | type[Outcome],
        key: Callable[[Any], Hashable],
        gathered: Callable[[Singles], Any],
        into: list[Any],
    ) -> None:
        self._cls = cls
        self._key = key
        self._gathered = gathered
        self._into = into
        self._open: dict[Hashable, Singles] = {}

    def add(self, incoming: Incoming) -> None:
        """Put a single event to those of its model version.

        Raises:
            InvalidRecord: It is none.
        """
        document = codec.parse(incoming.record.value or b"")
        try:
            key = self._key(document)
            singles = self._open.get(key)
        except (AttributeError, KeyError, TypeError):
            codec.validate(self._cls, document)  # says what is wrong
            raise
        if singles is None:
            singles = self._open[key] = Singles()
        singles.add(incoming, document)

    def close(self, key: Hashable) -> list[tuple[Incoming, InvalidRecord]]:
        """Turn a group into columns; return those of its events that are not valid."""
        singles = self._open.pop(key, None)
        if singles is None:
            return []
        try:
            self._into.append(self._gathered(singles))
        except InvalidRecord:
            good, bad = singles.checked(self._cls)
            if good.documents:
                self._into.append(self._gathered(good))
            return bad
        return []

    def close_all(self) -> list[tuple[Incoming, InvalidRecord]]:
        """Close every group."""
        return [fault for key in list(self._open) for fault in self.close(key)]


def _version_of(document: Any) -> Hashable:
    return document["model"], document.get("version", "")


def _model_of(document: Any) -> Hashable:
    model: Hashable = document["model"]
    return model


class _Decoder:
    def __init__(self) -> None:
        self._predictions: list[Predictions] = []
        self._outcomes: list[Outcomes] = []
        self._controls: list[tuple[Incoming, Record]] = []
        self._rejected: list[Rejected] = []
        self._single_predictions = _Gathering(Prediction, _version_of, gather.predictions, self._predictions)
        self._single_outcomes = _Gathering(Outcome, _model_of, gather.outcomes, self._outcomes)
        self._singles = {
            None: self._single_predictions,
            "prediction": self._single_predictions,
            "outcome": self._single_outcomes,
        }

    def take(self, incoming: Incoming) -> None:
        key_bytes, header_bytes = len(incoming.record.key or b""), incoming.header_bytes
        if key_bytes > codec.MAX_HEADER_BYTES or header_bytes > codec.MAX_HEADER_BYTES:
            found = f"a key of {key_bytes} and headers of {header_bytes} bytes"
            raise InvalidRecord("too-large", f"{found}; at most {codec.MAX_HEADER_BYTES} of each are read")
        gathering = self._singles.get(incoming.type)
        if gathering is not None:
            gathering.add(incoming)
        else:
            self._take_whole(incoming, batches.decode(incoming.type, incoming.record.value or b""))

    def _take_whole(self, incoming: Incoming, event: Record) -> None:
        """Take a batch or a control record; the single events before it are closed first, to keep the log's order."""
        if isinstance(event, PredictionBatch):
            self._reject(self._single_predictions.close((event.model, event.version)))
            places = _places(incoming, len(event.event_id))
            self._predictions.append(columnar.predictions(event, places, {}, {}))
        elif isinstance(event, OutcomeBatch):
            self._reject(self._single_outcomes.close(event.model))
            self._outcomes.append(columnar.outcomes(event, _places(incoming, len(event.event_id))))
        else:
            self._controls.append((incoming, event))

    def reject(self, incoming: Incoming, error: InvalidRecord) -> None:
        self._rejected.append(Rejected(incoming, error.reason, str(error)))

    def _reject(self, faults: list[tuple[Incoming, InvalidRecord]]) -> None:
        for incoming, error in faults:
            self.reject(incoming, error)

    def finish(self) -> Decoded:
        self._reject(self._single_predictions.close_all() + self._single_outcomes.close_all())
        return Decoded(
            [
                Predictions.concatenate(list(alike))
                for version in _grouped(self._predictions, attrgetter("model", "version"))
                for _, alike in groupby(version, attrgetter("names"))
            ],
            [Outcomes.concatenate(model) for model in _grouped(self._outcomes, attrgetter("model"))],
            self._controls,
            sorted(self._rejected, key=lambda rejected: rejected.incoming.record.offset),
        )


def _grouped(groups: Iterable[T], of: Callable[[T], Hashable]) -> Iterable[list[T]]:
    """Put the groups `of` one model version (of one model) side by side, in log order."""
    together: dict[Hashable, list[T]] = {}
    for group in groups:
        together.setdefault(of(group), []).append(group)
    return together.values()


def _places(incoming: Incoming, rows: int) -> Places:
    record = incoming.record
    return Places(
        record.partition,
        np.full(rows, record.offset, np.int64),
        np.arange(rows, dtype=np.int64),
        np.full(rows, record.timestamp, np.int64),
    )
