"""Whether everything in the log reached the tables, told from the log alone, without a worker."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, PredictionBatch, codec
from tests.chaos.comparison import SHOWN, Offsets
from tests.stream_processors.harness import Installation

ORIGIN = "driftline-origin"


@dataclass
class Account:
    """What the tables must hold, and how many records say so, forwarded ones among them."""

    predictions: set[tuple[str, str]] = field(default_factory=set)
    outcomes: set[tuple[str, str, str]] = field(default_factory=set)
    dead_letters: set[tuple[int, int]] = field(default_factory=set)
    records: int = 0

    def add(self, record: Any) -> None:
        """Take a record of the log; forwarded ones were taken where they were first."""
        self.records += 1
        headers = dict(record.headers)
        if ORIGIN in headers:
            return
        try:
            kind = headers.get("type")
            event = codec.decode(kind.decode("utf-8", "replace") if kind is not None else None, record.value or b"")
        except InvalidRecord:
            self.dead_letters.add((record.partition, record.offset))
            return
        if isinstance(event, Prediction):
            self.predictions.add((event.model, event.event_id))
        elif isinstance(event, PredictionBatch):
            self.predictions |= {(event.model, event_id) for event_id in event.event_id}
        elif isinstance(event, Outcome):
            self.outcomes.add((event.model, event.event_id, event.source))
        elif isinstance(event, OutcomeBatch):
            self.outcomes |= {(row.model, row.event_id, row.source) for row in event.rows()}

    def differences(self, installation: Installation, cut: Offsets) -> list[str]:
        """What the tables lack or have too much; also what the ledger of the blocks does not explain."""
        stored: dict[str, tuple[set[Any], str]] = {
            "predictions": (self.predictions, "model, event_id FROM prediction_log"),
            "outcomes": (self.outcomes, "model, event_id, source FROM outcome_log"),
            "dead letters": (self.dead_letters, "partition, offset FROM dead_letter_log"),
        }
        wrong = []
        for what, (expected, columns) in stored.items():
            found = {tuple(row) for row in installation.query(f"SELECT DISTINCT {columns}")}
            if lost := expected - found:
                wrong.append(f"{what}: {len(lost)} of {len(expected)} lost, such as {sorted(lost)[:SHOWN]}")
            if invented := found - expected:
                wrong.append(f"{what}: {len(invented)} that nobody sent, such as {sorted(invented)[:SHOWN]}")
        return wrong + list(_unexplained(installation.query(_BLOCKS), cut))


_BLOCKS = "SELECT partition, first_offset, last_offset, records FROM blocks ORDER BY partition, first_offset"


def _unexplained(blocks: Iterable[Any], cut: Offsets) -> Iterable[str]:
    """Offsets that no block covers, or two."""
    reached = dict.fromkeys(cut, 0)
    for partition, first, last, records in blocks:
        if first != reached[partition] or records != last - first + 1:
            yield f"partition {partition}: after {reached[partition]} comes {first}-{last} with {records} records"
        reached[partition] = last + 1
    for partition, offset in cut.items():
        if reached[partition] < offset:
            yield f"partition {partition}: its blocks end at {reached[partition]} before {offset}"
