"""What says of a dead letter where its original lies, and what is wrong with it."""

from typing import Protocol


class Placed(Protocol):
    """A record of Kafka, as far as its place goes."""

    @property
    def topic(self) -> str:
        """Name of its topic."""

    @property
    def partition(self) -> int:
        """Its partition."""

    @property
    def offset(self) -> int:
        """Its offset."""


def fault_headers(record: Placed, reason: str, error: str) -> list[tuple[str, bytes]]:
    """The headers that a dead letter has beside those of its original.

    Args:
        record: The original.
        reason: Short name of the fault.
        error: What is wrong with it.
    """
    said = {
        "reason": reason,
        "error": error,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
    }
    return [(f"driftline-{name}", value.encode("utf-8", "replace")) for name, value in said.items()]
