"""One line of the audit's file."""

import hashlib
from typing import NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

GENESIS = "0" * 64
"""What the first entry holds instead of a hash."""


class Entry(BaseModel):
    """One decision.

    Attributes:
        sequence: 1, 2, ... without gaps.
        at_ms: When, epoch milliseconds, in the time of the log where the decision follows from it.
        actor: Who or what decided: a person's name, or a part of the system.
        action: What was done or is about to be.
        subject: What it was done to: a retrain's id or a version.
        details: What else is worth knowing.
        once: Whoever appends this key again appends nothing; None for every time.
        previous: `sha256` of the entry before.
        sha256: Of all other fields as JSON without spaces, keys sorted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sequence: int
    at_ms: int
    actor: str
    action: str
    model: str
    subject: str
    details: dict[str, JsonValue]
    once: str | None = None
    previous: str
    sha256: str = ""

    def digest(self) -> str:
        """What `sha256` must be."""
        return hashlib.sha256(
            orjson.dumps(self.model_dump(exclude={"sha256"}), option=orjson.OPT_SORT_KEYS)
        ).hexdigest()

    def line(self) -> bytes:
        """As it stands in the file."""
        return orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


class Line(NamedTuple):
    """A line of the file: its number from 1, and the entry, or None if it is none."""

    number: int
    entry: Entry | None


def parsed(line: bytes) -> Entry | None:
    """The entry that a line holds."""
    try:
        return Entry.model_validate_json(line)
    except ValidationError:
        return None
