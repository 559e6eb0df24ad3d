"""A worker that is given partitions while it works reads all that is in them."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from driftline_schemas.partitioner import partition_for
from tests.stream_processors.harness import START, Installation, prediction, wait_for

PATIENT = """
import asyncio
from faust.tables.recovery import Recovery
from driftline_stream_processors.kafka.transport import ChunkConsumer

resume, fetch = Recovery._resume_streams, ChunkConsumer._wait_next_records

async def later(*arguments, **named):
    await asyncio.sleep(1.5)
    await resume(*arguments, **named)

Recovery._resume_streams = later
ChunkConsumer._wait_next_records = lambda consumer, _: fetch(consumer, 10.0)
"""
"""A fetch is always under way, and always ends between the assignment of a partition and the beginning of work."""


def test_what_is_fetched_before_work_begins_in_a_partition_is_not_lost(installation: Installation) -> None:
    """Nothing of the partition was committed, and nothing comes after these records that would show a gap."""
    with installation.worker(start=PATIENT + START):
        with other_member(installation) as partitions:
            models = {partition_for(model, installation.topics.partitions): model for model in map(str, range(100))}
            for partition in partitions:
                model = models[partition]
                installation.send([(None, prediction("e", model), model)])
        wait_for("all stored", lambda: installation.query("SELECT count() FROM predictions") == [(len(partitions),)])


@contextmanager
def other_member(installation: Installation) -> Iterator[set[int]]:
    """Another member of the worker's group, and its partitions; it reads nothing, and leaves at the end."""
    consumer = KafkaConsumer(
        installation.topics.events.name,
        bootstrap_servers=installation.kafka,
        group_id=installation.topics.prefix + "test",
        partition_assignment_strategy=[RoundRobinPartitionAssignor],
        enable_auto_commit=False,
    )
    try:

        def shared() -> bool:
            consumer.poll(200)
            return 0 < len(consumer.assignment()) < installation.topics.partitions

        wait_for("the partitions are shared", shared)
        yield {tp.partition for tp in consumer.assignment()}
    finally:
        consumer.close()
