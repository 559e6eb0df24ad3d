"""The labelled rows on which challengers are trained: those of the model up to a place in the log."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from driftline_registry import Manifest
from driftline_retrain_service.job.files import LabelledRow
from driftline_retrain_service.rows.values import features_of, label_of

QUERY = """
WITH labels AS
(
    SELECT event_id, argMax(last.1, known) AS label, max(known).1 AS place, any(last.3) AS predicted_at
    FROM
    (
        SELECT event_id, source, max((position, offset, row)) AS known,
               argMax((label, joined, outcome_log.predicted_at), (position, offset, row)) AS last
        FROM outcome_log
        WHERE model = {model:String} AND partition = {partition:UInt16} AND position <= {last_offset:UInt64}
        GROUP BY event_id, source
        HAVING last.2 AND last.1 IS NOT NULL
    )
    GROUP BY event_id
    ORDER BY place DESC, event_id DESC
    LIMIT {limit:UInt64}
)
SELECT place, event_id, assumeNotNull(label) AS label, features, categories
FROM labels
INNER JOIN
(
    SELECT event_id, features, categories
    FROM prediction_log
    WHERE model = {model:String} AND event_id IN (SELECT event_id FROM labels)
      AND timestamp BETWEEN (SELECT min(predicted_at) FROM labels) AND (SELECT max(predicted_at) FROM labels)
    ORDER BY offset, row
    LIMIT 1 BY event_id
) AS predicted USING (event_id)
ORDER BY place, event_id
"""
"""The newest labelled rows, oldest first, with the offset from which on each is known.

Of each source the last label counts, so a correction replaces and a retraction takes away; of several sources, the
newest label. What came after `last_offset` is left out, so that the same query gives the same rows again. There is one
limit to that: of an outcome that was corrected later, ClickHouse forgets the first label when it merges its parts.
"""


@dataclass(frozen=True)
class WindowBounds:
    """Which rows are meant.

    Attributes:
        model: Name of the model.
        partition: Partition of its records.
        last_offset: Labels and predictions count that the log holds up to this offset.
        limit: So many of the newest rows.
        change_offset: The last offset before the change; None when no change is known.
    """

    model: str
    partition: int
    last_offset: int
    limit: int
    change_offset: int | None = None


@dataclass(frozen=True)
class TrainingWindow:
    """Labelled rows, oldest first.

    Attributes:
        rows: The rows.
        change_row: Index of the first row after the change; None when no change is known, `len(rows)` when all are
            before it.
        record: The query's parameters and what it found, as a rerun and a lineage want to know it.
    """

    rows: list[LabelledRow]
    change_row: int | None
    record: Mapping[str, str | int | None]


def read_window(client: Client, bounds: WindowBounds, champion: Manifest) -> TrainingWindow:
    """Read the newest labelled rows within the bounds.

    Features and their types are the champion's. Labels are its classes, with their own type, and new classes beside
    them; or numbers, if it predicts numbers.

    Raises:
        RetrainFailed: The champion predicts numbers, and a label is none.
    """
    parameters: dict[str, str | int] = {
        "model": bounds.model,
        "partition": bounds.partition,
        "last_offset": bounds.last_offset,
        "limit": bounds.limit,
    }
    found = client.query(QUERY, parameters=parameters).result_rows
    rows = [
        LabelledRow(
            event_id=event_id, features=features_of(numbers, categories, champion), label=label_of(text, champion)
        )
        for _, event_id, text, numbers, categories in found
    ]
    places = [place for place, *_ in found]
    change_row = None if bounds.change_offset is None else bisect_right(places, bounds.change_offset)
    record: dict[str, str | int | None] = {
        **parameters,
        "change_offset": bounds.change_offset,
        "change_row": change_row,
    }
    if rows:
        record |= {"first_offset": places[0], "first_event_id": rows[0].event_id, "last_event_id": rows[-1].event_id}
    return TrainingWindow(rows, change_row, record)
