"""Errors that rise after the data has changed."""

from driftline_alerting.incidents.policy import HOUR_MS, MINUTE_MS, IncidentPolicy
from driftline_alerting.incidents.signal import OF_DATA, OF_ERRORS, Signal


def belongs(one: Signal, other: Signal, policy: IncidentPolicy) -> bool:
    """Whether one is about errors, and the other about data that had changed not long before."""
    return _follows(one, other, policy) or _follows(other, one, policy)


def _follows(errors: Signal, data: Signal, policy: IncidentPolicy) -> bool:
    after_ms = errors.since_ms - data.since_ms
    return (
        errors.kind in OF_ERRORS
        and data.kind in OF_DATA
        and (errors.segment == data.segment or not errors.segment or not data.segment)
        and -policy.change_tolerance_minutes * MINUTE_MS <= after_ms <= policy.follow_hours * HOUR_MS
    )
