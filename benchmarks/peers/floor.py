"""The floor: aiokafka reads, orjson parses, nothing is done with it."""

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.peers.work import Job, clocks, report


async def read(job: Job) -> None:
    """Read until the last event."""
    consumer = AIOKafkaConsumer(
        job.topic, bootstrap_servers=job.kafka, group_id=job.group, auto_offset_reset="earliest"
    )
    await consumer.start()
    begun, events = None, 0
    while events < job.events:
        for messages in (await consumer.getmany(timeout_ms=1_000, max_records=2_000)).values():
            begun = begun or clocks()
            for message in messages:
                found = orjson.loads(message.value)["event_id"]
                events += len(found) if isinstance(found, list) else 1
    report(events, begun or clocks(), clocks(), [])
    await consumer.stop()


if __name__ == "__main__":
    uvloop.run(read(Job.from_environment()))
