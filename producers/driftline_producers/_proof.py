"""A quick proof that a batch is what the contract allows: by the types of its values, without reading its JSON again.

What it leaves open the contract decides. Types are compared exactly, since those derived from them may encode as
anything.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from types import NoneType
from typing import Any

from driftline_schemas.events.base import MAX_NAME_CHARACTERS

_LATEST_MS = 2**47  # in the year 6429; the contract judges what is later
_NAME_LENGTHS = frozenset(range(1, MAX_NAME_CHARACTERS + 1))
_SCALAR = frozenset({float, int, bool, str})
_NUMBER = frozenset({float, int})
_TEXT = frozenset({str})
_NULL = frozenset({NoneType})

_COLUMNS: Mapping[str, frozenset[type]] = {
    "event_id": _TEXT,
    "timestamp_ms": frozenset({int}),
    "features": _SCALAR | _NULL,
    "prediction": _SCALAR,
    "score": _NUMBER | _NULL,
    "segment": _SCALAR,
    "subject_id": _TEXT | _NULL,
    "latency_ms": _NUMBER,
    "traceparent": _TEXT | _NULL,
    "label": _SCALAR | _NULL,
    "source": _TEXT,
}
"""What the values of a column may be, at least."""


def is_surely_valid(document: Mapping[str, Any], value: bytes) -> bool:
    """Whether the contract accepts a batch, and no number in it became null; False where that is open.

    Args:
        document: Its fields; columns have one length and at least one row, or are one text for all rows.
        value: Its JSON, not longer than a record may be.
    """
    nulls = 0
    for column, allowed in _columns(document):
        types = set(map(type, column))
        if not types <= allowed:
            return False
        if NoneType in types:
            nulls += column.count(None)
    return value.count(b"null") == nulls and _are_names(document) and _are_in_range(document)


def _columns(document: Mapping[str, Any]) -> Iterator[tuple[Any, frozenset[type]]]:
    for field, allowed in _COLUMNS.items():
        content = document.get(field, ())
        for column in content.values() if isinstance(content, dict) else (content,):
            yield (column,) if isinstance(column, str) else column, allowed


def _are_names(document: Mapping[str, Any]) -> bool:
    """Whether what must be a name is one; ids are known to be texts."""
    names = [document["model"], *document.get("features", ()), *document.get("segment", ())]
    return set(map(type, names)) == _TEXT and set(map(len, chain(names, document["event_id"]))) <= _NAME_LENGTHS


def _are_in_range(document: Mapping[str, Any]) -> bool:
    """Whether times and latencies, which are known to be numbers, are, and texts with a limit are within it."""
    times, latencies = document["timestamp_ms"], document.get("latency_ms", (0,))
    version, sources = document.get("version", ""), document.get("source", "")
    return (
        min(times) >= 0
        and max(times) <= _LATEST_MS
        and min(latencies) >= 0
        and type(version) is str
        and max(map(len, [version, *((sources,) if isinstance(sources, str) else sources)])) <= MAX_NAME_CHARACTERS
    )
