"""Records that are ready to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftline_producers._encode import encode
from driftline_schemas import codec
from driftline_schemas.errors import InvalidRecord

PREDICTION = "prediction"
OUTCOME = "outcome"


@dataclass(frozen=True)
class Record:
    """A record that the contract accepts.

    Attributes:
        kind: Its type.
        model: Its key.
        value: Its JSON.
    """

    kind: str
    model: str
    value: bytes


def record(kind: str, document: Mapping[str, Any]) -> Record:
    """Encode and check a document. Raises `InvalidRecord`."""
    try:
        value = encode(document)
    except TypeError as error:
        raise InvalidRecord("bad-row", str(error)) from error
    model = getattr(codec.decode(kind, value), "model", None)
    if model is None:
        raise InvalidRecord("bad-row", f"a {kind} belongs to no model and cannot be replayed")
    return Record(kind, model, value)


def is_wire_format(row: Mapping[str, Any]) -> bool:
    """Whether a row is a record of the contract: it has a known `type`, or `features` of its own."""
    return row.get("type") in codec.EVENT_TYPES or isinstance(row.get("features"), dict)


def from_wire(row: Mapping[str, Any], model: str | None) -> Record:
    """A row in the wire format; `model` for one that names none. Raises `InvalidRecord`."""
    document = {"model": model, **row} if model else dict(row)
    return record(document.pop("type", PREDICTION), document)
