"""Records that could not be read."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer
from driftline_dashboard.store import Store


class DeadLetter(Answer):
    """A record that could not be read; see the view `dead_letters`.

    Attributes:
        partition: Of the events topic.
        offset: Its offset there.
        reason: Why it was refused, as a short code.
        error: What was wrong with it.
        record_type: Type that its header claims.
        key: Its key.
        size_bytes: Size of its value.
        replayed: Whether it was replayed.
        logged_at: When Kafka appended it.
    """

    partition: int
    offset: int
    reason: str
    error: str
    record_type: str
    key: str
    size_bytes: int
    replayed: bool
    logged_at: datetime


class DeadLetters(Answer):
    """One page of them.

    Attributes:
        total: How many there are.
        by_reason: How many there are of each reason.
        letters: This page, newest first.
    """

    total: int
    by_reason: dict[str, int]
    letters: list[DeadLetter]


_COUNTS = "SELECT reason, count() AS letters FROM dead_letters GROUP BY reason ORDER BY letters DESC LIMIT 50"
_PAGE = f"""
SELECT {", ".join(DeadLetter.model_fields)} FROM dead_letters WHERE {{reason:String}} = '' OR reason = {{reason:String}}
ORDER BY logged_at DESC, partition, offset DESC LIMIT {{limit:UInt32}} OFFSET {{offset:UInt32}}
"""  # noqa: S608 - of names of our own


def dead_letters(store: Store, *, reason: str = "", limit: int = 100, offset: int = 0) -> DeadLetters:
    """A page of the dead letters; of one reason when it is named."""
    counts = {row["reason"]: row["letters"] for row in store.rows(_COUNTS)}
    rows = store.rows(_PAGE, reason=reason, limit=limit, offset=offset)
    return DeadLetters(
        total=counts.get(reason, 0) if reason else sum(counts.values()),
        by_reason=counts,
        letters=[DeadLetter.model_validate(row) for row in rows],
    )
