"""What the worker's `/metrics` answers: counters that it has anyway, read when Prometheus asks."""

from collections.abc import Callable, Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from driftline_schemas.events.drift import Kind
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.storage.store import Store
from driftline_stream_processors.watch import Watch
from driftline_stream_processors.worker import LogReader, Worker

_PREFIX = "driftline_worker_"

_COUNTERS = {
    "records": ("records", "Records taken from the log."),
    "predictions": ("predictions", "New predictions."),
    "outcomes": ("outcomes", "New outcomes."),
    "joined": ("joined_outcomes", "Outcomes that were joined to their predictions."),
    "orphans": ("orphan_outcomes", "Outcomes that found no prediction when they came."),
    "repeated": ("repeated_events", "Predictions and outcomes that came before."),
    "dead_letters": ("dead_letters", "Records that could not be used."),
    "forwarded": ("forwarded_records", "Records that were sent on to their model's partition."),
    "duplicates": ("duplicate_records", "Forwarded or replayed records that had been taken before."),
    "ticks": ("ticks", "Ticks."),
    "controls": ("control_records", "Specifications, promotions and reports of emitters."),
}
"""Counters of a block, and what they are called here."""

_DECIDED = {
    "drifts": "Drifts found.",
    "alerts": "Alerts sent.",
    "retrain_requests": "Retrains asked for.",
}

_GAUGES: dict[str, tuple[str, Callable[[PartitionPipeline], float | None]]] = {
    "next_offset": ("The first offset that was not taken yet.", lambda pipeline: pipeline.state.next_offset),
    "stored_offset": ("Everything before it is stored.", lambda pipeline: pipeline.keeper.stored_offset),
    "last_record_timestamp_seconds": (
        "When the broker appended the last record that was taken.",
        lambda pipeline: pipeline.last_logged_at_ms / 1000 or None,
    ),
    "snapshot_timestamp_seconds": (
        "When this process last stored the state.",
        lambda pipeline: pipeline.keeper.saved and pipeline.keeper.saved.at,
    ),
    "snapshot_bytes": (
        "Bytes of that snapshot.",
        lambda pipeline: pipeline.keeper.saved and pipeline.keeper.saved.size_bytes,
    ),
    "models": ("Models watched.", lambda pipeline: len(pipeline.state.monitors)),
    "waiting_features": (
        "Features that are not watched yet, because too many others learn their references.",
        lambda pipeline: pipeline.state.monitors.waiting_features,
    ),
}
"""By partition; None where there is nothing to say yet."""


class WorkerMetrics(Collector):
    """Reads the worker's counters; costs nothing until it is asked."""

    def __init__(self, worker: Worker, store: Store, watch: Watch, reader: Callable[[], LogReader]) -> None:
        self._worker = worker
        self._store = store
        self._watch = watch
        self._reader = reader
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def page(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Every metric, with its value now."""
        pipelines = [owned.pipeline for _, owned in sorted(self._worker.owned.items())]
        yield from _counters(pipelines)
        yield from _decided(pipelines)
        yield from _gauges(pipelines)
        yield from self._log_ends()
        yield from self._parts()
        yield from self._store.seconds.collect()

    def _log_ends(self) -> Iterator[Metric]:
        ends = GaugeMetricFamily(f"{_PREFIX}high_watermark_offset", "Where the log ends.", labels=["partition"])
        lags = GaugeMetricFamily(f"{_PREFIX}lag_records", "Records that were not taken yet.", labels=["partition"])
        for tp, owned in sorted(self._worker.owned.items()):
            end = self._reader().highwater(tp)
            if end is not None:
                ends.add_metric([str(tp.partition)], end)
                lags.add_metric([str(tp.partition)], max(0, end - owned.pipeline.state.next_offset))
        yield from (ends, lags)

    def _parts(self) -> Iterator[Metric]:
        yield _gauge("stalled_partitions", "Partitions that stand still while records wait.", len(self._watch.stalls))
        yield _gauge("clickhouse_up", "Whether ClickHouse answered last.", self._store.away is None)
        yield _gauge("kafka_up", "Whether Kafka answered last.", self._watch.kafka_away is None)


def _counters(pipelines: list[PartitionPipeline]) -> Iterator[Metric]:
    counts = {str(pipeline.partition): pipeline.counts for pipeline in pipelines}
    for key, (name, text) in _COUNTERS.items():
        family = CounterMetricFamily(f"{_PREFIX}{name}", text, labels=["partition"])
        for partition, counted in counts.items():
            family.add_metric([partition], counted[key])
        yield family


def _decided(pipelines: list[PartitionPipeline]) -> Iterator[Metric]:
    """With zeros, since Prometheus does not see the first increment of a series that begins with it."""
    for name, text in _DECIDED.items():
        family = CounterMetricFamily(f"{_PREFIX}{name}", text, labels=["partition", "kind"])
        for pipeline in pipelines:
            for kind in get_args(Kind):
                family.add_metric([str(pipeline.partition), kind], pipeline.decided[name, kind])
        yield family


def _gauges(pipelines: list[PartitionPipeline]) -> Iterator[Metric]:
    for name, (text, read) in _GAUGES.items():
        family = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=["partition"])
        for pipeline in pipelines:
            if (value := read(pipeline)) is not None:
                family.add_metric([str(pipeline.partition)], value)
        yield family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}{name}", text, value=float(value))
