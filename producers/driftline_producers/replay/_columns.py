"""Rows of columns as predictions and their labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from driftline_producers._batch import OUTCOME, PREDICTION
from driftline_producers.replay._options import ReplayOptions
from driftline_producers.replay._record import Entry, entry
from driftline_producers.replay._timestamps import epoch_ms
from driftline_schemas.errors import ConfigurationError, InvalidRecord


@dataclass(frozen=True)
class Event:
    """What a row says.

    Attributes:
        timestamp_ms: When the prediction was made.
        prediction: The prediction.
        outcome: Makes the outcome that is known at an epoch millisecond; None where the row has no label.
    """

    timestamp_ms: int
    prediction: Entry
    outcome: Callable[[int], Entry] | None


class ColumnMapper:
    """Maps rows of columns to entries.

    Args:
        options: What the columns mean.
        file_digest: Of the file's content; with the row's number it makes the ids of rows that have none, so that a
            second replay is recognisably the same events.
        names: The columns of the first row.

    Raises:
        ConfigurationError: There is no model, or a column is missing that was named or must be there.
    """

    def __init__(self, options: ReplayOptions, file_digest: str, names: Sequence[str]) -> None:
        if options.model is None:
            raise ConfigurationError("the rows do not say which model they are of: name it (--model)")
        self._options = options
        self._file_digest = file_digest
        self._label = _column("label", options.columns.label, names)
        self._timestamp = _column("timestamp", options.columns.timestamp, names)
        self._event_id = _column("event_id", options.columns.event_id, names)
        self._prediction = _column("prediction", options.columns.prediction, names)
        if self._prediction is None:
            raise ConfigurationError(
                f"no column 'prediction': say which one holds it (--prediction); there are {', '.join(names)}"
            )
        self._roles = {self._label, self._timestamp, self._event_id, self._prediction}

    def event(self, number: int, row: Mapping[str, Any]) -> Event:
        """The event of row `number` (from 0). Raises `InvalidRecord`."""
        event_id = str(_cell(row, self._event_id)) if self._event_id else f"{self._file_digest}-{number}"
        timestamp_ms = self._options.start_ms + number * self._options.step_ms
        if self._timestamp:
            timestamp_ms = epoch_ms(_cell(row, self._timestamp))
        prediction = {
            "event_id": event_id,
            "model": self._options.model,
            "version": self._options.version,
            "timestamp_ms": timestamp_ms,
            "features": {name: _feature(value) for name, value in row.items() if name not in self._roles},
            "prediction": row.get(self._prediction or ""),
        }
        label = row.get(self._label or "")
        if label is None or label != label:  # NaN, Parquet's other way to say that there is none
            return Event(timestamp_ms, entry(PREDICTION, prediction), None)
        outcome = {"event_id": event_id, "model": self._options.model, "label": label}
        entry(OUTCOME, outcome | {"timestamp_ms": timestamp_ms})  # a bad label makes the whole row a bad one
        return Event(
            timestamp_ms, entry(PREDICTION, prediction), lambda now: entry(OUTCOME, outcome | {"timestamp_ms": now})
        )


def _column(role: str, named: str | None, names: Sequence[str]) -> str | None:
    if named is not None and named not in names:
        raise ConfigurationError(f"no column {named!r} for the {role}; there are {', '.join(names)}")
    return named or (role if role in names else None)


def _cell(row: Mapping[str, Any], name: str) -> Any:
    if (value := row.get(name)) is None:
        raise InvalidRecord("bad-row", f"column {name!r} is empty")
    return value


def _feature(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # text, as it would be in a CSV file
