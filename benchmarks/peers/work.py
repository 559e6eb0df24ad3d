"""What every peer does with an event, as a user of pydantic, River and clickhouse-connect would write it.

The peers differ in how they read Kafka and how they pass events on; this part they share, so that the comparison is
about them and not about who wrote the better loop.
"""

import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import clickhouse_connect
import numpy as np
from pydantic import BaseModel, FiniteFloat
from river import drift

WINDOW_EVENTS = 500
ROWS_PER_INSERT = 10_000
"""ClickHouse advises inserts of 10,000 to 100,000 rows."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Job:
    """What a program is to read, and where its rows go; the runner puts it into the environment."""

    kafka: str
    topic: str
    events: int
    clickhouse_host: str
    clickhouse_port: int
    database: str
    group: str

    @classmethod
    def from_environment(cls) -> "Job":
        """Read the variable `BENCH_JOB`."""
        return cls(**json.loads(os.environ["BENCH_JOB"]))


class Event(BaseModel):
    """A prediction that a service made."""

    event_id: str
    model: str
    version: str = ""
    timestamp_ms: int
    features: dict[str, FiniteFloat]
    prediction: str
    score: FiniteFloat | None = None


class Watched(NamedTuple):
    """What follows from one event: its row, the rows of the windows that it closed, the features that drifted."""

    row: Row
    windows: list[Row]
    drifts: list[tuple[str, str]]


class Watch:
    """Windows and detectors of one model."""

    def __init__(self) -> None:
        self.detectors: defaultdict[str, Any] = defaultdict(drift.ADWIN)
        self.window: defaultdict[str, list[float]] = defaultdict(list)
        self.started_ms = 0
        self.events = 0

    def take(self, event: Event) -> Watched:
        """Feed the detectors and the window."""
        drifts = []
        for name, value in event.features.items():
            detector = self.detectors[name]
            detector.update(value)
            if detector.drift_detected:
                drifts.append((name, event.event_id))
            self.window[name].append(value)
        if self.events == 0:
            self.started_ms = event.timestamp_ms
        self.events += 1
        row = (event.event_id, event.model, event.version, event.timestamp_ms, event.prediction, event.score)
        windows = self.close(event) if self.events == WINDOW_EVENTS else []
        return Watched(row + tuple(event.features.values()), windows, drifts)

    def close(self, event: Event) -> list[Row]:
        """The rows of the window that this event ends."""
        begins, ends = self.started_ms, event.timestamp_ms
        rows = []
        for name, values in self.window.items():
            column = np.array(values)
            figures = len(values), column.mean(), column.std(), column.min(), column.max()
            rows.append((event.model, event.version, name, begins, ends, *figures))
        self.window.clear()
        self.events = 0
        return rows


class Work:
    """The state of one program: rows that wait for an insert, what was found, and what it cost."""

    def __init__(self, job: Job) -> None:
        self.client = clickhouse_connect.get_client(
            host=job.clickhouse_host, port=job.clickhouse_port, database=job.database
        )
        self.watches: defaultdict[str, Watch] = defaultdict(Watch)
        self.predictions: list[Row] = []
        self.windows: list[Row] = []
        self.drifts: list[tuple[str, str]] = []
        self.begun: tuple[float, float] | None = None
        self.ended = (0.0, 0.0)
        self.events = 0

    def decode(self, value: bytes) -> Event:
        """A validated event; the first one starts the clocks."""
        if self.begun is None:
            self.begun = clocks()
        return Event.model_validate_json(value)

    def watch(self, event: Event) -> Watched:
        """Feed the model's watch."""
        return self.watches[event.model].take(event)

    def add(self, watched: Watched) -> None:
        """Let the rows wait for the next insert."""
        self.predictions.append(watched.row)
        self.windows += watched.windows
        self.drifts += watched.drifts
        self.events += 1

    @property
    def full(self) -> bool:
        """Whether it is time to insert."""
        return len(self.predictions) >= ROWS_PER_INSERT

    def flush(self) -> None:
        """Insert what waits; stops the clocks until the next one."""
        for table, rows in (("peer_prediction", self.predictions), ("peer_window", self.windows)):
            if rows:
                self.client.insert(table, rows)
        self.predictions, self.windows = [], []
        self.ended = clocks()

    def report(self) -> None:
        """Insert the rest and tell the runner what was found and what it cost."""
        self.flush()
        report(self.events, self.begun or self.ended, self.ended, self.drifts)


def clocks() -> tuple[float, float]:
    """CPU seconds of this process, all threads; seconds of the wall clock."""
    return time.process_time(), time.perf_counter()


def report(events: int, begun: tuple[float, float], ended: tuple[float, float], drifts: list[tuple[str, str]]) -> None:
    """Print the line that the runner waits for; past `sys.stdout`, which Faust makes its log."""
    cpu, wall = (end - begin for begin, end in zip(begun, ended, strict=True))
    document = {"events": events, "cpu_seconds": cpu, "wall_seconds": wall, "drifts": drifts}
    os.write(1, json.dumps(document).encode() + b"\n")
