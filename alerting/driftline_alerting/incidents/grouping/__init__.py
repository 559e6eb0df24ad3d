"""Why two alerts of one model are one incident: one file per reason."""

from collections.abc import Callable, Iterable, Sequence

from driftline_alerting.incidents.grouping import (
    errors_follow,
    related_features,
    same_change,
    same_fault,
    same_thing,
)
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.incidents.signal import Signal

REASONS: Sequence[Callable[[Signal, Signal, IncidentPolicy], bool]] = (
    same_thing.belongs,
    same_change.belongs,
    same_fault.belongs,
    related_features.belongs,
    errors_follow.belongs,
)


def belongs(signal: Signal, signals: Iterable[Signal], policy: IncidentPolicy) -> bool:
    """Whether a signal belongs to one of an incident's."""
    return any(reason(signal, known, policy) for known in signals for reason in REASONS)
