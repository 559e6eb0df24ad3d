"""All models at a glance."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from driftline_dashboard.queries.base import Answer, Figure, Moment
from driftline_dashboard.store import Store
from driftline_dashboard.windows import EPOCH

RECENT_WINDOWS = 24
"""Ended windows of 500 outcomes whose figures are shown beside a model's name."""

Health = Literal["critical", "warning", "info", "healthy", "learning"]


class ModelSummary(Answer):
    """How a model is.

    Attributes:
        model: Its name.
        health: The severity of its worst open incident; otherwise `learning` before its first measured window ended, or
            `healthy`.
        version: That of its newest measured predictions, or the champion since then.
        owner: Who answers for it, as its specification says.
        open_incidents: Incidents that are not resolved.
        headline: What the worst of them says.
        drifts: Drifts in the last day before its last event.
        last_drift_at: When the last one was detected; event time.
        last_event_at: Event time of its newest prediction that is measured.
        last_logged_at: When Kafka appended the newest event that is known.
        predictions_per_second: Rate over its last measured windows, in event time.
        accuracy: Share of right predictions in that version's last window of outcomes, 0 to 1; null for numbers, and as
            long as there is none.
        mae: Mean absolute error there; null for classes.
        recent: Accuracy (or mean absolute error) of the last windows, of whatever version, oldest first.
        latency_ms: Mean latency in that version's last window.
    """

    model: str
    health: Health
    version: str
    owner: str
    open_incidents: int
    headline: str
    drifts: int
    last_drift_at: Moment
    last_event_at: Moment
    last_logged_at: Moment
    predictions_per_second: Figure
    accuracy: Figure
    mae: Figure
    recent: list[float]
    latency_ms: Figure


class ModelList(Answer):
    """One page of the models, those in need first.

    Attributes:
        total: Models that match.
        by_health: How many of them are how.
        models: This page of them.
    """

    total: int
    by_health: dict[Health, int]
    models: list[ModelSummary]


# The only question that reads all predictions: their sorted names alone, of which 10 million take 25 ms.
_NAMES = "SELECT DISTINCT model FROM prediction_log ORDER BY model LIMIT 5000"
# Of every figure one row, however long the history is; a window that was stored twice stands in it twice.
_WINDOWS = """
SELECT model, metric,
       arrayMap(each -> (each.2, each.3, each.4, each.5, each.6),
                arraySlice(arrayDistinct(groupArraySortedMerge(48)(ended)), 1, {recent:UInt32})) AS ended
FROM last_windows GROUP BY model, metric
"""
_YOUNG = """
SELECT model, argMax(version, timestamp) AS version, max(timestamp) AS last_event_at, max(logged_at) AS last_logged_at
FROM prediction_log WHERE model IN {models:Array(String)} GROUP BY model
"""
_INCIDENTS = """
SELECT model, count() AS open, max(multiIf(severity = 'critical', 3, severity = 'warning', 2, 1)) AS worst,
       argMax(headline, (multiIf(severity = 'critical', 3, severity = 'warning', 2, 1), at)) AS headline
FROM incidents WHERE state != 'resolved' GROUP BY model
"""
_DRIFTS = """
SELECT model, groupArray(detected_at) AS detected FROM
(SELECT model, detected_at FROM drifts ORDER BY detected_at DESC LIMIT 100 BY model) GROUP BY model
"""
_CHAMPIONS = """
SELECT model, argMax(version, at) AS version, max(at) AS since FROM model_versions
WHERE action != 'refused' GROUP BY model
"""
# Emitters of the SDK name themselves; what they sent in the last day is told to the second.
_ARRIVALS = """
SELECT model, max(logged_at) AS at FROM emitter_arrival_log
WHERE logged_at > (SELECT max(last_logged_at) FROM block_log) - INTERVAL 1 DAY GROUP BY model
"""
_OWNERS = "SELECT model, JSONExtractString(spec, 'owner') AS owner FROM model_specs"

_SEVERITIES: Mapping[int, Health] = {1: "info", 2: "warning", 3: "critical"}
_ORDER: Mapping[Health, int] = {"critical": 0, "warning": 1, "info": 2, "learning": 3, "healthy": 4}


def models(store: Store, *, search: str = "", limit: int = 100, offset: int = 0) -> ModelList:
    """A page of the models, those in need first, then by name.

    Args:
        store: Where to ask.
        search: Text that their names contain; case does not matter.
        limit: At most so many.
        offset: Passes over so many.
    """
    found = [m for m in _summaries(store) if search.lower() in m.model.lower()]
    found.sort(key=lambda m: (_ORDER[m.health], m.model))
    counts = {health: sum(m.health == health for m in found) for health in _ORDER}
    return ModelList(total=len(found), by_health=counts, models=found[offset : offset + limit])


def _summaries(store: Store) -> Iterable[ModelSummary]:
    names = [row["model"] for row in store.rows(_NAMES)]
    windows: dict[str, dict[str, list[Any]]] = {name: {} for name in names}
    for row in store.rows(_WINDOWS, recent=RECENT_WINDOWS):
        windows.setdefault(row["model"], {})[row["metric"]] = row["ended"]
    young = [name for name, measured in windows.items() if "count" not in measured]
    seen = {row["model"]: row for row in store.rows(_YOUNG, models=young)} if young else {}
    incidents = {row["model"]: row for row in store.rows(_INCIDENTS)}
    drifts = {row["model"]: row["detected"] for row in store.rows(_DRIFTS)}
    owners = {row["model"]: row["owner"] for row in store.rows(_OWNERS)}
    champions = {row["model"]: (row["version"], row["since"]) for row in store.rows(_CHAMPIONS)}
    arrivals = {row["model"]: row["at"] for row in store.rows(_ARRIVALS)}
    for name, measured in windows.items():
        traffic = seen.get(name) or _traffic(measured.get("count", []))
        yield _summary(
            name,
            measured,
            traffic=_now(traffic, champions.get(name, ("", EPOCH)), arrivals.get(name, EPOCH)),
            incident=incidents.get(name, {"open": 0, "worst": 0, "headline": ""}),
            drifts=drifts.get(name, []),
            owner=owners.get(name, ""),
        )


def _traffic(ended: list[Any]) -> Mapping[str, Any]:
    """Of windows of predictions, newest first."""
    if not ended:
        return {"version": "", "last_event_at": EPOCH, "last_logged_at": EPOCH}
    newest, oldest = ended[0], ended[-1]
    seconds = (newest[1] - oldest[0]).total_seconds()
    rate = sum(value for *_, value in ended) / seconds if seconds else None
    return {"version": newest[3], "last_event_at": newest[1], "last_logged_at": newest[2], "rate": rate}


def _now(traffic: Mapping[str, Any], champion: tuple[str, datetime], arrived: datetime) -> Mapping[str, Any]:
    """What is measured, and what has happened since."""
    measured_at = traffic["last_logged_at"]
    version = champion[0] if champion[1] > measured_at else traffic["version"]
    return {**traffic, "version": version, "last_logged_at": max(measured_at, arrived)}


def _last_of(version: str, ended: list[Any]) -> float | None:
    """The newest value of this version; what another one was worth says nothing of it."""
    return next((value for *_, of, value in ended if of == version), None)


def _summary(
    name: str,
    measured: Mapping[str, list[Any]],
    *,
    traffic: Mapping[str, Any],
    incident: Mapping[str, Any],
    drifts: list[datetime],
    owner: str,
) -> ModelSummary:
    judged = measured.get("accuracy") or measured.get("mae") or []
    version = traffic["version"]
    last = {metric: _last_of(version, ended) for metric, ended in measured.items()}
    recently = traffic["last_event_at"] - timedelta(days=1)
    return ModelSummary(
        model=name,
        health=_SEVERITIES.get(incident["worst"], "healthy" if measured else "learning"),
        version=version,
        owner=owner,
        open_incidents=incident["open"],
        headline=incident["headline"],
        drifts=sum(at > recently for at in drifts),
        last_drift_at=drifts[0] if drifts else None,
        last_event_at=traffic["last_event_at"],
        last_logged_at=traffic["last_logged_at"],
        predictions_per_second=traffic.get("rate"),
        accuracy=last.get("accuracy"),
        mae=last.get("mae"),
        recent=[value for *_, value in reversed(judged)],
        latency_ms=last.get("latency_mean"),
    )
