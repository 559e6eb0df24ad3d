"""Bytewax: a dataflow with one state for each model."""

from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import operators as kafka
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

from benchmarks.peers.work import Event, Job, Watch, Watched, Work


class ClickHousePartition(StatelessSinkPartition[tuple[str, Watched]]):  # type: ignore[misc]
    """Gathers the batches that Bytewax hands over into larger inserts."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def write_batch(self, items: list[tuple[str, Watched]]) -> None:
        """Take a batch."""
        for _, watched in items:
            self._work.add(watched)
        if self._work.full:
            self._work.flush()

    def close(self) -> None:
        """End of the stream."""
        self._work.report()


class ClickHouseSink(DynamicSink[tuple[str, Watched]]):  # type: ignore[misc]
    """One partition for each worker."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def build(self, step_id: str, worker_index: int, worker_count: int) -> ClickHousePartition:
        """The partition of a worker."""
        return ClickHousePartition(self._work)


def watch(state: Watch | None, event: Event) -> tuple[Watch, Watched]:
    """Feed a model's watch."""
    state = state or Watch()
    return state, state.take(event)


def build(job: Job) -> Dataflow:
    """The dataflow; it ends where the topic ended when it began."""
    work = Work(job)
    flow = Dataflow("peer")
    messages: Any = kafka.input("events", flow, brokers=[job.kafka], topics=[job.topic], tail=False)
    events = op.map("decode", messages.oks, lambda message: work.decode(message.value))
    by_model = op.key_on("model", events, lambda event: event.model)
    watched = op.stateful_map("watch", by_model, watch)
    op.output("clickhouse", watched, ClickHouseSink(work))
    return flow


if __name__ == "__main__":
    cli_main(build(Job.from_environment()))
