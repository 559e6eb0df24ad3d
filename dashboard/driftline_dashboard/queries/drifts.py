"""What the detectors found."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Figure, Moment
from driftline_dashboard.store import Later, Store
from driftline_dashboard.windows import Window


class Drift(Answer):
    """A change that a detector found; see the record `drift` of the contract.

    Attributes:
        drift_id: Its id.
        version: Version whose traffic changed.
        segment: Tags of the segment; empty for all traffic.
        kind: What changed.
        feature: The feature that changed; empty where none is meant.
        detector: Who found it.
        statistic: Its statistic at the detection.
        threshold: The bound that the statistic passed.
        direction: up, down or empty.
        before: The mean, share or rate before the change.
        after: The same since the change.
        category: The category whose shares these are.
        detected_at: When it was found; event time.
        change_at: Since when it is so, as estimated.
    """

    drift_id: str
    version: str
    segment: dict[str, str]
    kind: str
    feature: str
    detector: str
    statistic: Figure
    threshold: Figure
    direction: str
    before: Figure
    after: Figure
    category: str
    detected_at: datetime
    change_at: Moment


# The table, not the view: to plan a view of many columns takes longer than to read some rows.
_COLUMNS = ", ".join(Drift.model_fields)
_IN_WINDOW = f"""
SELECT {_COLUMNS} FROM drift_log FINAL
WHERE model = {{model:String}} AND ({{version:String}} = '' OR version = {{version:String}})
  AND detected_at >= fromUnixTimestamp64Milli({{begin_ms:Int64}})
  AND detected_at <= fromUnixTimestamp64Milli({{end_ms:Int64}})
ORDER BY detected_at DESC LIMIT 500
"""  # noqa: S608 - of names of our own
_BY_ID = f"""
SELECT {_COLUMNS} FROM drift_log FINAL WHERE model = {{model:String}} AND drift_id IN {{ids:Array(String)}}
ORDER BY detected_at DESC LIMIT 100
"""  # noqa: S608 - of names of our own


def drifts(store: Store, model: str, window: Window, version: str = "") -> Later[list[Drift]]:
    """The drifts of a model that were detected in a window, newest first, at most 500."""
    rows = store.ask(_IN_WINDOW, model=model, version=version, **window.parameters)
    return lambda: [Drift.model_validate(row) for row in rows()]


def drifts_by_id(store: Store, model: str, ids: list[str]) -> list[Drift]:
    """Drifts that an incident or a retrain is built on, newest first, at most 100."""
    return [Drift.model_validate(row) for row in store.rows(_BY_ID, model=model, ids=ids)]
