"""A record as it came, with its headers in reach."""

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord

MAX_TEXT_BYTES = 1024
"""What means something in a key or a header, such as a model's name of 256 characters, is not longer."""


class Incoming(NamedTuple):
    """A record of the log, its headers by name (of several with one name the last counts), and its type.

    `header_bytes` is how long all headers are on the wire, or a little less.
    """

    record: ConsumerRecord
    headers: Mapping[str, bytes | None]
    type: str | None
    header_bytes: int

    @property
    def key(self) -> str:
        """The record's key as text, or as much of it as a name can have; empty where it has none."""
        return text(self.record.key) or ""

    def header(self, name: str) -> str | None:
        """The value of a header as text, or its beginning; None where it is missing or null."""
        return text(self.headers.get(name))


def incoming(record: ConsumerRecord, before: Incoming | None = None) -> Incoming:
    """Read a record's headers, unless they are those of the record `before`, as they are in most logs."""
    if before is not None and before.record.headers == record.headers:
        return Incoming(record, before.headers, before.type, before.header_bytes)
    headers = dict(record.headers)
    header_bytes = sum(len(name.encode()) + len(value or b"") + 2 for name, value in record.headers)
    return Incoming(record, headers, text(headers.get("type")), header_bytes)


def text(value: bytes | None) -> str | None:
    """A key or the value of a header as text, or its beginning: strangers write them, and some wait in memory."""
    return None if value is None else value[:MAX_TEXT_BYTES].decode("utf-8", "replace")
