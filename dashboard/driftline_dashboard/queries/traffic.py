"""How many predictions a model made, and how fast."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.store import Store
from driftline_dashboard.windows import Window


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
# Hours that lie in the window wholly are read from their profile, the rest of it by its predictions.
_HOURS = """
SELECT toDateTime(toStartOfInterval(hour, toIntervalSecond({step:UInt32})), 'UTC') AS at, version,
       sum(t.predictions) AS predictions,
       quantilesDDMerge(0.01, 0.5, 0.95)(t.latencies) AS latencies,
       sum(score_total) / sum(scored) AS score
FROM
(
    SELECT model, hour, version, predictions, latencies, score_total, scored FROM traffic_profile
    WHERE hour >= fromUnixTimestamp64Milli({first_hour_ms:Int64})
      AND hour < fromUnixTimestamp64Milli({end_hour_ms:Int64})
    UNION ALL
    SELECT model, toStartOfHour(timestamp), version, count(),
           quantilesDDStateIf(0.01, 0.5, 0.95)(latency_ms, isFinite(latency_ms)),
           sumIf(score, NOT isNaN(score)), countIf(NOT isNaN(score))
    FROM prediction_log
    WHERE timestamp >= fromUnixTimestamp64Milli({begin_ms:Int64})
      AND timestamp < fromUnixTimestamp64Milli({end_ms:Int64})
      AND NOT (timestamp >= fromUnixTimestamp64Milli({first_hour_ms:Int64})
               AND timestamp < fromUnixTimestamp64Milli({end_hour_ms:Int64}))
    GROUP BY ALL
) AS t
WHERE model = {model:String} AND ({version:String} = '' OR version IN ({version:String}, {compare:String}))
GROUP BY at, version ORDER BY at, version LIMIT 5000
"""
_HOUR_SECONDS = 3600


def traffic(
    store: Store, model: str, window: Window, step_seconds: int, version: str = "", compare: str = ""
) -> list[TrafficPoint]:
    """A model's predictions in pieces, by time; arguments as for `performance`.

    Latencies are those of a sample; in pieces of hours they are exact to 1 %.
    """
    hours = window.hours_inside.parameters
    of_hours = step_seconds % _HOUR_SECONDS == 0 and hours["begin_ms"] < hours["end_ms"]
    asked = {"model": model, "version": version, "compare": compare, "step": step_seconds, **window.parameters}
    if of_hours:
        asked |= {"first_hour_ms": hours["begin_ms"], "end_hour_ms": hours["end_ms"]}
    return [
        TrafficPoint.model_validate({**row, "latency_ms": row["latencies"][0], "latency_p95_ms": row["latencies"][1]})
        for row in store.rows(_HOURS if of_hours else _POINTS, **asked)
    ]
