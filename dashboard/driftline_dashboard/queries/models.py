"""All models, those in need first."""

from collections.abc import Mapping

from driftline_dashboard.queries.base import Answer
from driftline_dashboard.queries.summaries import Health, ModelSummary, summaries
from driftline_dashboard.store import Store


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


_NAMES = """
SELECT model, max(measured) AS measured FROM
(SELECT model, 0 AS measured FROM served_versions UNION ALL SELECT model, 1 AS measured FROM recent_windows)
GROUP BY model ORDER BY model LIMIT 5000
"""
_INCIDENTS = """
SELECT model, count() AS open, max(multiIf(severity = 'critical', 3, severity = 'warning', 2, 1)) AS worst,
       argMax(headline, (multiIf(severity = 'critical', 3, severity = 'warning', 2, 1), at)) AS headline
FROM incidents WHERE state != 'resolved' GROUP BY model
"""

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
    names, opened = store.ask(_NAMES), store.ask(_INCIDENTS)
    incidents = {row["model"]: row for row in opened()}
    health: dict[str, Health] = {}
    for row in names():
        if search.lower() in row["model"].lower():
            worst = incidents.get(row["model"], {"worst": 0})["worst"]
            health[row["model"]] = _SEVERITIES.get(worst, "healthy" if row["measured"] else "learning")
    ordered = sorted(health, key=lambda name: (_ORDER[health[name]], name))
    shown = {name: health[name] for name in ordered[offset : offset + limit]}
    return ModelList(
        total=len(health),
        by_health={each: sum(of == each for of in health.values()) for each in _ORDER},
        models=list(summaries(store, shown, incidents)) if shown else [],
    )
