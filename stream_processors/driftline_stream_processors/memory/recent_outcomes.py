"""Which outcomes came before, so that one that is sent twice counts once.

An outcome is the same as another if model, event id, source, label and time agree; a correction differs in at least one
of them. Kept are 64-bit hashes, in two generations (generations.py).
"""

from typing import Any, Self

import numpy as np
from xxhash import xxh3_64_intdigest

from driftline_stream_processors.columns import Outcomes
from driftline_stream_processors.memory.generations import Age


def digests(outcomes: Outcomes) -> list[int]:
    """A hash of each outcome; the same in every process."""
    model = outcomes.model
    rows = zip(outcomes.event_id, outcomes.source, outcomes.label, outcomes.timestamp_ms.tolist(), strict=True)
    return [
        xxh3_64_intdigest(f"{model}\x1f{event_id}\x1f{source}\x1f{timestamp_ms}\x1f{label!r}".encode())
        for event_id, source, label, timestamp_ms in rows
    ]


class RecentOutcomes:
    """The latest outcomes."""

    def __init__(self) -> None:
        self._elder: set[int] = set()
        self._younger: set[int] = set()
        self._age = Age()

    def knows_any(self, found: set[int]) -> bool:
        """Whether at least one of these came before."""
        return not (self._younger.isdisjoint(found) and self._elder.isdisjoint(found))

    def knows(self, digest: int) -> bool:
        """Whether this one came before."""
        return digest in self._younger or digest in self._elder

    def add(self, new: set[int]) -> None:
        """Remember outcomes."""
        self._younger |= new

    def end_block(self, first_logged_at_ms: int, last_logged_at_ms: int) -> None:
        """Forget, where a block ends, what has become too much or too old."""
        self._age.events = len(self._younger)
        if self._age.over(first_logged_at_ms, last_logged_at_ms):
            self._elder, self._younger, self._age = self._younger, set(), Age(last_logged_at_ms)

    def snapshot(self) -> list[Any]:
        """Plain data."""
        return [_packed(self._elder), _packed(self._younger), self._age.began_ms]

    @classmethod
    def restore(cls, state: list[Any]) -> Self:
        """What `snapshot` returned."""
        outcomes = cls()
        elder, younger, began_ms = state
        outcomes._elder, outcomes._younger, outcomes._age = _unpacked(elder), _unpacked(younger), Age(int(began_ms))
        return outcomes


def _packed(digests: set[int]) -> bytes:
    packed: bytes = np.sort(np.fromiter(digests, np.uint64, len(digests))).tobytes()
    return packed


def _unpacked(packed: bytes) -> set[int]:
    return set(np.frombuffer(packed, np.uint64).tolist())
