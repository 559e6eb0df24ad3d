"""Time, as a record in the log."""

from driftline_schemas.events.base import Record


class Tick(Record):
    """Says that time has passed in a partition; it ends the open block.

    The owner of a partition appends one when it has read the partition to its end and the open block is old
    enough. Its time is the LogAppendTime that the broker gives it.

    Attributes:
        worker: Name of the worker that wrote it; only for people who read the log.
    """

    worker: str = ""
