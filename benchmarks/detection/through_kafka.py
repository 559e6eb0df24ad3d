"""Some streams through the whole system: a real log, a worker, its tables. Every run is a model of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.detection.contenders import Alarms, about, driftline, texts
from benchmarks.detection.figures import Figures, Outcome
from benchmarks.detection.streams import CONCEPT, OF_FEATURES, START_MS, Generator, Stream, rates
from benchmarks.event_log import EventLog, Value, event_id, event_number
from benchmarks.measured import BenchmarkError
from benchmarks.stand import Stand, stand
from benchmarks.worker_run import run_worker
from driftline_schemas.settings import ClickHouseAddress

BATCH = 256
LAG = 2_000
"""Events after which a label comes."""

_ROWS_AFTER = 6_000
_LOST, _TWICE, _LATER = 0.5, 0.02, 0.05
_COST_EVENTS = 600_000


@dataclass(frozen=True)
class Run:
    """A model's records, what to make of its drifts, and what must be counted.

    Attributes:
        stream: What changes when, in rows.
        records: Of the log.
        row: The row at which a drift was found, from the number of the event that it names.
        labels: How many labels are joined, and how many of them say that the model was right.
    """

    stream: Stream
    records: Sequence[Value]
    row: Callable[[int], int]
    labels: tuple[int, int] = (0, 0)


def shifted(model: str, seed: int) -> Run:
    """The stream `shift-1`, as the library sees it."""
    stream = OF_FEATURES["shift-1"](np.random.default_rng([seed, list(OF_FEATURES).index("shift-1")]))
    return Run(stream, list(_predictions(model, stream)), lambda number: number)


def _predictions(model: str, stream: Stream) -> Iterator[Value]:
    for begin in range(0, stream.rows, BATCH):
        numbers = np.arange(begin, min(begin + BATCH, stream.rows))
        columns = dict(enumerate(stream.values[:, numbers]))
        features = {
            str(number): texts(values) if number in stream.categories else values.tolist()
            for number, values in columns.items()
        }
        yield _batch("prediction-batch", model, stream, numbers, {"prediction": "ok", "features": features})


def late_labels(model: str, seed: int) -> Run:
    """What was right becomes wrong; half of the labels are lost, the others come late, some twice or out of order."""
    rng = np.random.default_rng([seed, 99])
    errors = rates(rng, 0.10, 0.90, _ROWS_AFTER)
    numbers = np.arange(len(errors))
    labelled = numbers[rng.random(len(errors)) >= _LOST]
    due = labelled + LAG + np.where(rng.random(len(labelled)) < _LATER, rng.integers(1, 500, len(labelled)), 0)
    stream = Stream(rng.normal(size=(10, len(errors))), errors, changed=CONCEPT)
    predicted = _sent(rng, numbers, numbers)
    told = _sent(rng, labelled, due)
    records: list[Value] = []
    for begin in range(0, int(told[0].max()) + 1, BATCH):
        records += _slot(model, stream, _within(predicted, begin), _within(told, begin))
    times = dict(zip(labelled.tolist(), due.tolist(), strict=True))
    return Run(stream, records, times.__getitem__, (len(labelled), int((errors[labelled] == 0).sum())))


Timeline = tuple[NDArray[np.int64], NDArray[np.int64]]
"""When something is sent, and which event."""


def _sent(rng: Generator, numbers: NDArray[np.int64], times: NDArray[np.int64]) -> Timeline:
    """In the order of time, a few of them twice."""
    twice = rng.random(len(numbers)) < _TWICE
    again = times[twice] + rng.integers(1, 300, int(twice.sum()))
    every, when = np.concatenate((numbers, numbers[twice])), np.concatenate((times, again))
    order = np.argsort(when, kind="stable")
    return when[order], every[order]


def _within(timeline: Timeline, begin: int) -> NDArray[np.int64]:
    first, end = np.searchsorted(timeline[0], (begin, begin + BATCH))
    return timeline[1][first:end]


def _slot(model: str, stream: Stream, predicted: NDArray[np.int64], told: NDArray[np.int64]) -> Iterator[Value]:
    if len(predicted):
        features = {str(number): values[predicted].tolist() for number, values in enumerate(stream.values)}
        yield _batch("prediction-batch", model, stream, predicted, {"prediction": "ok", "features": features})
    if len(told) and stream.errors is not None:
        labels = np.where(stream.errors[told] == 0, "ok", "wrong").tolist()
        yield _batch("outcome-batch", model, stream, told, {"label": labels})


def _batch(kind: str, model: str, stream: Stream, numbers: NDArray[np.int64], columns: dict[str, object]) -> Value:
    document = {
        "model": model,
        "event_id": [event_id(number) for number in numbers.tolist()],
        "timestamp_ms": (START_MS + numbers * stream.gap_ms).tolist(),
        **columns,
    }
    return Value(kind, model, orjson.dumps(document), len(numbers))


RUNS: Mapping[str, Callable[[str, int], Run]] = {"shift-1-kafka": shifted, "late-labels-kafka": late_labels}


def measure(name: str, seeds: Sequence[int], kafka: str, clickhouse: ClickHouseAddress) -> Figures:
    """Every seed of a stream through one worker.

    Raises:
        BenchmarkError: The worker found something else than the library, or counted something else than was sent.
    """
    runs = {f"model-{seed}": RUNS[name](f"model-{seed}", seed) for seed in seeds}
    with stand(kafka, clickhouse) as one:
        records = one.send(value for run in runs.values() for value in run.records)
        run_worker(one, sum(run.stream.rows for run in runs.values()), records)
        alarms, labels = _alarms(one, runs), _labels(one)
    for model, run in runs.items():
        if labels.get(model, (0, 0)) != run.labels:
            raise BenchmarkError(f"{name}, {model}: {labels.get(model)} labels were counted, {run.labels} were sent")
        if run.stream.errors is None and alarms[model] != driftline(run.stream):
            raise BenchmarkError(f"{name}, {model}: the worker found {alarms[model]}, and the library something else")
    return Figures([Outcome.of(run.stream, alarms[model]) for model, run in runs.items()])


def _alarms(one: Stand, runs: Mapping[str, Run]) -> dict[str, Alarms]:
    found: dict[str, Alarms] = {model: [] for model in runs}
    sql = "SELECT model, kind, feature, detected_event_id FROM drifts"
    for model, kind, feature, identifier in one.client.query(sql).result_rows:
        found[model].append((runs[model].row(event_number(identifier)), about(kind, feature)))
    return {model: sorted(alarms) for model, alarms in found.items()}


def _labels(one: Stand) -> dict[str, tuple[int, int]]:
    sql = "SELECT model, sum(labels), sum(labels * performance_hourly.accuracy) FROM performance_hourly GROUP BY model"
    return {model: (labels, round(right)) for model, labels, right in one.client.query(sql).result_rows}


def events_per_cpu_second(kafka: str, clickhouse: ClickHouseAddress) -> float:
    """What the worker does of columnar batches with ten features, all of its detection, and storing them."""
    log = EventLog(_COST_EVENTS, drift_every=_COST_EVENTS)
    with stand(kafka, clickhouse) as one:
        return run_worker(one, log.events, one.send(log.batches(BATCH))).events_per_cpu_second
