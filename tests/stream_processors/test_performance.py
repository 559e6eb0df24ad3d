"""The performance views equal what the raw log says, however late, twice, or in which order its labels came."""

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from tests.stream_processors.harness import Installation, wait_for

EVENTS = 2000
LATEST = 1000
START_MS = 1_763_870_000_000
STEP_MS = 4_000
SOURCES = (("chargebacks",), ("review",), ("chargebacks", "review"))
CLASSES = ("fraud", "ok")
RARE = "unclear"
NAN = math.nan

Sent = tuple[str | None, bytes, str | None]
Key = tuple[Any, ...]
Table = dict[Key, list[float]]


@dataclass(frozen=True)
class Item:
    """A prediction or an outcome, and at which event it is written."""

    at: float
    kind: str
    document: dict[str, Any]


def items(chance: random.Random) -> Iterator[Item]:
    """Everything that is said about all events: 5 % of it a little early or late, 2 % twice."""
    for number in range(EVENTS):
        prediction = _prediction(chance, number)
        for item in (Item(number, "prediction", prediction), *_outcomes(chance, number, prediction)):
            at = item.at + (chance.uniform(-100, 100) if chance.random() < 0.05 else 0)
            yield Item(at, item.kind, item.document)
            if chance.random() < 0.02:
                yield Item(at + chance.uniform(0, 300), item.kind, item.document)
        if chance.random() < 0.01:  # an id that is taken
            yield Item(number + 50, "prediction", prediction | {"version": "2", "prediction": "ok", "score": 0.5})


def _prediction(chance: random.Random, number: int) -> dict[str, Any]:
    model = chance.choice(("fraud", "price"))
    segment: dict[str, Any] = {}
    if chance.random() < 0.8:
        segment["country"] = chance.choice(("DE", "FR", "IT"))
    if chance.random() < 0.5:
        segment["new"] = chance.random() < 0.5
    return {
        "event_id": f"{chance.randrange(16**8):08x}-{number}",
        "model": model,
        "version": chance.choice(("1", "2")),
        "timestamp_ms": START_MS + STEP_MS * number + chance.randrange(-60_000, 60_000),
        "features": {"x": chance.gauss(0, 1)},
        "prediction": chance.choice(CLASSES) if model == "fraud" else chance.gauss(10, 2),
        "score": round(chance.uniform(0.5, 1), 2) if model == "fraud" and chance.random() < 0.9 else None,
        "segment": segment,
    }


def _outcomes(chance: random.Random, number: int, prediction: dict[str, Any]) -> Iterator[Item]:
    """Labels of half of the events, by one source or two; some before the prediction, some changed later."""
    if chance.random() < 0.5:
        return
    for source in chance.choice(SOURCES):
        at = number + (chance.uniform(-60, 0) if chance.random() < 0.05 else chance.uniform(0, LATEST))
        said = int(prediction["timestamp_ms"] + STEP_MS * (at - number))
        yield Item(at, "outcome", _outcome(prediction, _label(chance, prediction), said, source))
        while chance.random() < 0.2:
            at += chance.uniform(0, 300)
            said += chance.randrange(1, 600_000)
            label = None if chance.random() < 0.4 else _label(chance, prediction)
            yield Item(at, "outcome", _outcome(prediction, label, said, source))


def _label(chance: random.Random, prediction: dict[str, Any]) -> str | float:
    guess = prediction["prediction"]
    if isinstance(guess, float):
        return chance.choice((guess + chance.gauss(0.3, 1), round(guess)))
    if prediction["version"] == "2" and chance.random() < 0.01:
        return RARE
    return str(guess if chance.random() < 0.8 else chance.choice(CLASSES))


def _outcome(prediction: dict[str, Any], label: Any, said: int, source: str) -> dict[str, Any]:
    same = {name: prediction[name] for name in ("event_id", "model")}
    return {**same, "label": label, "timestamp_ms": said, "source": source}


def records(chance: random.Random, said: Sequence[Item]) -> Iterator[Sent]:
    """The items in their order: some stretches one by one, others in columns."""
    start = 0
    while start < len(said):
        stretch = said[start : start + chance.randint(1, 60)]
        start += len(stretch)
        if chance.random() < 0.5:
            yield from ((item.kind, _bytes(item.document), item.document["model"]) for item in stretch)
            continue
        groups: dict[Key, list[dict[str, Any]]] = defaultdict(list)
        for item in stretch:
            document = item.document
            groups[item.kind, document["model"], document.get("version"), *document.get("segment", ())].append(document)
        for (kind, model, *_), documents in groups.items():
            yield f"{kind}-batch", _bytes(_columns(documents)), model


def _columns(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Documents of one model version with the same tags as one of lists; a source that all name is named once."""
    columns: dict[str, Any] = {}
    for name, first in documents[0].items():
        values = [document[name] for document in documents]
        same = name in {"model", "version"} or (name == "source" and len(set(values)) == 1)
        columns[name] = _columns(values) if isinstance(first, dict) else first if same else values
    return columns


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


class Oracle:
    """What a log says, computed at once from its raw records."""

    def __init__(self, log: Iterable[tuple[str, dict[str, Any]]]) -> None:
        self.predictions: dict[Key, dict[str, Any]] = {}
        self._labels: dict[Key, dict[str, Any]] = {}
        said: set[Key] = set()
        for kind, row in log:
            event = row["model"], row["event_id"]
            if kind.startswith("prediction"):
                self.predictions.setdefault(event, row)
                continue
            words = *event, row["source"], row["timestamp_ms"], str(row["label"])
            if words not in said:  # what is said twice counts where it was said first
                self._labels[*event, row["source"]] = row
            said.add(words)

    def _labelled(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for (*event, _), row in self._labels.items():
            if row["label"] is not None and tuple(event) in self.predictions:
                yield self.predictions[tuple(event)], row

    def figures(self, seconds: int, by_segment: bool) -> Table:
        """By tag, value, model, version, start of the window, source: predictions, labels and figures."""
        served = Counter(
            key for prediction in self.predictions.values() for key in _windows(prediction, seconds, by_segment)
        )
        judged: dict[Key, list[Any]] = defaultdict(list)
        for prediction, outcome in self._labelled():
            for key in _windows(prediction, seconds, by_segment):
                judged[*key, outcome["source"]].append((prediction, outcome))
        return {key: _figures(pairs, served[key[:-1]]) for key, pairs in judged.items()}

    def classes(self, seconds: int) -> Table:
        """By model, version, start of the window, source, class: support, predicted, precision, recall and F1."""
        cells: dict[Key, Counter[tuple[str, str]]] = defaultdict(Counter)
        for prediction, outcome in self._labelled():
            if isinstance(prediction["prediction"], str):
                (key,) = _windows(prediction, seconds, by_segment=False)
                cells[*key[2:], outcome["source"]][prediction["prediction"], outcome["label"]] += 1
        return {
            (*key, name): _class_figures(name, pairs)
            for key, pairs in cells.items()
            for name in {name for pair in pairs for name in pair}
        }


def _windows(prediction: dict[str, Any], seconds: int, by_segment: bool) -> list[Key]:
    """The windows in which a prediction counts."""
    start = prediction["timestamp_ms"] // 1000 // seconds * seconds
    tags = prediction["segment"].items() if by_segment else [("", "")]
    texts = [(tag, str(value).lower() if isinstance(value, bool) else value) for tag, value in tags]
    return [(*text, prediction["model"], prediction["version"], start) for text in texts]


def _figures(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]], predictions: int) -> list[float]:
    delays = sorted(outcome["timestamp_ms"] - prediction["timestamp_ms"] for prediction, outcome in pairs)
    guesses = [(prediction["prediction"], outcome["label"], prediction["score"]) for prediction, outcome in pairs]
    classes = [guess for guess in guesses if isinstance(guess[0], str)]
    scored = [guess for guess in classes if guess[2] is not None]
    residuals = [guess - label for guess, label, _ in guesses if not isinstance(guess, str)]
    return [
        *(predictions, len(pairs), len(pairs) / predictions, _quantile(delays, 0.5), _quantile(delays, 0.95)),
        _mean([guess == label for guess, label, _ in classes]),
        _mean([-math.log(max(score if guess == label else 1 - score, 2**-52)) for guess, label, score in scored]),
        _mean([(score - (guess == label)) ** 2 for guess, label, score in scored]),
        _area(scored),
        _mean([abs(residual) for residual in residuals]),
        math.sqrt(_mean([residual**2 for residual in residuals])),
        _mean(residuals),
    ]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else NAN


def _quantile(ordered: Sequence[int], level: float) -> float:
    place = level * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _area(scored: Sequence[tuple[str, str, float]]) -> float:
    """How often an event of the larger class has the higher chance of it than one of the smaller; equal is half."""
    classes = sorted({name for guess, label, _ in scored for name in (guess, label)})
    if len(classes) != 2:
        return NAN
    larger = classes[1]
    chances: dict[bool, list[float]] = {True: [], False: []}
    for guess, label, score in scored:
        chances[label == larger].append(score if guess == larger else 1 - score)
    return _mean([(mine > other) + (mine == other) / 2 for mine, other in product(chances[True], chances[False])])


def _class_figures(name: str, pairs: Counter[tuple[str, str]]) -> list[float]:
    support = sum(count for (_, label), count in pairs.items() if label == name)
    predicted = sum(count for (guess, _), count in pairs.items() if guess == name)
    correct = pairs[name, name]
    precision, recall = (correct / count if count else NAN for count in (predicted, support))
    return [support, predicted, precision, recall, 2 * correct / (support + predicted)]


def raw_log(installation: Installation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every prediction and outcome as it stands in Kafka, partition by partition."""
    consumer = KafkaConsumer(bootstrap_servers=installation.kafka, enable_auto_commit=False)
    try:
        for partition, end in installation.end_offsets().items():
            place = TopicPartition(installation.topics.events.name, partition)
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            while consumer.position(place) < end:
                for record in consumer.poll(timeout_ms=1000).get(place, []):
                    yield from _rows(dict(record.headers).get("type", b"prediction").decode(), record.value)
    finally:
        consumer.close()


def _rows(kind: str, value: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    if kind in {"prediction", "outcome"}:
        yield kind, json.loads(value)
    elif kind in {"prediction-batch", "outcome-batch"}:
        columns = json.loads(value)
        yield from ((kind, _row(columns, number)) for number in range(len(columns["event_id"])))


def _row(column: Any, number: int) -> Any:
    if isinstance(column, dict):
        return {name: _row(each, number) for name, each in column.items()}
    return column[number] if isinstance(column, list) else column


def viewed(installation: Installation, view: str, keys: str, values: str) -> Table:
    """What a view says."""
    count = len(keys.split(","))
    rows = installation.query(f"SELECT {keys}, {values} FROM {view}")
    table = {tuple(row[:count]): list(row[count:]) for row in rows}
    assert len(table) == len(rows)
    return table


def compare(found: Table, expected: Table, counts: int) -> None:
    """Counts are equal, figures to a billionth."""
    assert {key: row[:counts] for key, row in found.items()} == {key: row[:counts] for key, row in expected.items()}
    for key, row in expected.items():
        assert found[key][counts:] == pytest.approx(row[counts:], rel=1e-9, abs=1e-9, nan_ok=True), key


def compare_views(installation: Installation, oracle: Oracle) -> None:
    """Every view of performance against the oracle."""
    figures = (
        "predictions, labels, coverage, delay_ms_median, delay_ms_p95, accuracy, log_loss, brier, auc, mae, rmse, bias"
    )
    keys = "{}, model, version, toUnixTimestamp({}), source"
    for view, tags, start, seconds, by_segment in (
        ("performance_hourly", "'', '' AS empty", "hour", 3600, False),
        ("performance_by_segment_hourly", "tag, value", "hour", 3600, True),
        ("performance_windows(seconds = 600, by_segment = 0)", "tag, value", "window_start", 600, False),
        ("performance_windows(seconds = 900, by_segment = 1)", "tag, value", "window_start", 900, True),
    ):
        found = viewed(installation, view, keys.format(tags, start), figures)
        compare(found, oracle.figures(seconds, by_segment), 2)
    for view, start, seconds in (
        ("performance_by_class_hourly", "hour", 3600),
        ("performance_by_class_windows(seconds = 600)", "window_start", 600),
    ):
        keys = f"model, version, toUnixTimestamp({start}), source, class"
        found = viewed(installation, view, keys, "support, predicted, precision, recall, f1")
        compare(found, oracle.classes(seconds), 2)


def test_performance_is_restated_to_what_the_whole_log_says(installation: Installation) -> None:
    chance = random.Random(11)
    said = sorted(items(chance), key=lambda item: item.at)
    log = list(records(chance, said))
    half = len(log) // 2
    with installation.worker():
        installation.send(log[:half])
        wait_for("the first half", lambda: installation.records_stored() == half)
    before = Oracle(raw_log(installation))
    compare_views(installation, before)
    with installation.worker():
        installation.send(log[half:])
        wait_for("the second half", lambda: installation.records_stored() == len(log))
    after = Oracle(raw_log(installation))
    compare_views(installation, after)
    assert len(after.predictions) == EVENTS
    first, last = before.figures(3600, False), after.figures(3600, False)
    complete = [key for key, row in first.items() if key in last and row[0] == last[key][0]]
    assert any(first[key][1] != last[key][1] for key in complete)
