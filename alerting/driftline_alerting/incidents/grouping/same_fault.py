"""A broken feature, and what it breaks."""

from driftline_alerting.incidents.policy import MINUTE_MS, IncidentPolicy
from driftline_alerting.incidents.signal import OF_DATA, OF_ERRORS, Signal


def belongs(one: Signal, other: Signal, policy: IncidentPolicy) -> bool:
    """Whether one is a fault of a feature that the other, which began no earlier, is about."""
    return _breaks(one, other, policy) or _breaks(other, one, policy)


def _breaks(fault: Signal, drift: Signal, policy: IncidentPolicy) -> bool:
    return (
        fault.kind == "quality"
        and fault.feature in drift.names
        and drift.kind in OF_DATA | OF_ERRORS
        and drift.since_ms >= fault.since_ms - policy.change_tolerance_minutes * MINUTE_MS
    )
