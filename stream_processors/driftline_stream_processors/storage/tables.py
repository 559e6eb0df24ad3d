"""The tables that the worker writes, and, where it writes them row by row, the columns of the row tuples."""

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


PREDICTIONS = "prediction_log"
OUTCOMES = "outcome_log"  # the columns of both: event_tables.py
WINDOWS = "window_log"
DETECTORS = "detector_log"  # the columns of both: figure_tables.py
DRIFTS = _table(
    "drift_log",
    "drift_id model version segment kind feature detector statistic threshold direction before after category "
    "contributions segments detected_at change_at detected_event_id change_event_id partition offset change_offset "
    "logged_at",
)
ALERTS = _table(
    "alert_log",
    "alert_id drift_ids model version segment kind feature severity message detected_at partition offset logged_at",
)
RETRAIN_REQUESTS = _table("retrain_request_log", "retrain_id model version reason drift_ids partition offset logged_at")
DEAD_LETTERS = _table("dead_letter_log", "reason error record_type key size_bytes partition offset logged_at")
BLOCKS = _table(
    "block_log",
    "partition first_offset last_offset first_record records data_records events predictions outcomes joined orphans "
    "repeated dead_letters forwarded taken_over duplicates ticks controls first_logged_at last_logged_at",
)
EMITTER_REPORTS = _table(
    "emitter_report_log", "model emitter timestamp logged sent dropped queued partition offset arrived logged_at"
)
EMITTER_ARRIVALS = _table(
    "emitter_arrival_log",
    "model emitter partition first_offset last_offset events repeated dead_letters forwarded logged_at",
)
MODEL_SPECS = _table("model_spec_log", "model written_at spec partition offset logged_at")
REPLAYS = _table("dead_letter_replay_log", "partition offset replayed_partition replayed_offset logged_at")
