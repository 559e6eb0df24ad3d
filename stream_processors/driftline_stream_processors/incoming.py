"""A record as it came, with its headers in reach."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord

MAX_TEXT_BYTES = 1024
"""What means something in a key or a header, such as a model's name of 256 characters, is not longer."""


EMITTER = "emitter"
"""Header: id of the process that emitted the record, as in its reports."""

ORIGIN = "driftline-origin"
"""Header of a forwarded record: partition and offset where it was first."""

REPLAY = "driftline-replay"
"""Header of a dead letter that is given back: partition and offset where it could not be used."""


class Incoming(NamedTuple):
    """A record of the log, its headers by name (of several with one name the last counts), and what they say.

    Attributes:
        record: As it was fetched.
        headers: Its headers.
        header_bytes: How long they all are on the wire, or a little less.
        type: The record's type; None where the header is missing.
        emitter: Who sent it; None where nobody says so, and for a replayed dead letter, which was counted when sent.
        is_passed_on: Whether it was forwarded or replayed.
    """

    record: ConsumerRecord
    headers: Mapping[str, bytes | None]
    header_bytes: int
    type: str | None
    emitter: bytes | None
    is_passed_on: bool

    @property
    def key(self) -> str:
        """The record's key as text, or as much of it as a name can have; empty where it has none."""
        return text(self.record.key) or ""

    def header(self, name: str) -> str | None:
        """The value of a header as text, or its beginning; None where it is missing or null."""
        return text(self.headers.get(name))


def incoming(records: Iterable[ConsumerRecord]) -> list[Incoming]:
    """Read the records' headers: once where consecutive records have the same, as in most logs."""
    found: list[Incoming] = []
    for pairs, alike in groupby(records, attrgetter("headers")):
        headers = dict(pairs)
        header_bytes = sum(len(name.encode()) + len(value or b"") + 2 for name, value in pairs)
        emitter = None if REPLAY in headers else headers.get(EMITTER)
        is_passed_on = ORIGIN in headers or REPLAY in headers
        said = (headers, header_bytes, text(headers.get("type")), emitter, is_passed_on)
        found += [Incoming._make((record, *said)) for record in alike]
    return found


def text(value: bytes | None) -> str | None:
    """A key or the value of a header as text, or its beginning: strangers write them, and some wait in memory."""
    return None if value is None else value[:MAX_TEXT_BYTES].decode("utf-8", "replace")
