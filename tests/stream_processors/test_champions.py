"""Which version may ask for a retrain: the champion, as the log names it, also after a roll-back."""

import asyncio
import json
from typing import Any

from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.partition import PartitionPipeline
from tests.stream_processors.made import TOPICS, Empty, event, pipeline

ROWS = 600


class Log:
    """A model's log, whose outcomes are wrong as often as is said."""

    def __init__(self) -> None:
        self.around = Empty()
        self.pipeline: PartitionPipeline = pipeline(self.around, BlockLimits(10**9, 1 << 60))
        self.offset = 0

    def serve(self, version: str, *, every_nth_wrong: int) -> None:
        """Predictions of a version and their outcomes."""
        for start in range(self.offset, self.offset + ROWS, 100):
            ids = [f"{version}-{start + row}" for row in range(100)]
            labels = ["no" if row % every_nth_wrong == 0 else "ok" for row in range(100)]
            times = [start + row for row in range(100)]
            common: dict[str, Any] = {"model": "m", "event_id": ids, "timestamp_ms": times}
            self._take("prediction-batch", **common, version=version, features={}, prediction="ok")
            self._take("outcome-batch", **common, label=labels)
        self.offset += ROWS

    def promote(self, version: str, action: str = "promoted") -> None:
        self._take("model-promoted", model="m", action=action, version=version, timestamp_ms=1)

    def requested(self) -> list[str]:
        """The versions for which retrains were asked for since the last look."""
        topic = TOPICS.retrains.name
        found = [json.loads(message.value or b"")["version"] for message in self.around.sent if message.topic == topic]
        self.around.sent.clear()
        return found

    def _take(self, kind: str, **document: Any) -> None:
        asyncio.run(self.pipeline.process([event(self.pipeline.state.next_offset, kind, **document)]))


def test_after_a_roll_back_the_previous_version_asks_again_by_a_new_reference() -> None:
    log = Log()
    log.serve("1", every_nth_wrong=20)
    log.serve("1", every_nth_wrong=2)
    assert log.requested() == ["1"]
    log.promote("2")
    log.serve("1", every_nth_wrong=20)
    log.serve("1", every_nth_wrong=2)
    assert log.requested() == [], "late outcomes of a replaced version"
    log.serve("2", every_nth_wrong=20)
    log.promote("1", "rolled-back")
    log.serve("1", every_nth_wrong=2)
    assert log.requested() == [], "half of them are wrong from the first one on: nothing has changed"
    log.serve("2", every_nth_wrong=20)
    log.serve("2", every_nth_wrong=2)
    assert log.requested() == [], "the version that was taken back"
    log.serve("1", every_nth_wrong=1)
    assert log.requested() == ["1"]


def test_an_announcement_that_comes_again_takes_no_reference_away() -> None:
    log = Log()
    log.promote("1")
    log.serve("1", every_nth_wrong=20)
    log.promote("1")
    log.serve("1", every_nth_wrong=2)
    assert log.requested() == ["1"]
