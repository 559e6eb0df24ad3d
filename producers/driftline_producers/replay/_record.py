"""Rows that are fit for the log, and the records that are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftline_producers._batch import OUTCOME, PREDICTION, events_in
from driftline_producers._encode import encode
from driftline_schemas import codec
from driftline_schemas.errors import InvalidRecord


@dataclass(frozen=True)
class Record:
    """A record that the contract accepts.

    Attributes:
        kind: Its type.
        model: Its key.
        value: Its JSON.
        events: How many events it holds.
    """

    kind: str
    model: str
    value: bytes
    events: int = 1

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """Its headers."""
        data = self.kind.removesuffix("-batch") in (PREDICTION, OUTCOME)
        return [("type", self.kind.encode()), *([("events", b"%d" % self.events)] if data else [])]


@dataclass(frozen=True)
class Entry:
    """One row, or half of one, that the contract accepts.

    Attributes:
        kind: Its record type.
        document: What it says.
        record: It as a record of its own.
    """

    kind: str
    document: Mapping[str, Any]
    record: Record


def entry(kind: str, document: Mapping[str, Any]) -> Entry:
    """Encode and check a document. Raises `InvalidRecord`."""
    try:
        value = encode(document)
    except TypeError as error:
        raise InvalidRecord("bad-row", str(error)) from error
    checked = codec.decode(kind, value)
    model = getattr(checked, "model", None)
    if model is None:
        raise InvalidRecord("bad-row", f"a {kind} belongs to no model and cannot be replayed")
    return Entry(kind, document, Record(kind, model, value, events_in(checked)))


def is_wire_format(row: Mapping[str, Any]) -> bool:
    """Whether a row is a record of the contract: it has a known `type`, or `features` of its own."""
    return row.get("type") in codec.EVENT_TYPES or isinstance(row.get("features"), dict)


def from_wire(row: Mapping[str, Any], model: str | None) -> Entry:
    """A row in the wire format; `model` for one that names none. Raises `InvalidRecord`."""
    document = {"model": model, **row} if model else dict(row)
    return entry(document.pop("type", PREDICTION), document)
