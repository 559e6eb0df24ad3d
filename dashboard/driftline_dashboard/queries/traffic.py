"""How many predictions a model made, and how fast."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.store import Later, Store
from driftline_dashboard.windows import HOUR_SECONDS, Window


class TrafficPoint(Answer):
    """The predictions of one stretch of time.

    Attributes:
        at: When it begins.
        version: The version that predicted.
        predictions: How many.
        latency_ms: Their median latency; null where none was reported.
        latency_p95_ms: What 95 % of them did not take longer than.
        score: Mean score, 0 to 1; null without scores.
    """

    at: datetime
    version: str
    predictions: int
    latency_ms: Figure
    latency_p95_ms: Figure
    score: Figure


_POINTS = """
SELECT toDateTime(toStartOfInterval(timestamp, toIntervalSecond({step:UInt32})), 'UTC') AS at, version,
       count() AS predictions,
       quantilesIf(0.5, 0.95)(latency_ms, isFinite(latency_ms)) AS latencies,
       avgIf(score, NOT isNaN(score)) AS score
FROM prediction_log
WHERE model = {model:String} AND ({version:String} = '' OR version IN ({version:String}, {compare:String}))
  AND timestamp >= fromUnixTimestamp64Milli({begin_ms:Int64})
  AND timestamp < fromUnixTimestamp64Milli({end_ms:Int64})
GROUP BY at, version ORDER BY at, version LIMIT 5000
"""
_HOURS = """
SELECT toDateTime(toStartOfInterval(hour, toIntervalSecond({step:UInt32})), 'UTC') AS at, version,
       sum(t.predictions) AS predictions,
       quantilesDDMerge(0.01, 0.5, 0.95)(t.latencies) AS latencies,
       sum(score_total) / sum(scored) AS score
FROM traffic_profile AS t
WHERE model = {model:String} AND ({version:String} = '' OR version IN ({version:String}, {compare:String}))
  AND hour >= fromUnixTimestamp64Milli({begin_ms:Int64}) AND hour < fromUnixTimestamp64Milli({end_ms:Int64})
GROUP BY at, version ORDER BY at, version LIMIT 5000
"""


def traffic(
    store: Store, model: str, window: Window, step_seconds: int, version: str = "", compare: str = ""
) -> Later[list[TrafficPoint]]:
    """A model's predictions in pieces, by time; arguments as for `performance`.

    Windows of whole hours in pieces of hours are read from their profile; latencies are then exact to 1 %.
    """
    sql = _HOURS if window.whole_hours == window and step_seconds % HOUR_SECONDS == 0 else _POINTS
    asked = {"model": model, "version": version, "compare": compare, "step": step_seconds, **window.parameters}
    rows = store.ask(sql, **asked)
    return lambda: [
        TrafficPoint.model_validate({**row, "latency_ms": row["latencies"][0], "latency_p95_ms": row["latencies"][1]})
        for row in rows()
    ]
