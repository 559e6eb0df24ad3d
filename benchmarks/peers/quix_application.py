"""Quix Streams: a StreamingDataFrame into a batching sink, which is written at every checkpoint."""

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.peers.work import ROWS_PER_INSERT, Job, Work


class ClickHouseSink(BatchingSink):  # type: ignore[misc]
    """Inserts what gathered since the last checkpoint."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work

    def write(self, batch: SinkBatch) -> None:
        """Insert; the checkpoint is committed only when this returns."""
        for item in batch:
            self._work.add(item.value)
        self._work.flush()


def main() -> None:
    """Read until the last event."""
    job = Job.from_environment()
    work = Work(job)
    application = Application(
        broker_address=job.kafka,
        consumer_group=job.group,
        auto_offset_reset="earliest",
        commit_every=ROWS_PER_INSERT,
        loglevel="WARNING",
    )
    events = application.topic(job.topic, value_deserializer="bytes")
    application.dataframe(events).apply(work.decode).apply(work.watch).sink(ClickHouseSink(work))
    application.run(count=job.events, collect=False)
    work.report()


if __name__ == "__main__":
    main()
