"""The latest predictions of a partition: here duplicates are recognised, and most outcomes find their predictions.

Two generations are kept (generations.py). The younger takes every new prediction; when it is full or old it becomes the
elder, and the elder is forgotten. In a snapshot is only where they begin: their predictions are in the store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from driftline_stream_processors.columns import Integers, Predictions, Rows, Served
from driftline_stream_processors.memory.generations import Age
from driftline_stream_processors.memory.served import ServedTable

_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1


class Marks(NamedTuple):
    """Where the generations begin in the log, and when the younger one did; -1 before the first block's end."""

    elder_offset: int
    younger_offset: int
    younger_began_ms: int


@dataclass
class _Generation:
    """Predictions from `first_offset` on.

    `codes` say, by model and event id, in which chunk and row one stands; `event_ids` are those of a model's chunks.
    """

    first_offset: int
    age: Age = field(default_factory=Age)
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    chunks: dict[int, Served] = field(default_factory=dict)
    event_ids: dict[str, dict[int, Sequence[str]]] = field(default_factory=dict)


_NO_CODES: dict[str, int] = {}


class Recent:
    """The latest predictions by model and event id."""

    def __init__(self, marks: Marks) -> None:
        self._elder = _Generation(marks.elder_offset)
        self._younger = _Generation(marks.younger_offset, Age(marks.younger_began_ms))
        self._next_chunk = 1  # so that no code is 0, which would pass for "not there"

    def __len__(self) -> int:
        return self._elder.age.events + self._younger.age.events

    @property
    def marks(self) -> Marks:
        """What a snapshot needs to know."""
        return Marks(self._elder.first_offset, self._younger.first_offset, self._younger.age.began_ms)

    @classmethod
    def restore(cls, marks: Marks, stored: Iterable[tuple[str, Sequence[str], Served]]) -> "Recent":
        """Build it anew from the stored predictions since `marks.elder_offset`: model, event ids, columns."""
        recent = cls(marks)
        for model, event_ids, served in stored:
            young = served.offset >= marks.younger_offset
            for generation, mask in ((recent._elder, ~young), (recent._younger, young)):
                rows = np.flatnonzero(mask)
                if len(rows):
                    recent._add(generation, model, [event_ids[row] for row in rows.tolist()], served.take(rows))
        return recent

    def add(self, predictions: Predictions) -> None:
        """Remember new predictions; none of them may be known."""
        self._add(self._younger, predictions.model, predictions.event_id, predictions.served())

    def _add(self, generation: _Generation, model: str, event_ids: Sequence[str], served: Served) -> None:
        first = self._next_chunk << _ROW_BITS
        generation.codes.setdefault(model, {}).update(zip(event_ids, range(first, first + len(served)), strict=True))
        generation.chunks[self._next_chunk] = served
        generation.event_ids.setdefault(model, {})[self._next_chunk] = event_ids
        generation.age.events += len(served)
        self._next_chunk += 1

    def knows_any(self, model: str, event_ids: set[str]) -> bool:
        """Whether at least one of the ids is known."""
        known = (self._younger.codes.get(model, _NO_CODES), self._elder.codes.get(model, _NO_CODES))
        return any(not codes.keys().isdisjoint(event_ids) for codes in known)

    def find(self, model: str, event_ids: Iterable[str]) -> Integers:
        """For each id a code by which `take` finds its prediction; -1 for ids that are not known."""
        younger = self._younger.codes.get(model, _NO_CODES)
        elder = self._elder.codes.get(model, _NO_CODES)
        if elder:
            return np.array([younger.get(key) or elder.get(key, -1) for key in event_ids], np.int64)
        return np.array([younger.get(key, -1) for key in event_ids], np.int64)

    def take(self, codes: Integers, into: ServedTable, rows: Rows) -> None:
        """Write the predictions with these codes into the rows of a table."""
        numbers = codes >> _ROW_BITS
        for number in np.unique(numbers).tolist():
            served = self._younger.chunks.get(number) or self._elder.chunks[number]
            here = np.flatnonzero(numbers == number)
            into.put(rows[here], served, codes[here] & _ROW_MASK)

    def event_at(self, model: str, offset: int, timestamp_ms: int) -> str:
        """The id of the first prediction in a record with this event time; empty where none is known."""
        found: list[tuple[int, str]] = []
        for generation in (self._younger, self._elder):
            for number, event_ids in generation.event_ids.get(model, {}).items():
                served = generation.chunks[number]
                if not served.offset[0] <= offset <= served.offset[-1]:
                    continue
                rows = np.flatnonzero((served.offset == offset) & (served.timestamp_ms == timestamp_ms))
                found += [(int(served.row[row]), event_ids[row]) for row in rows[:1].tolist()]
        return min(found, default=(0, ""))[1]

    def event_before(self, model: str, version: str, offset: int, timestamp_ms: int) -> str:
        """The id of the first prediction of a version with this event time, up to an offset; empty where none is known.

        An outcome stands somewhere behind its prediction: its own place and the prediction's time are what is known.
        """
        found: list[tuple[int, int, str]] = []
        for generation in (self._younger, self._elder):
            for number, event_ids in generation.event_ids.get(model, {}).items():
                served = generation.chunks[number]
                rows = np.flatnonzero((served.timestamp_ms == timestamp_ms) & (served.offset <= offset)).tolist()
                theirs = (row for row in rows if served.version[row] == version)
                found += [(int(served.offset[row]), int(served.row[row]), event_ids[row]) for row in theirs]
        return min(found, default=(0, 0, ""))[-1]

    def end_block(self, next_offset: int, first_logged_at_ms: int, last_logged_at_ms: int) -> None:
        """Forget, where a block ends, what has become too much or too old."""
        if self._younger.age.over(first_logged_at_ms, last_logged_at_ms):
            self._elder, self._younger = self._younger, _Generation(next_offset, Age(last_logged_at_ms))
