"""What a report is made of: the answers of the page's own questions, for one period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from driftline_dashboard.asked import Asked
from driftline_dashboard.queries.drifts import Drift, drifts
from driftline_dashboard.queries.features import FeatureDrift, features
from driftline_dashboard.queries.incidents import Incident, incidents
from driftline_dashboard.queries.performance import PerformancePoint, performance
from driftline_dashboard.queries.retrains import Retrain, retrains
from driftline_dashboard.queries.segments import SegmentPerformance, segments
from driftline_dashboard.queries.traffic import TrafficPoint, traffic
from driftline_dashboard.queries.versions import Served
from driftline_dashboard.store import Store
from driftline_dashboard.windows import EPOCH, Window

MOST = 200
"""Incidents and retrains of a model that are looked through, the newest first."""

_ASKED_BY = """
SELECT DISTINCT retrain_id FROM retrain_requests WHERE model = {model:String} AND hasAny(drift_ids, {ids:Array(String)})
"""


@dataclass(frozen=True)
class Material:
    """A model in a period.

    Attributes:
        model: Its name.
        window: The period, in event time.
        step_seconds: Length of the pieces of its series.
        served: The versions that predicted in it, the first one first.
        performance: By piece and version.
        before: The same of the period of the same length before, in one piece for each version.
        traffic: By piece and version.
        drifts: What was found, the first one first.
        incidents: What began in it or lasted into it, the first one first.
        features: The most drifted first.
        segments: The largest first.
        retrains: Those that were asked for because of the drifts, or ended in the period, the first one first.
    """

    model: str
    window: Window
    step_seconds: int
    served: Sequence[Served]
    performance: Sequence[PerformancePoint]
    before: Sequence[PerformancePoint]
    traffic: Sequence[TrafficPoint]
    drifts: Sequence[Drift]
    incidents: Sequence[Incident]
    features: Sequence[FeatureDrift]
    segments: Sequence[SegmentPerformance]
    retrains: Sequence[Retrain]


def gather(store: Store, model: str, window: Window, versions: Sequence[Served]) -> Material:
    """Ask for everything.

    Args:
        store: Where to ask.
        model: Its name.
        window: The period.
        versions: All versions of the model.
    """
    asked = Asked(model, window, "", "", list(versions))
    length = min(window.end - window.begin, window.begin - EPOCH)
    before = Window(window.begin - length, window.begin)
    points = performance(store, model, window, asked.step_seconds)
    predicted = traffic(store, model, window, asked.step_seconds)
    points_before = performance(store, model, before, max(1, int(2 * length / timedelta(seconds=1))))
    found = drifts(store, model, window)()
    return Material(
        model=model,
        window=window,
        step_seconds=asked.step_seconds,
        served=sorted((v for v in versions if _meets(v, window)), key=lambda v: v.first_at),
        performance=points(),
        before=points_before(),
        traffic=predicted(),
        drifts=found[::-1],
        incidents=_in_time(incidents(store, model=model, limit=MOST), window),
        features=features(store, model, window, reference=asked.reference),
        segments=segments(store, model, window),
        retrains=_retrains(store, model, window, [drift.drift_id for drift in found]),
    )


def _meets(version: Served, window: Window) -> bool:
    return version.first_at < window.end and version.last_at >= window.begin


def _in_time(found: Iterable[Incident], window: Window) -> list[Incident]:
    """An incident lasts from when it is so until the step that resolved it."""
    lasting = (
        each
        for each in found
        if each.since < window.end
        and (each.since >= window.begin or each.state != "resolved" or window.begin <= each.at < window.end)
    )
    return sorted(lasting, key=lambda each: (each.since, each.incident_id))


def _retrains(store: Store, model: str, window: Window, drift_ids: Sequence[str]) -> list[Retrain]:
    """Of a history that was replayed their own times lie outside the period, those of their drifts do not."""
    asked = {row["retrain_id"] for row in store.rows(_ASKED_BY, model=model, ids=drift_ids)}
    found = retrains(store, model=model, limit=MOST)
    return sorted(
        (each for each in found if each.retrain_id in asked or window.begin <= each.at < window.end),
        key=lambda each: (each.at, each.retrain_id),
    )
