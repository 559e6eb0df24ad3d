"""A log of mixed records, the same for the same seed."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

MODELS = ("fraud", "churn", "price", "spam")
START_MS = 1_763_870_000_000


class Sent(NamedTuple):
    """One record and where to write it; partition None lets the key decide."""

    record_type: str | None
    value: bytes
    key: str
    partition: int | None = None


def generated_log(seed: int, events: int) -> list[Sent]:
    """Predictions whose outcomes come late, early or twice, a concept drift per model, and what goes wrong."""
    chance = random.Random(seed)
    records: list[tuple[float, Sent]] = []
    for number in range(events):
        model = chance.choice(MODELS)
        records += ((number + delay, sent) for delay, sent in _event(chance, model, number, events))
    return [sent for _, sent in sorted(records, key=lambda pair: pair[0])]


def _event(chance: random.Random, model: str, number: int, events: int) -> Iterator[tuple[float, Sent]]:
    event_id = f"{model}-{number:06d}"
    stale = number > events // 2
    label = chance.choice(["yes", "no"]) if model != "price" else chance.gauss(10, 1)
    wrong = chance.random() < (0.4 if stale else 0.05)
    guess: Any = (label + chance.gauss(0, 3 if stale else 0.5)) if isinstance(label, float) else label
    if wrong and isinstance(label, str):
        guess = "no" if label == "yes" else "yes"
    features = {"x": chance.gauss(2 if stale else 0, 1), "country": chance.choice(["DE", "FR"]), "age": None}
    yield 0, Sent(None, _prediction(event_id, model, number, features, guess), model, _misplaced(chance))
    delay = chance.choice([-5, 3, 40, 40, 40, 200])
    yield delay + 0.5, Sent("outcome", _outcome(event_id, model, number, label), model)
    if chance.random() < 0.02:
        yield delay + 30.5, Sent("outcome", _outcome(event_id, model, number, None), model)
    if chance.random() < 0.01:
        bad = chance.choice([b"{", b"{}", b"\xff\xfe", json.dumps({"event_id": event_id, "model": model}).encode()])
        yield 0.7, Sent(chance.choice([None, "outcome", "gossip"]), bad, model)
    if chance.random() < 0.002:
        change = {"model": model, "action": "promoted", "version": "2", "timestamp_ms": START_MS + number}
        yield 0.9, Sent("model-promoted", json.dumps(change).encode(), model)


def _misplaced(chance: random.Random) -> int | None:
    return chance.randrange(4) if chance.random() < 0.03 else None


def _prediction(event_id: str, model: str, number: int, features: dict[str, Any], guess: Any) -> bytes:
    document = {
        "event_id": event_id,
        "model": model,
        "version": str(1 + number % 2),
        "timestamp_ms": START_MS + 1000 * number,
        "features": features,
        "prediction": guess,
        "latency_ms": 2.5,
    }
    return json.dumps(document).encode()


def _outcome(event_id: str, model: str, number: int, label: Any) -> bytes:
    document = {"event_id": event_id, "model": model, "label": label, "timestamp_ms": START_MS + 1000 * number + 500}
    return json.dumps(document).encode()
