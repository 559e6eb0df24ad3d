"""Predictions picked from several places, put side by side."""

import math

import numpy as np

from driftline_stream_processors.columns import Rows, Served


class ServedTable:
    """Columns of `Served` to fill row by row; a row that nobody fills holds "", 0 and NaN."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._version = [""] * rows
        self._prediction = [""] * rows
        self._timestamp_ms = np.zeros(rows, np.int64)
        self._prediction_value = np.full(rows, math.nan)
        self._score = np.full(rows, math.nan)
        self._segment: dict[str, list[str | None]] = {}
        self._offset = np.zeros(rows, np.int64)
        self._row = np.zeros(rows, np.int64)

    def put(self, rows: Rows, served: Served, which: Rows) -> None:
        """Fill `rows` with the predictions in the rows `which` of `served`."""
        self._timestamp_ms[rows] = served.timestamp_ms[which]
        self._prediction_value[rows] = served.prediction_value[which]
        self._score[rows] = served.score[which]
        self._offset[rows] = served.offset[which]
        self._row[rows] = served.row[which]
        pairs = list(zip(rows.tolist(), which.tolist(), strict=True))
        for row, source in pairs:
            self._version[row] = served.version[source]
            self._prediction[row] = served.prediction[source]
        for tag, column in served.segment.items():
            texts = self._segment.setdefault(tag, [None] * self._rows)
            for row, source in pairs:
                texts[row] = column[source]

    def served(self) -> Served:
        """The columns."""
        return Served(
            self._version,
            self._timestamp_ms,
            self._prediction,
            self._prediction_value,
            self._score,
            self._segment,
            self._offset,
            self._row,
        )
