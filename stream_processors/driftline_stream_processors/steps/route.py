"""Second step: a model's records must lie in one partition; what lies elsewhere is forwarded there, once.

Producers that hash keys otherwise (librdkafka by default), or send no key, put records anywhere. The owner of the
wrong partition appends them to the right one, with their origin in a header. A replay forwards again; the receiver
remembers, per origin partition, the last offset that it took, and drops what it has seen.
"""

from aiokafka.structs import ConsumerRecord

from driftline_schemas.events.base import Record
from driftline_schemas.partitioner import partition_for
from driftline_stream_processors.steps.decode import header

ORIGIN = "driftline-origin"


def target_partition(event: Record, partitions: int) -> int | None:
    """The partition that the event's model belongs to; None for records of no model."""
    model: str | None = getattr(event, "model", None)
    return None if model is None else partition_for(model, partitions)


def origin_header(record: ConsumerRecord) -> tuple[str, bytes]:
    """The header that says where a forwarded record was first."""
    return ORIGIN, f"{record.partition}:{record.offset}".encode()


def origin(record: ConsumerRecord) -> tuple[int, int] | None:
    """Partition and offset from which the record was forwarded; None when it was not."""
    text = header(record, ORIGIN)
    if text is None:
        return None
    partition, _, offset = text.partition(":")
    return (int(partition), int(offset)) if partition.isdigit() and offset.isdigit() else None
