"""How far the log of a model is stored."""

from driftline import store
from driftline_schemas import LogPosition
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.partitioner import partition_for
from driftline_schemas.settings import Settings

_LAST = """
SELECT max(last_offset) AS offset, max(toUnixTimestamp64Milli(last_logged_at)) AS at_ms
FROM block_log WHERE partition = {partition:UInt16} HAVING count() > 0
"""


def last_stored(settings: Settings, model: str) -> LogPosition:
    """The last stored record of the model's partition, at the broker's time.

    Raises:
        ConfigurationError: Nothing of that partition is stored.
        Unavailable: ClickHouse does not answer.
    """
    partition = partition_for(model, settings.partitions)
    rows = store.rows(settings.clickhouse, _LAST, {"partition": partition})
    if not rows:
        raise ConfigurationError(f"nothing of {model!r} is stored yet: emit predictions first, and run a worker")
    return LogPosition(partition=partition, offset=int(str(rows[0]["offset"])), timestamp_ms=int(str(rows[0]["at_ms"])))
