"""A model that is served: predicts with the champion of the moment, and remembers what it said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from benchmarks.event_log import START_MS, Value
from benchmarks.retraining.models import artifact
from benchmarks.retraining.streams import Stream
from driftline_registry import LocalRegistry, ModelFollower

MINUTE_MS = 60_000
RECORD_ROWS = 50
FOLLOWER_POLL_SECONDS = 0.2
FOLLOWER_SECONDS = 30.0


@dataclass
class Served:
    """One model in its world.

    Attributes:
        name: Of the model.
        stream: Its world.
        right: Whether the version that served was right, for the rows so far.
        versions: Which one that was.
    """

    name: str
    stream: Stream
    registry: LocalRegistry
    follower: ModelFollower
    right: list[bool] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    @property
    def begun(self) -> int:
        """The next row."""
        return self.stream.trained + len(self.right)

    def step(self, count: int) -> Iterator[Value]:
        """Predict the next rows; the records to log: some of these predictions, the labels that are due then, more."""
        end = min(self.begun + count, len(self.stream))
        for begin in range(self.begun, end, RECORD_ROWS):
            rows = range(begin, min(begin + RECORD_ROWS, end))
            yield self._predict(rows)
            labelled = self.stream.due_within(rows.start, rows.stop)
            if labelled:
                yield self._batch("outcome-batch", labelled, {"label": [self.stream.labels[row] for row in labelled]})

    def _predict(self, rows: range) -> Value:
        model = self.follower.current
        answers = model.predict_many([self.stream.row(row) for row in rows])
        predictions = [str(answer.prediction) for answer in answers]
        truth = self.stream.labels[rows.start : rows.stop]
        self.right += [said == came for said, came in zip(predictions, truth, strict=True)]
        self.versions += [model.version] * len(rows)
        columns = {
            "version": model.version,
            "features": {name: values[rows.start : rows.stop] for name, values in self.stream.columns.items()},
            "prediction": predictions,
            "score": [answer.score for answer in answers],
        }
        return self._batch("prediction-batch", rows, columns)

    def follow(self) -> None:
        """Let the follower look, so that the next rows are the new champion's, if there is one."""
        champion = self.registry.champion_version(self.name)
        if self.follower.health.version != champion:
            self.follower.wait_for(champion, timeout_seconds=FOLLOWER_SECONDS)

    def _batch(self, kind: str, rows: Sequence[int], columns: Mapping[str, object]) -> Value:
        document = {
            "model": self.name,
            "event_id": [f"{self.name}-{row:06d}" for row in rows],
            "timestamp_ms": [START_MS + MINUTE_MS * row for row in rows],
            **columns,
        }
        return Value(kind, self.name, orjson.dumps(document), len(rows))


def serve(name: str, stream: Stream, registry: LocalRegistry) -> Served:
    """Train the first version, promote it, and follow it; the follower has to be closed."""
    with artifact(stream, range(stream.trained)) as folder:
        version = registry.register(name, folder).version
    registry.promote(name, version, expect=None)
    return Served(name, stream, registry, ModelFollower(registry, name, poll_seconds=FOLLOWER_POLL_SECONDS))
