"""Labelled rows as they become known: outcomes beside their predictions, in the order of the log.

A row is known from its position on: the larger of the offsets of its outcome and its prediction. Rows are read up to
the last stored block, whole records at a time, so that a position says exactly what was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import compress
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

BATCH_ROWS = 5_000
"""Rows that are read at once, and the rest of the record in which the last one stands."""

_STORED = "SELECT partition, max(last_offset), max(toUnixTimestamp64Milli(last_logged_at)) FROM block_log GROUP BY 1"

# A correction is a row of its own, as late as it came: what was read before it stays read. Without FINAL, so that the
# index on positions leaves out what has been read; the newest row of an event in the range is the one in force there.
_LABELS = """
    SELECT event_id, max(position) AS place,
           argMax((label, joined, predicted_at, version, prediction, score, segment), (position, offset, row)) AS last
    FROM outcome_log
    WHERE model = {model:String} AND partition = {partition:UInt16}
      AND position BETWEEN {first:UInt64} AND {upto:UInt64}
    GROUP BY event_id
    HAVING last.2 AND last.1 IS NOT NULL
"""

_COUNT = f"SELECT count() FROM ({_LABELS})"  # noqa: S608 - of constants
_NTH = f"SELECT place FROM ({_LABELS}) ORDER BY place LIMIT 1 OFFSET {{skipped:UInt64}}"  # noqa: S608

_ROWS = f"""
WITH labels AS ({_LABELS} ORDER BY place LIMIT {{limit:UInt64}} WITH TIES)
SELECT labels.place, assumeNotNull(labels.last.1), labels.last.4, labels.last.5, labels.last.6, labels.last.7,
       features, categories
FROM labels
INNER JOIN
(
    SELECT event_id, features, categories
    FROM prediction_log
    WHERE model = {{model:String}} AND event_id IN (SELECT event_id FROM labels)
      AND timestamp BETWEEN (SELECT min(last.3) FROM labels) AND (SELECT max(last.3) FROM labels)
    ORDER BY offset, row
    LIMIT 1 BY event_id
) AS predicted USING (event_id)
ORDER BY labels.place, event_id
"""  # noqa: S608 - of constants


class Frontier(NamedTuple):
    """How far a partition of the log is stored: the last offset, and the broker's time of that record."""

    offset: int
    logged_at_ms: int


@dataclass(frozen=True)
class LiveRows:
    """Labelled rows in the order in which they became known; values as ClickHouse stores them.

    Attributes:
        position: From which offset on each row is known.
        label: What came true, as text.
        version: The version that served.
        prediction: What it predicted, as text.
        score: The probability that it gave to that; NaN where it gave none.
        segment: Tags of the prediction.
        numbers: Its numeric features.
        categories: Its other features.
    """

    position: Sequence[int] = ()
    label: Sequence[str] = ()
    version: Sequence[str] = ()
    prediction: Sequence[str] = ()
    score: Sequence[float] = ()
    segment: Sequence[Mapping[str, str]] = ()
    numbers: Sequence[Mapping[str, float]] = ()
    categories: Sequence[Mapping[str, str]] = ()

    def __len__(self) -> int:
        return len(self.position)

    def first(self, count: int) -> "LiveRows":
        """The first rows."""
        return LiveRows(*(list(getattr(self, field.name)[:count]) for field in fields(self)))

    def served_by(self, version: str) -> "LiveRows":
        """The rows that one version served."""
        which = [served == version for served in self.version]
        return LiveRows(*(list(compress(getattr(self, field.name), which)) for field in fields(self)))


def frontiers(client: Client) -> dict[int, Frontier]:
    """How far each partition is stored."""
    return {partition: Frontier(offset, at) for partition, offset, at in client.query(_STORED).result_rows}


class LiveLog:
    """Reads the labelled rows of the models; one for each round of the service.

    Attributes:
        frontiers: How far each partition was stored when the round began.
    """

    def __init__(self, client: Client, stored: Mapping[int, Frontier]) -> None:
        self.frontiers = stored
        self._client = client
        self._read: dict[tuple[str, int, int], LiveRows] = {}
        self._counted: dict[tuple[str, int, int], int] = {}

    def rows(self, model: str, partition: int, after: int) -> LiveRows:
        """The next rows that are known behind a position; none when all have been read."""
        key = model, partition, after
        if self._upto(partition) <= after:
            return LiveRows()
        if key not in self._read:
            parameters = self._parameters(model, partition, after) | {"limit": BATCH_ROWS}
            found = self._client.query(_ROWS, parameters=parameters, column_oriented=True).result_columns
            self._read[key] = LiveRows(*found) if found else LiveRows()
        return self._read[key]

    def count(self, model: str, partition: int, after: int) -> int:
        """How many rows are known behind a position."""
        key = model, partition, after
        if key not in self._counted:
            found = self._client.query(_COUNT, parameters=self._parameters(model, partition, after)).result_rows
            self._counted[key] = int(found[0][0])
        return self._counted[key]

    def position_of(self, number: int, model: str, partition: int, after: int) -> int:
        """The position of the `number`-th row behind a position, which must be known."""
        parameters = self._parameters(model, partition, after) | {"skipped": number - 1}
        return int(self._client.query(_NTH, parameters=parameters).result_rows[0][0])

    def _parameters(self, model: str, partition: int, after: int) -> dict[str, str | int]:
        return {"model": model, "partition": partition, "first": after + 1, "upto": max(self._upto(partition), 0)}

    def _upto(self, partition: int) -> int:
        return self.frontiers[partition].offset if partition in self.frontiers else -1
