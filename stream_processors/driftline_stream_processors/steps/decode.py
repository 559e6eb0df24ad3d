"""First step: raw bytes become columns and control records, or dead letters with a reason."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, PredictionBatch, codec
from driftline_schemas.events.base import Record
from driftline_stream_processors.columns import Outcomes, Places, Predictions
from driftline_stream_processors.incoming import Incoming
from driftline_stream_processors.steps import columnar, gather
from driftline_stream_processors.steps.gather import Singles

DATA_TYPES = frozenset({None, "prediction", "prediction-batch", "outcome", "outcome-batch"})
"""Header values of the records that many events come in; all others are rare and end a run."""

Single = Prediction | Outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used; it goes to the dead-letter topic with its original bytes."""

    incoming: Incoming
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a run of the log says.

    `predictions` and `outcomes` are groups of rows; the groups of one model version (of one model, for outcomes)
    follow each other in log order.
    """

    predictions: list[Predictions] = field(default_factory=list)
    outcomes: list[Outcomes] = field(default_factory=list)
    controls: list[tuple[Incoming, Record]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


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
        self, cls: type[Prediction] | type[Outcome], gathered: Callable[[Singles], Any], into: list[Any]
    ) -> None:
        self._cls = cls
        self._gathered = gathered
        self._into = into
        self._open: dict[Hashable, Singles] = {}

    def add(self, incoming: Incoming) -> None:
        """Put a single event to those of its model version.

        Raises:
            InvalidRecord: It is none.
        """
        document = codec.parse(incoming.record.value or b"")
        model, version = (
            (document.get("model"), document.get("version", "")) if type(document) is dict else (None, None)
        )
        if type(model) is not str or type(version) is not str:
            codec.validate(self._cls, document)  # says what is wrong
        key = (model, version) if self._cls is Prediction else model
        self._open.setdefault(key, Singles()).add(incoming, document)

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


class _Decoder:
    def __init__(self) -> None:
        self.decoded = Decoded()
        self._predictions = _Gathering(Prediction, gather.predictions, self.decoded.predictions)
        self._outcomes = _Gathering(Outcome, gather.outcomes, self.decoded.outcomes)

    def take(self, incoming: Incoming) -> None:
        if incoming.type in (None, "prediction"):
            self._predictions.add(incoming)
        elif incoming.type == "outcome":
            self._outcomes.add(incoming)
        else:
            self._take_whole(incoming, codec.decode(incoming.type, incoming.record.value or b""))

    def _take_whole(self, incoming: Incoming, event: Record) -> None:
        """Take a batch or a control record; the single events before it are closed first, to keep the log's order."""
        if isinstance(event, PredictionBatch):
            self._reject(self._predictions.close((event.model, event.version)))
            places = _places(incoming, len(event.event_id))
            self.decoded.predictions.append(columnar.predictions(event, places, {}, {}))
        elif isinstance(event, OutcomeBatch):
            self._reject(self._outcomes.close(event.model))
            self.decoded.outcomes.append(columnar.outcomes(event, _places(incoming, len(event.event_id))))
        else:
            self.decoded.controls.append((incoming, event))

    def reject(self, incoming: Incoming, error: InvalidRecord) -> None:
        self.decoded.rejected.append(Rejected(incoming, error.reason, str(error)))

    def _reject(self, faults: list[tuple[Incoming, InvalidRecord]]) -> None:
        for incoming, error in faults:
            self.reject(incoming, error)

    def finish(self) -> Decoded:
        self._reject(self._predictions.close_all() + self._outcomes.close_all())
        self.decoded.rejected.sort(key=lambda rejected: rejected.incoming.record.offset)
        return self.decoded


def _places(incoming: Incoming, rows: int) -> Places:
    record = incoming.record
    return Places(
        record.partition,
        np.full(rows, record.offset, np.int64),
        np.arange(rows, dtype=np.int64),
        np.full(rows, record.timestamp, np.int64),
    )
