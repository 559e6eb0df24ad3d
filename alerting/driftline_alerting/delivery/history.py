"""What a channel did before the program started, as ClickHouse knows it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

from driftline_alerting.journal.rows import select
from driftline_schemas.clickhouse import connect
from driftline_schemas.clickhouse.connect import translated_errors
from driftline_schemas.events.incident import Incident
from driftline_schemas.settings import ClickHouseAddress

MOST_REMEMBERED = 20_000
"""So many of the newest notices are known again."""

_TRIES = """
SELECT notice_id, status != 'retrying', attempt FROM deliveries WHERE channel = {channel:String}
ORDER BY at DESC LIMIT {most:UInt32}
"""

_REACHED = """
SELECT count(), toUnixTimestamp64Milli(if(countIf(settled) > 0, maxIf(step_at, settled), min(step_at)))
FROM (SELECT notice_id, status != 'retrying' AS settled FROM deliveries WHERE channel = {channel:String}) AS tried
INNER JOIN (SELECT notice_id, at AS step_at FROM incident_log) AS steps USING (notice_id)
"""

_OPEN = select("""
WHERE incident_id IN (SELECT incident_id FROM incidents WHERE state != 'resolved')
  AND notice_id IN
  (
      SELECT argMax(notice_id, at) FROM deliveries
      WHERE channel = {channel:String} AND status = 'delivered' GROUP BY model, incident_id
  )
""")


class Tries(NamedTuple):
    """What became of a notice.

    Attributes:
        settled: Whether it was delivered, or given up.
        attempts: Number of tries.
    """

    settled: bool
    attempts: int


class History:
    """Questions about one channel; each raises `Unavailable` when ClickHouse does not answer."""

    def __init__(self, address: ClickHouseAddress, channel: str) -> None:
        self._address = address
        self._parameters = {"channel": channel, "most": MOST_REMEMBERED}

    def tries(self) -> Mapping[str, Tries]:
        """The newest notices that were tried, by id."""
        with self._client() as client:
            rows = client.query(_TRIES, parameters=self._parameters).result_rows
        return {notice_id: Tries(bool(settled), attempts) for notice_id, settled, attempts in rows}

    def reached_ms(self) -> int | None:
        """When the last step was taken that was settled, or the first that was tried; None of a channel that is new.

        In the log everything in front of that step is settled, since a channel takes one after the other.
        """
        with self._client() as client:
            ((tried, reached),) = client.query(_REACHED, parameters=self._parameters).result_rows
        return int(reached) if tried else None

    def open_incidents(self) -> Sequence[Incident]:
        """The incidents that have not ended and that the channel was told of, each as it was told last."""
        with self._client() as client:
            found = client.query(_OPEN, parameters=self._parameters).named_results()
            return [Incident.model_validate(row) for row in found]

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with connect(self._address) as client, translated_errors(client.uri):
            yield client
