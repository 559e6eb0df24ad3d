"""Columns of what was logged become the records that travel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from types import MappingProxyType
from typing import Any, Final

from driftline_producers._encode import encode
from driftline_producers._proof import is_surely_valid
from driftline_schemas import OutcomeBatch, PredictionBatch, codec
from driftline_schemas.errors import InvalidRecord

PREDICTION: Final = "prediction"
OUTCOME: Final = "outcome"

Row = tuple[Any, ...]
"""What a host logged with one call: the fields of a prediction or an outcome, but for the model, in the order of
`_FIELDS`.
"""

Columns = Sequence[Sequence[Any]]
"""What it logged with some calls, field by field in the same order: at least one call."""

MAX_BATCH_BYTES = codec.MAX_RECORD_BYTES // 4
"""A batch of several events is not longer; one event alone may be as long as a record may."""

_FIELDS: Mapping[str, Mapping[str, Any]] = {
    PREDICTION: {
        "event_id": None,
        "version": "",
        "timestamp_ms": None,
        "features": None,
        "prediction": None,
        "score": None,
        "segment": MappingProxyType({}),
        "subject_id": None,
        "latency_ms": None,
        "traceparent": None,
    },
    OUTCOME: {"event_id": None, "label": None, "timestamp_ms": None, "source": ""},
}
"""The fields of a row, with what they are where they are left out."""

WIDTH: Mapping[str, int] = {kind: len(fields) for kind, fields in _FIELDS.items()}
"""How many fields a row has."""

_OPTIONAL = ("score", "subject_id", "latency_ms", "traceparent")
_VERSION, _FEATURES, _SEGMENT = 1, 3, 6


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A record that the contract accepts.

    Attributes:
        kind: Its type.
        value: Its JSON.
        events: How many events it holds.
        non_finite: How many features in it are null because they were NaN or infinite.
    """

    kind: str
    value: bytes
    events: int
    non_finite: int = 0


def row_of(kind: str, document: Mapping[str, Any]) -> Row:
    """The row of a single prediction or outcome.

    >>> row_of("outcome", {"event_id": "a", "model": "fraud", "label": "ok", "timestamp_ms": 1})
    ('a', 'ok', 1, '')
    """
    return tuple(document.get(name, default) for name, default in _FIELDS[kind].items())


def runs(kind: str, columns: Columns) -> Iterator[Columns]:
    """Cut where a batch must end, since another version or other names of features or segments begin."""
    if kind == OUTCOME or _is_one_run(columns):
        yield columns
        return
    shapes = zip(columns[_VERSION], map(tuple, columns[_FEATURES]), map(tuple, columns[_SEGMENT]), strict=True)
    start = 0
    for _, run in groupby(shapes):
        end = start + sum(1 for _ in run)
        yield [column[start:end] for column in columns]
        start = end


def seal(model: str, kind: str, columns: Columns) -> Batch:
    """Make the record of a run.

    >>> seal("fraud", "outcome", [("a", "b"), ("ok", "fraud"), (1, 1), ("", "")]).value
    b'{"model":"fraud","event_id":["a","b"],"label":["ok","fraud"],"timestamp_ms":[1,1],"source":""}'

    Raises:
        InvalidRecord: The contract does not accept it, or it is too long.
        TypeError: It holds something that has no JSON form.
    """
    document = _predictions(model, columns) if kind == PREDICTION else _outcomes(model, columns)
    value = encode(document)
    events = len(columns[0])
    if events > 1 and len(value) > MAX_BATCH_BYTES:
        raise InvalidRecord("too-large", f"{len(value)} bytes; a batch has at most {MAX_BATCH_BYTES}")
    if len(value) <= MAX_BATCH_BYTES and is_surely_valid(document, value):
        return Batch(f"{kind}-batch", value, events)
    record = codec.decode(f"{kind}-batch", value)
    non_finite = 0
    if isinstance(record, PredictionBatch) and b"null" in value:  # rarely: spares a look at every value
        non_finite = sum(_new_nulls(document["features"][name], column) for name, column in record.features.items())
    return Batch(f"{kind}-batch", value, events, non_finite)


def events_in(record: object) -> int:
    """How many events a record holds."""
    return len(record.event_id) if isinstance(record, PredictionBatch | OutcomeBatch) else 1


def _is_one_run(columns: Columns) -> bool:
    versions = columns[_VERSION]
    return (
        versions.count(versions[0]) == len(versions)
        and _have_same_names(columns[_FEATURES])
        and _have_same_names(columns[_SEGMENT])
    )


def _have_same_names(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all have the names of the first, in its order.

    Since no name comes twice in a row, none can be longer than the first, and so none shorter.
    """
    return [*chain.from_iterable(rows)] == [*rows[0]] * len(rows)


def _predictions(model: str, columns: Columns) -> dict[str, Any]:
    ids, versions, timestamps, features, predictions, score, segment, *others = columns
    document = {
        "model": model,
        "version": versions[0],
        "event_id": ids,
        "timestamp_ms": timestamps,
        "features": _by_name(features),
        "prediction": _column(predictions),
    }
    if segment[0]:
        document["segment"] = _by_name(segment)
    for name, column in zip(_OPTIONAL, (score, *others), strict=True):
        if column[0] is not None or column.count(None) < len(column):
            document[name] = _column(column)
    return document


def _outcomes(model: str, columns: Columns) -> dict[str, Any]:
    ids, labels, timestamps, sources = columns
    return {
        "model": model,
        "event_id": ids,
        "label": _column(labels),
        "timestamp_ms": timestamps,
        "source": _column(sources),
    }


def _by_name(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The columns of rows that have the same names in the same order."""
    names = [*rows[0]]
    values = [*chain.from_iterable(map(dict.values, rows))]
    return {name: _column(values[number :: len(names)]) for number, name in enumerate(names)}


def _column(values: Sequence[Any]) -> Any:
    """One value for all rows where all are the same text; only text, since 1, 1.0 and True are equal, but not alike."""
    first = values[0]
    return first if isinstance(first, str) and values.count(first) == len(values) else values


def _new_nulls(given: Any, sent: Any) -> int:
    return sent.count(None) - given.count(None) if isinstance(sent, list) else 0
