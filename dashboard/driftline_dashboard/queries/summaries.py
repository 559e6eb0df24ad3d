"""A model at a glance."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from driftline_dashboard.queries.base import Answer, Figure, Moment
from driftline_dashboard.store import Row, Store
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
        version: That of its newest stored prediction, or the champion since then.
        owner: Who answers for it, as its specification says.
        open_incidents: Incidents that are not resolved.
        headline: What the worst of them says.
        drifts: Drifts in the last day before its last event.
        last_drift_at: When the last one was detected; event time.
        last_event_at: Event time of its newest stored prediction.
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


_LAST = """
SELECT model, argMax(version, (t.last_logged_at, t.last_at)) AS version, max(t.last_at) AS last_event_at,
       max(t.last_logged_at) AS last_logged_at
FROM served_versions AS t WHERE model IN {models:Array(String)} GROUP BY model
"""
# Of every figure one row, however long the history is; a window that was stored twice stands in it twice.
_WINDOWS = """
SELECT model, metric,
       arrayMap(each -> (each.2, each.3, each.5, each.6),
                arraySlice(arrayDistinct(groupArraySortedMerge(48)(ended)), 1, {recent:UInt32})) AS ended
FROM recent_windows WHERE model IN {models:Array(String)} GROUP BY model, metric
"""
_DRIFTS = """
SELECT model, groupArray(detected_at) AS detected FROM
(
    SELECT model, detected_at FROM drifts WHERE model IN {models:Array(String)}
    ORDER BY detected_at DESC LIMIT 100 BY model
)
GROUP BY model
"""
_CHAMPIONS = """
SELECT model, argMax(version, at) AS version, max(at) AS since FROM model_versions
WHERE action != 'refused' AND model IN {models:Array(String)} GROUP BY model
"""
# Emitters of the SDK name themselves; what they sent in the last day is told to the second.
_ARRIVALS = """
SELECT model, max(logged_at) AS at FROM emitter_arrival_log
WHERE model IN {models:Array(String)} AND logged_at > (SELECT max(last_logged_at) FROM block_log) - INTERVAL 1 DAY
GROUP BY model
"""
_OWNERS = """
SELECT model, JSONExtractString(spec, 'owner') AS owner FROM model_specs WHERE model IN {models:Array(String)}
"""


def summaries(store: Store, health: Mapping[str, Health], incidents: Mapping[str, Row]) -> Iterator[ModelSummary]:
    """These models at a glance, in this order.

    Args:
        store: Where to ask.
        health: How each is.
        incidents: Of those that have open ones: how many (`open`), and what the worst says (`headline`).
    """
    names = list(health)
    asked = [store.ask(sql, models=names) for sql in (_LAST, _DRIFTS, _CHAMPIONS, _ARRIVALS, _OWNERS)]
    ended = store.ask(_WINDOWS, models=names, recent=RECENT_WINDOWS)
    last, drifts, champions, arrivals, owners = ({row["model"]: row for row in answer()} for answer in asked)
    windows: dict[str, dict[str, Sequence[Any]]] = {}
    for row in ended():
        windows.setdefault(row["model"], {})[row["metric"]] = row["ended"]
    for name in health:
        yield _summary(
            name,
            health[name],
            _now(last.get(name, _NEVER), champions.get(name), arrivals.get(name)),
            windows.get(name, {}),
            incident=incidents.get(name, {"open": 0, "headline": ""}),
            drifts=drifts[name]["detected"] if name in drifts else [],
            owner=owners[name]["owner"] if name in owners else "",
        )


_NEVER: Row = {"version": "", "last_event_at": EPOCH, "last_logged_at": EPOCH}


def _now(stored: Row, champion: Row | None, arrived: Row | None) -> Row:
    """What is stored, and what has happened since."""
    stored_at: datetime = stored["last_logged_at"]
    promoted = champion is not None and champion["since"] > stored_at
    return {
        **stored,
        "version": champion["version"] if champion is not None and promoted else stored["version"],
        "last_logged_at": max(stored_at, arrived["at"]) if arrived is not None else stored_at,
    }


def _rate(ended: Sequence[Any]) -> float | None:
    """Predictions per second of event time over windows, newest first."""
    seconds = (ended[0][1] - ended[-1][0]).total_seconds() if ended else 0
    return sum(value for *_, value in ended) / seconds if seconds else None


def _last_of(version: str, ended: Sequence[Any]) -> float | None:
    """The newest value of this version; what another one was worth says nothing of it."""
    return next((value for *_, of, value in ended if of == version), None)


def _summary(
    name: str,
    health: Health,
    now: Row,
    windows: Mapping[str, Sequence[Any]],
    *,
    incident: Row,
    drifts: Sequence[datetime],
    owner: str,
) -> ModelSummary:
    judged = windows.get("accuracy") or windows.get("mae") or []
    last = {metric: _last_of(now["version"], ended) for metric, ended in windows.items()}
    recently = now["last_event_at"] - timedelta(days=1)
    return ModelSummary(
        model=name,
        health=health,
        version=now["version"],
        owner=owner,
        open_incidents=incident["open"],
        headline=incident["headline"],
        drifts=sum(at > recently for at in drifts),
        last_drift_at=drifts[0] if drifts else None,
        last_event_at=now["last_event_at"],
        last_logged_at=now["last_logged_at"],
        predictions_per_second=_rate(windows.get("count", [])),
        accuracy=last.get("accuracy"),
        mae=last.get("mae"),
        recent=[value for *_, value in reversed(judged)],
        latency_ms=last.get("latency_mean"),
    )
