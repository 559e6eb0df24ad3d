"""The original bytes of dead letters, read from their topic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from driftline.dead_letters.place import Place
from driftline.log_reader import LogReader
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.topics import Topics

OURS = "driftline-"
"""Begins the name of every header that the worker adds."""

CLOCK_MARGIN = timedelta(minutes=1)
"""By how much brokers may disagree about the time."""

CUT = "driftline-cut"
"""Header of a dead letter that is only the beginning of a record: how long that was."""

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Letter:
    """A dead letter with its bytes.

    Attributes:
        place: Of the original record.
        key: Of the original record.
        value: Of the original record.
        headers: Of the original record, without those that the worker added to it or to the dead letter.
        cut: How long the original is, where it is too long for the topic of dead letters, which has its beginning.
    """

    place: Place
    key: bytes | None
    value: bytes | None
    headers: Headers
    cut: str | None = None


def letters(log: LogReader, topics: Topics, since: datetime) -> Iterator[Letter]:
    """The dead letters of records that were appended at this time or later; the same one may come more than once."""
    since_ms = int((since - CLOCK_MARGIN).timestamp() * 1000)
    for record in log.since(topics.dead_letters.name, max(0, since_ms)):
        place = _place(record, topics.events.name)
        if place is not None:
            headers = [(name, value) for name, value in record.headers if not name.startswith(OURS)]
            cut = dict(record.headers).get(CUT)
            yield Letter(place, record.key, record.value, headers, cut and cut.decode("utf-8", "replace"))


def lost(topics: Topics) -> str:
    """Why a dead letter has no bytes, or not all of them."""
    return (
        f"its bytes are not in the topic {topics.dead_letters.name} any more, which keeps them for 30 days, or the "
        f"record is too long for it and lies only in {topics.events.name}"
    )


def _place(record: Any, events_topic: str) -> Place | None:
    """Where the original lies; None of a record that no worker wrote."""
    ours = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    try:
        place = Place.parse(f"{ours['driftline-partition']}:{ours['driftline-offset']}")
    except (KeyError, ConfigurationError):
        return None
    return place if ours.get("driftline-topic") == events_topic else None
