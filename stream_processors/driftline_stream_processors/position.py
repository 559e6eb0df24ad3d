"""Where in the log a row came from."""

import hashlib
from typing import NamedTuple


class Position(NamedTuple):
    """A row's place: its record's partition and offset, its index in a batch, the broker's time of the record."""

    partition: int
    offset: int
    row: int
    logged_at_ms: int


def log_id(topic: str, at: Position, *parts: str) -> str:
    """An id that is a function of the log: the same record read again gives the same id.

    >>> log_id("driftline.events", Position(0, 7, 0, 0), "concept-drift", "", "adwin")
    '06d1d7a381854a4306847f29deb5c841'
    """
    text = "\x1f".join((topic, str(at.partition), str(at.offset), str(at.row), *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
