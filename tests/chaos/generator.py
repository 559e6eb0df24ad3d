"""A log of everything that clients do, the same for the same seed.

Models of several kinds over all partitions; predictions and outcomes one by one and in columns; outcomes early, late,
corrected, retracted and repeated; event ids that come twice; what is not a record at all; records in a partition that
is not their model's; promotions, specifications and emitters' counters; a concept and a data drift per model.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.chaos.malformed import MALFORMED

PARTITIONS = 4
START_MS = 1_763_870_000_000
MODELS = ("fraud", "churn", "price", "spam", "demand", "credit", "clicks", "returns")
NUMERIC = frozenset({"price", "demand"})  # predict numbers, the others classes
LARGEST_BATCH = 100

STRANGE: Sequence[dict[str, Any]] = (
    *({"features": {"x": x}} for x in (1e308, -1e308, 5e-324, 10**20, "text", True, None)),
    {"features": {"é" * 256: 1, "\0": "\0", "t": ""} | {f"f{n}": n for n in range(200)}},
    {"timestamp_ms": 0},
    {"timestamp_ms": 253_402_300_799_999},
    {"prediction": 1e308},
    {"prediction": "x" * 10_000},
    {"version": "v" * 256},
    {"latency_ms": 1e300, "score": -1e300, "subject_id": "\0", "traceparent": "\U0001f600"},
    {"segment": {"\0": True, "é" * 256: 1e308, "country": "D\0E"}},
)
"""Fields that are valid, and stretch what is."""

Headers = list[tuple[str, bytes | None]]


class Sent(NamedTuple):
    """One record as it is written; partition None lets the key decide."""

    value: bytes | None
    key: str | None
    headers: Headers
    partition: int | None = None


@dataclass(frozen=True)
class Event:
    """A prediction and what turned out to be true."""

    event_id: str
    version: str
    timestamp_ms: int
    features: dict[str, Any]
    guess: Any
    label: Any


def generated_log(seed: int, events: int) -> list[Sent]:
    """Records about `events` predictions, in the order in which they are to be written."""
    chance = random.Random(seed)
    records: list[tuple[float, Sent]] = []
    number = 0
    while number < events:
        model = chance.choice(MODELS)
        size = min(events - number, chance.randint(2, LARGEST_BATCH) if chance.random() < 0.1 else 1)
        drifted = number > events // 2
        group = [_event(chance, model, n, drifted) for n in range(number, number + size)]
        records += ((number + delay, sent) for delay, sent in _course(chance, model, group))
        number += size
    return [sent for _, sent in sorted(records, key=lambda pair: pair[0])]


def _event(chance: random.Random, model: str, number: int, drifted: bool) -> Event:
    if model in NUMERIC:
        label: Any = chance.gauss(10, 1)
        guess: Any = label + chance.gauss(0, 3 if drifted else 0.5)
    else:
        label = chance.random() < 0.5
        guess = label ^ (chance.random() < (0.4 if drifted else 0.05))
        label, guess = (label, guess) if model == "clicks" else (("no", "yes")[label], ("no", "yes")[guess])
    features = {
        "x": chance.gauss(2 if drifted else 0, 1),
        "country": chance.choice(["DE", "FR"]),
        "age": chance.choice([None, 31, 47]),
        "returning": chance.random() < 0.5,
    }
    version = "2" if chance.random() < 0.3 else "1"
    return Event(f"{model}-{number:07d}", version, START_MS + 1000 * number, features, guess, label)


def _course(chance: random.Random, model: str, group: Sequence[Event]) -> Iterator[tuple[float, Sent]]:
    """What is written about a group of events, and how long after them; a delay below 0 comes before them."""
    yield 0, _placed(chance, model, _predictions(model, group), len(group))
    if chance.random() < 0.02:  # the emitter did not hear that it was stored
        yield chance.uniform(0, 300), _placed(chance, model, _predictions(model, group), len(group))
    delay = chance.choice([-5.0, 3.0, 40.0, 40.0, 40.0, 200.0, 5000.0])
    outcomes = _outcomes(model, group, [event.label for event in group])
    yield delay, _placed(chance, model, outcomes, len(group))
    if chance.random() < 0.02:
        yield delay + chance.uniform(0, 300), _placed(chance, model, outcomes, len(group))
    if chance.random() < 0.03:  # corrected, to another event's label, or retracted
        labels = [None if chance.random() < 0.5 else group[0].label for _ in group]
        yield delay + 30, _placed(chance, model, _outcomes(model, group, labels, later_ms=60_000), len(group))
    if chance.random() < 0.03:
        yield 0.5, _placed(chance, model, _malformed(chance, _predictions(model, group)))
    if chance.random() < 0.02:
        yield 0.6, _placed(chance, model, _strange(chance, model, group[0]))
    if chance.random() < 0.01:
        yield 0.7, _placed(chance, model, _control(chance, model, group[0]))


def _placed(chance: random.Random, model: str, record: tuple[str | None, bytes | None], events: int = 1) -> Sent:
    """Let most records lie where they belong, and carry the headers that their client knows."""
    record_type, value = record
    headers: Headers = [("type", record_type.encode())] if record_type is not None else []
    if chance.random() < 0.5:
        headers += [("emitter", f"{model}-{chance.randrange(3)}".encode()), ("events", str(events).encode())]
    if chance.random() < 0.04:
        key = chance.choice([model, None]) if value is not None else model
        return Sent(value, key, headers, chance.randrange(PARTITIONS))
    return Sent(value, model, headers)


def _predictions(model: str, group: Sequence[Event]) -> tuple[str | None, bytes]:
    first = group[0]
    document: dict[str, Any] = {"model": model, "version": first.version}
    if len(group) == 1:
        document |= {"event_id": first.event_id, "timestamp_ms": first.timestamp_ms, "features": first.features}
        return None, json.dumps(document | {"prediction": first.guess, "latency_ms": 2.5}).encode()
    features = {name: [event.features[name] for event in group] for name in first.features}
    document |= {
        "event_id": [event.event_id for event in group],
        "timestamp_ms": [event.timestamp_ms for event in group],
        "features": features | {"source": "batch"},
        "prediction": [event.guess for event in group],
        "segment": {"country": features["country"]},
        "score": 0.9,
    }
    return "prediction-batch", json.dumps(document).encode()


def _outcomes(model: str, group: Sequence[Event], labels: Sequence[Any], later_ms: int = 500) -> tuple[str, bytes]:
    first = group[0]
    document: dict[str, Any] = {"model": model, "timestamp_ms": group[-1].timestamp_ms + later_ms}
    if len(group) == 1:
        return "outcome", json.dumps(document | {"event_id": first.event_id, "label": labels[0]}).encode()
    document |= {"event_id": [event.event_id for event in group], "label": labels, "source": "books"}
    return "outcome-batch", json.dumps(document).encode()


def _malformed(chance: random.Random, good: tuple[str | None, bytes]) -> tuple[str | None, bytes | None]:
    return chance.choice(MALFORMED)(*good)


def _strange(chance: random.Random, model: str, event: Event) -> tuple[None, bytes]:
    """A valid prediction of a kind that no service makes."""
    document = json.loads(_predictions(model, [event])[1])
    document["event_id"] += "-\0 é"
    changed = chance.choice(STRANGE)
    return None, json.dumps(
        document | changed | {"features": document["features"] | changed.get("features", {})}
    ).encode()


def _control(chance: random.Random, model: str, event: Event) -> tuple[str, bytes]:
    document: dict[str, Any] = {"model": model, "timestamp_ms": event.timestamp_ms}
    match chance.randrange(3):
        case 0:
            kind = "model-promoted"
            document |= {"action": "promoted", "version": event.version}
        case 1:
            kind = "model-spec"
            document |= {"owner": "somebody"}
        case _:
            counters = {"logged": 9, "sent": 8, "queued": 1, "dropped": {"queue-full": 1}}
            kind = "emitter-report"
            document |= {"emitter": f"{model}-0", **counters}
    return kind, json.dumps(document).encode()
