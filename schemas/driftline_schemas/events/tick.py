"""Time, as a record in the log."""

from driftline_schemas.events.base import Record


class Tick(Record):
    """Says that time has passed in a partition; it ends the open block.

    The owner of a partition appends one when it has read the partition to its end and the open block is old enough,
    and when it has asked for a retrain, whose training window is in that block. Its time is the LogAppendTime that
    the broker gives it.
    """
