"""How the worker's cost grows with features, models and segments, and what several workers cost together."""

from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks.comparison import BATCH
from benchmarks.event_log import EventLog, Value
from benchmarks.measured import Measured
from benchmarks.stand import stand
from benchmarks.worker_run import run_group, run_worker
from driftline_schemas.partitioner import partition_for
from driftline_schemas.settings import ClickHouseAddress

FEATURES = (100, 1_000)
MODELS = (100, 1_000)
"""Beside 10 features of one model, which are in the comparison."""
SEGMENTS = (1, 100)
WORKERS = (1, 2, 4)
PARTITIONS = 4


def interleaved(logs: Sequence[EventLog]) -> Iterator[Value]:
    """The logs of several models as one, a batch of each in turn; before them what is to be watched."""
    batches = chain.from_iterable(zip(*(log.batches(BATCH) for log in logs), strict=True))
    return chain((log.specification() for log in logs), batches)


def features(kafka: str, clickhouse: ClickHouseAddress, values: int) -> Iterator[tuple[int, Measured]]:
    """Measure one model with so many features; in all of its events there are so many `values`."""
    for count in FEATURES:
        log = EventLog(_whole_batches(values // count), features=count)
        with stand(kafka, clickhouse) as one:
            yield count, run_worker(one, log.events, one.send(interleaved([log])))


def models(kafka: str, clickhouse: ClickHouseAddress, events: int) -> Iterator[tuple[int, Measured]]:
    """Measure so many models of ten features, which together have so many `events`."""
    for count in MODELS:
        each = _whole_batches(events // count)
        logs = [EventLog(each, model=f"bench-{number}", seed=number) for number in range(count)]
        with stand(kafka, clickhouse) as many:
            yield count, run_worker(many, each * count, many.send(interleaved(logs)))


def segments(kafka: str, clickhouse: ClickHouseAddress, events: int) -> Iterator[tuple[int, Measured]]:
    """Measure one model of ten features whose events lie in so many segments."""
    for count in SEGMENTS:
        log = EventLog(_whole_batches(events), segments=count)
        with stand(kafka, clickhouse) as one:
            yield count, run_worker(one, log.events, one.send(interleaved([log])))


def workers(kafka: str, clickhouse: ClickHouseAddress, events: int) -> Iterator[tuple[int, Measured]]:
    """Measure so many workers on one log of four partitions, a model in each."""
    each = _whole_batches(events // PARTITIONS)
    logs = [EventLog(each, model=name) for name in _one_model_for_each_partition()]
    values = list(interleaved(logs))
    for count in WORKERS:
        with stand(kafka, clickhouse, PARTITIONS) as shared:
            yield count, run_group(shared, values, count)


def _whole_batches(events: int) -> int:
    return max(1, events // BATCH) * BATCH


def _one_model_for_each_partition() -> list[str]:
    names = (f"bench-{number}" for number in range(1_000))
    found = {partition_for(name, PARTITIONS): name for name in names}
    return [found[partition] for partition in range(PARTITIONS)]
