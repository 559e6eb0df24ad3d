"""Why two alerts of one model are one incident: one file per reason."""

from collections.abc import Callable, Sequence

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
"""The closest first."""


def closeness(signal: Signal, signals: Sequence[Signal], policy: IncidentPolicy) -> int:
    """How closely a signal belongs to an incident's: by the first reason the most; 0 when it does not."""
    reasons = (number for number, reason in enumerate(REASONS) if any(reason(signal, each, policy) for each in signals))
    return len(REASONS) - next(reasons, len(REASONS))
