"""First step: raw bytes become records, or dead letters with a reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, PredictionBatch, codec
from driftline_schemas.events.base import Record

DATA_TYPES = frozenset({None, "prediction", "prediction-batch", "outcome", "outcome-batch"})
"""Header values of the records that many events come in; all others are rare and end a run."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used; it goes to the dead-letter topic with its original bytes."""

    reason: str
    error: str


def header(record: ConsumerRecord, name: str) -> str | None:
    """The value of a header as text; None where it is missing."""
    for key, value in record.headers:
        if key == name:
            return value.decode("utf-8", "replace") if value is not None else None
    return None


def decode(record: ConsumerRecord) -> Record | Rejected:
    """The record, or why there is none. Never raises: one bad record must not stop the others."""
    try:
        return codec.decode(header(record, "type"), record.value or b"")
    except InvalidRecord as error:
        return Rejected(error.reason, str(error))
    except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes provoke is data, not a crash
        return Rejected("unreadable", f"{type(error).__name__}: {error}"[:400])


def rows(event: Record) -> Iterator[Prediction | Outcome]:
    """The predictions or outcomes that a data record carries, one or many."""
    if isinstance(event, (Prediction, Outcome)):
        yield event
    elif isinstance(event, (PredictionBatch, OutcomeBatch)):
        yield from event.rows()
