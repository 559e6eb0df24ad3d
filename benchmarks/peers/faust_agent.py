"""A vanilla Faust agent."""

import asyncio

import faust

from benchmarks.peers.work import Job, Work

job = Job.from_environment()
work = Work(job)
app = faust.App(
    job.group,
    broker=f"kafka://{job.kafka}",
    store="memory://",
    topic_disable_leader=True,
    web_enabled=False,
)
events = app.topic(job.topic, value_type=bytes, value_serializer="raw")


@app.agent(events)
async def watch(stream: faust.StreamT[bytes]) -> None:
    """Watch every event; insert when enough rows wait."""
    async for value in stream:
        if work.events < job.events:
            work.add(work.watch(work.decode(value)))
            if work.full:
                await asyncio.to_thread(work.flush)
            if work.events == job.events:
                work.report()


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
