"""Bytes on the wire and the records that they mean."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from driftline_schemas.errors import InvalidRecord
from driftline_schemas.events.base import Record
from driftline_schemas.events.emitter_report import EmitterReport
from driftline_schemas.events.incident import Incident
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.model_change import ModelPromoted
from driftline_schemas.events.model_spec import ModelSpec
from driftline_schemas.events.outcome import Outcome
from driftline_schemas.events.outcome_batch import OutcomeBatch
from driftline_schemas.events.prediction import Prediction
from driftline_schemas.events.prediction_batch import PredictionBatch
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.events.retrain_verdict import RetrainVerdict
from driftline_schemas.events.rollback_request import RollbackRequest
from driftline_schemas.events.silence import Silence
from driftline_schemas.events.tick import Tick

R = TypeVar("R", bound=Record)

MAX_RECORD_BYTES = 2 * 1024 * 1024
"""A longer record is refused before it is parsed."""

MAX_HEADER_BYTES = 64 * 1024
"""A record with a longer key or longer headers is refused: one more header must always fit when it is sent on."""

DEFAULT_TYPE = "prediction"
"""What a record without the header `type` is taken for, so that any client can write predictions."""

EVENT_TYPES: Mapping[str, type[Record]] = MappingProxyType(
    {
        "prediction": Prediction,
        "prediction-batch": PredictionBatch,
        "outcome": Outcome,
        "outcome-batch": OutcomeBatch,
        "model-spec": ModelSpec,
        "model-promoted": ModelPromoted,
        "emitter-report": EmitterReport,
        "tick": Tick,
    }
)
"""The record types of `driftline.events`, by the value of the header `type`."""

RETRAIN_TYPES: Mapping[str, type[Record]] = MappingProxyType(
    {"retrain-request": RetrainRequest, "retrain-verdict": RetrainVerdict, "rollback-request": RollbackRequest}
)
"""The record types of `driftline.retrains`, by the value of the header `type`; without it, a request."""

DEFAULT_RETRAIN_TYPE = "retrain-request"

INCIDENT_TYPES: Mapping[str, type[Record]] = MappingProxyType(
    {"incident": Incident, "incident-action": IncidentAction, "silence": Silence}
)
"""The record types of `driftline.incidents`, by the value of the header `type`; without it, an incident."""

DEFAULT_INCIDENT_TYPE = "incident"

_NAMES = {cls: name for types in (EVENT_TYPES, RETRAIN_TYPES, INCIDENT_TYPES) for name, cls in types.items()}
_MAX_ERRORS_SHOWN = 3


def record_type(event: Record) -> str:
    """The value of the header `type` for an event.

    >>> record_type(Tick())
    'tick'
    """
    return _NAMES[type(event)]


def headers(event: Record) -> list[tuple[str, bytes]]:
    """The Kafka headers of an event."""
    return [("type", record_type(event).encode())]


def encode(event: Record) -> bytes:
    """The JSON value of a record; fields that were left out stay out."""
    return orjson.dumps(event.model_dump(exclude_unset=True))


def decode(type_name: str | None, value: bytes) -> Record:
    """The record that `value` means.

    Args:
        type_name: The value of the header `type`; None where the header is missing.
        value: The bytes of the Kafka value.

    Raises:
        InvalidRecord: With reason `too-large`, `unknown-type`, `not-json` or `invalid-field`; the message names the
            fields that are wrong and never holds more than a few hundred characters.
    """
    return _decode(EVENT_TYPES, DEFAULT_TYPE if type_name is None else type_name, value)


def decode_retrain(type_name: str | None, value: bytes) -> Record:
    """The record of `driftline.retrains` that `value` means; see `decode`."""
    return _decode(RETRAIN_TYPES, DEFAULT_RETRAIN_TYPE if type_name is None else type_name, value)


def decode_incident(type_name: str | None, value: bytes) -> Record:
    """The record of `driftline.incidents` that `value` means; see `decode`."""
    return _decode(INCIDENT_TYPES, DEFAULT_INCIDENT_TYPE if type_name is None else type_name, value)


def _decode(types: Mapping[str, type[Record]], name: str, value: bytes) -> Record:
    cls = types.get(name)
    if cls is None:
        raise InvalidRecord("unknown-type", f"type {name[:80]!r} is not one of {', '.join(types)}")
    return validate(cls, parse(value))


def parse(value: bytes) -> Any:
    """What the JSON of a record says, before any of it is checked.

    Raises:
        InvalidRecord: With reason `too-large` or `not-json`.
    """
    if len(value) > MAX_RECORD_BYTES:
        raise InvalidRecord("too-large", f"{len(value)} bytes; at most {MAX_RECORD_BYTES} are read")
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidRecord("not-json", f"not JSON in UTF-8: {str(error)[:200]}") from None


def validate(cls: type[R], document: Any) -> R:
    """The record of one type that a parsed document means.

    Raises:
        InvalidRecord: With reason `invalid-field`; the message names at most three fields that are wrong.
    """
    try:
        return cls.model_validate(document)
    except ValidationError as error:
        raise InvalidRecord("invalid-field", _summary(error)) from None


def _summary(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    shown = [f"{'.'.join(map(str, f['loc']))[:120] or 'record'}: {f['msg'][:120]}" for f in faults[:_MAX_ERRORS_SHOWN]]
    more = len(faults) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
