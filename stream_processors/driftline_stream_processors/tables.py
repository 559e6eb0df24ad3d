"""The tables that the worker writes, and their columns in the order of the row tuples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that the worker fills; all others have defaults."""

    name: str
    columns: tuple[str, ...]

    def by_column(self, rows: Iterable[Row]) -> Mapping[str, Sequence[Any]]:
        """Turn row tuples into one sequence per column."""
        return dict(zip(self.columns, zip(*rows, strict=True), strict=True))


def _table(name: str, columns: str) -> Table:
    return Table(name, tuple(columns.split()))


PREDICTIONS = _table(
    "prediction_log",
    "timestamp model version event_id features categories segment prediction prediction_value score subject_id "
    "latency_ms traceparent partition offset row logged_at",
)
OUTCOMES = _table(
    "outcome_log",
    "model event_id source label label_value timestamp predicted_at version prediction prediction_value score segment "
    "joined error partition offset row position logged_at",
)
WINDOWS = _table(
    "window_log", "window_start window_end model version feature metric value count window partition offset logged_at"
)
DETECTORS = _table(
    "detector_log",
    "timestamp model version feature detector statistic threshold estimate width partition offset logged_at",
)
DRIFTS = _table(
    "drift_log",
    "drift_id model version segment kind feature detector statistic threshold direction detected_at change_at "
    "detected_event_id change_event_id partition offset change_offset logged_at",
)
ALERTS = _table(
    "alert_log",
    "alert_id drift_ids model version segment kind feature severity message detected_at partition offset logged_at",
)
RETRAIN_REQUESTS = _table("retrain_request_log", "retrain_id model version reason drift_ids partition offset logged_at")
DEAD_LETTERS = _table("dead_letter_log", "reason error record_type key size_bytes partition offset logged_at")
BLOCKS = _table(
    "block_log",
    "partition first_offset last_offset records predictions outcomes joined orphans dead_letters forwarded "
    "duplicates ticks controls first_logged_at last_logged_at",
)
