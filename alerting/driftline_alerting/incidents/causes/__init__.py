"""What may have caused an incident: one file per kind of cause, the surest first."""

from collections.abc import Callable, Sequence

from driftline_alerting.incidents.causes import category, data, drivers, fault, version
from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import Signal

CAUSES: Sequence[Callable[[list[Signal], Champion | None], str]] = (
    fault.cause,
    category.cause,
    version.cause,
    data.cause,
    drivers.cause,
)


def likely_cause(signals: list[Signal], champion: Champion | None) -> str:
    """The likely cause in one line; empty where none is known."""
    return next((said for cause in CAUSES if (said := cause(signals, champion))), "")
