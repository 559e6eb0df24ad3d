"""Reads batches so that a column of numbers is doubles side by side at once, and no object for each.

What the quick reader cannot be sure of is left to `codec.decode`, which also says what is wrong with it.
"""

from collections.abc import Mapping
from typing import Any

import simdjson

from driftline_schemas import InvalidRecord, OutcomeBatch, PredictionBatch, codec
from driftline_schemas.events.base import Record

_BATCHES: Mapping[str | None, type[Record]] = {"prediction-batch": PredictionBatch, "outcome-batch": OutcomeBatch}

_NUMBERS = frozenset({"features", "prediction", "score", "label"})
"""Fields whose columns may be numbers of which it does not matter whether they were written as integers."""


def decode(type_name: str | None, value: bytes) -> Record:
    """The record that `value` means, as `codec.decode` gives it; in a batch, numbers may be memoryviews of doubles.

    Raises:
        InvalidRecord: As `codec.decode`.
    """
    cls = _BATCHES.get(type_name)
    if cls is not None and value.startswith(b"{") and len(value) <= codec.MAX_RECORD_BYTES:
        try:
            return codec.validate(cls, _Reader(value).document())
        except (InvalidRecord, ValueError, TypeError, RuntimeError):  # none, or not surely one
            pass
    return codec.decode(type_name, value)


class _Reader:
    """One document; the parser goes with it, because it cannot be used again while anything of it is alive."""

    def __init__(self, value: bytes) -> None:
        self._value = value
        self._arrays = 0

    def document(self) -> dict[str, Any]:
        """The fields, each as Python or as doubles.

        Raises:
            ValueError, TypeError, RuntimeError: It is not JSON, names a field twice, or nests arrays.
        """
        document = {
            name: self._fields(each, doubles=name in _NUMBERS)
            if isinstance(each, simdjson.Object)
            else self._column(each, doubles=name in _NUMBERS)
            for name, each in _items(simdjson.Parser().parse(self._value))
        }
        if self._value.count(b"[") != self._arrays:
            raise ValueError("an array in an array would pass for its values")
        return document

    def _fields(self, columns: Any, *, doubles: bool) -> dict[str, Any]:
        return {name: self._column(each, doubles=doubles) for name, each in _items(columns)}

    def _column(self, column: Any, *, doubles: bool) -> Any:
        if not isinstance(column, simdjson.Array):
            return column
        self._arrays += 1
        if doubles:
            try:
                return memoryview(column.as_buffer(of_type="d")).cast("d")
            except TypeError:  # not only numbers
                pass
        return column.as_list()


def _items(fields: Any) -> list[tuple[str, Any]]:
    names = list(fields)
    if len(set(names)) < len(names) or "\0" in "".join(names):
        raise ValueError("asked for a name, the parser gives the first of two, and reads it only up to a null")
    return [(name, fields[name]) for name in names]
