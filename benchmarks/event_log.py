"""The log of events that every program of the comparison reads: seeded, with a few genuine drifts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from river import drift

FIRST_DRIFT = 1_500
SHIFT = 1.5
"""How far, in standard deviations, the mean of a feature moves at a drift; the next one moves it back."""
DECIMALS = 4
START_MS = 1_763_870_000_000

Drift = tuple[str, int]
"""Feature, and number of the event at which its drift was found."""


class Value(NamedTuple):
    """A record: its type, its model, its JSON, and how many events it holds."""

    kind: str
    model: str
    json: bytes
    events: int


def event_id(number: int) -> str:
    """The id of an event: as long as the SDK's, and sorted like them.

    >>> event_id(26)
    '0000001a-0000-7000-8000-000000000000'
    """
    return f"{number:08x}-0000-7000-8000-000000000000"


def event_number(identifier: str) -> int:
    """Which event of the log an id names."""
    return int(identifier[:8], 16)


@dataclass(frozen=True)
class EventLog:
    """Predictions of one model: independent normal features, one of which drifts every `drift_every` events.

    Attributes:
        events: How many.
        features: Numeric features of each.
        model: Name of the model.
        drift_every: Events from one drift to the next; the features take turns.
        seed: Of the generator.
        segments: How many values the tag `place` has in the columnar records; without any there is no tag.
    """

    events: int
    features: int = 10
    model: str = "bench"
    drift_every: int = 20_000
    seed: int = 7
    segments: int = 0

    @property
    def names(self) -> list[str]:
        """Of the features."""
        return [f"feature_{number}" for number in range(self.features)]

    def values(self) -> NDArray[np.float64]:
        """All values, (features, events); the first events are the same however many follow."""
        rows = np.random.default_rng(self.seed).normal(size=(self.events, self.features))
        for turn, begin in enumerate(range(FIRST_DRIFT, self.events, self.drift_every)):
            feature, moved = turn % self.features, turn // self.features % 2 == 0
            rows[begin:, feature] += SHIFT if moved else -SHIFT
        return np.round(rows.T, DECIMALS)

    def batches(self, size: int) -> Iterator[Value]:
        """The log in columnar records of `size` events."""
        values = self.values()
        for begin in range(0, self.events, size):
            numbers = range(begin, min(begin + size, self.events))
            columns = values[:, begin : begin + size].tolist()
            document = {
                "model": self.model,
                "version": "1",
                "event_id": [event_id(number) for number in numbers],
                "timestamp_ms": [START_MS + number for number in numbers],
                "features": dict(zip(self.names, columns, strict=True)),
                "prediction": ["ok"] * len(numbers),
                "score": [0.93] * len(numbers),
            }
            if self.segments:
                document["segment"] = {"place": [f"place-{number % self.segments}" for number in numbers]}
            yield Value("prediction-batch", self.model, orjson.dumps(document), len(numbers))

    def specification(self) -> Value:
        """What tells the worker to do the comparison's work: ADWIN on every feature."""
        document = {"model": self.model, "timestamp_ms": START_MS, "detectors": {"features": "adwin"}}
        return Value("model-spec", self.model, orjson.dumps(document), 0)

    def singles(self) -> Iterator[Value]:
        """The log in one record for each event."""
        for number, row in enumerate(self.values().T.tolist()):
            document = {
                "event_id": event_id(number),
                "model": self.model,
                "version": "1",
                "timestamp_ms": START_MS + number,
                "features": dict(zip(self.names, row, strict=True)),
                "prediction": "ok",
                "score": 0.93,
            }
            yield Value("prediction", self.model, orjson.dumps(document), 1)

    def drifts(self) -> frozenset[Drift]:
        """What River's public ADWIN finds.

        >>> EventLog(events=2_000, features=2).drifts()
        frozenset({('feature_0', 1535)})
        """
        found: set[Drift] = set()
        for name, column in zip(self.names, self.values().tolist(), strict=True):
            detector: Any = drift.ADWIN()  # type: ignore[no-untyped-call]
            for number, value in enumerate(column):
                detector.update(value)
                if detector.drift_detected:
                    found.add((name, number))
        return frozenset(found)
