"""The labelled rows on which a challenger is trained: those of the model that the log held when it was asked for."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from driftline_registry import Manifest
from driftline_retrain_service.job import LabelledRow
from driftline_retrain_service.values import features_of, label_of
from driftline_schemas.events.retrain_request import RetrainRequest

QUERY = """
WITH labels AS
(
    SELECT event_id, argMax(label, (offset, row)) AS label, max((offset, row)) AS place, any(predicted_at) AS at
    FROM outcomes
    WHERE model = {model:String} AND partition = {partition:UInt16} AND position <= {last_offset:UInt64}
    GROUP BY event_id
    ORDER BY place DESC
    LIMIT {limit:UInt64}
)
SELECT place.1 AS label_offset, label, features, categories
FROM labels
INNER JOIN
(
    SELECT event_id, features, categories
    FROM predictions
    WHERE model = {model:String} AND event_id IN (SELECT event_id FROM labels)
      AND timestamp BETWEEN (SELECT min(at) FROM labels) AND (SELECT max(at) FROM labels)
    ORDER BY offset, row
    LIMIT 1 BY event_id
) AS predicted USING (event_id)
ORDER BY place
"""
"""The newest labelled rows, oldest first. Outcomes after the request are left out, so that a rerun reads the same."""

_STORED = "SELECT count() FROM blocks WHERE partition = {partition:UInt16} AND last_offset >= {last_offset:UInt64}"
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class TrainingWindow:
    """Labelled rows, oldest first, and the query's parameters that gave them."""

    rows: list[LabelledRow]
    parameters: Mapping[str, str | int]


def read_window(client: Client, request: RetrainRequest, champion: Manifest, limit: int) -> TrainingWindow:
    """Read the newest `limit` rows whose label was in the log when the retrain was asked for.

    Features and their types are the champion's. Labels are its classes, with their own type, and new classes beside
    them; or numbers, if it predicts numbers.
    """
    parameters: dict[str, str | int] = {
        "model": request.model,
        "partition": request.requested.partition,
        "last_offset": request.requested.offset,
        "limit": limit,
    }
    found = client.query(QUERY, parameters=parameters).result_rows
    rows = [
        LabelledRow(features=features_of(numbers, categories, champion), label=label_of(text, champion))
        for _, text, numbers, categories in found
    ]
    bounds = {"first_offset": found[0][0]} if found else {}
    return TrainingWindow(rows, parameters | bounds)


def wait_until_stored(client: Client, request: RetrainRequest, timeout_seconds: float) -> bool:
    """Wait until ClickHouse holds the log up to the request; False when it does not within the time."""
    parameters = {"partition": request.requested.partition, "last_offset": request.requested.offset}
    deadline = time.monotonic() + timeout_seconds
    while not client.query(_STORED, parameters=parameters).result_rows[0][0]:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
