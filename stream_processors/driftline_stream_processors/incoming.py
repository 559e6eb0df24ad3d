"""A record as it came, with its headers in reach."""

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord


class Incoming(NamedTuple):
    """A record of the log, its headers by name (of several with one name the last counts), and its type.

    `header_bytes` is the length of the names and values of all headers.
    """

    record: ConsumerRecord
    headers: Mapping[str, bytes | None]
    type: str | None
    header_bytes: int

    @property
    def key(self) -> str:
        """The record's key as text; empty where it has none."""
        return (self.record.key or b"").decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        """The value of a header as text; None where it is missing or null."""
        return _text(self.headers.get(name))


def incoming(record: ConsumerRecord, before: Incoming | None = None) -> Incoming:
    """Read a record's headers, unless they are those of the record `before`, as they are in most logs."""
    if before is not None and before.record.headers == record.headers:
        return Incoming(record, before.headers, before.type, before.header_bytes)
    headers = dict(record.headers)
    header_bytes = sum(len(name) + len(value or b"") for name, value in record.headers)
    return Incoming(record, headers, _text(headers.get("type")), header_bytes)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
