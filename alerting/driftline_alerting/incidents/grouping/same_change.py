"""Changes that began at the same time, whatever changed."""

from driftline_alerting.incidents.policy import MINUTE_MS, IncidentPolicy
from driftline_alerting.incidents.signal import Signal

_OF_DRIFTLINE = ("ledger", "pipeline")


def belongs(one: Signal, other: Signal, policy: IncidentPolicy) -> bool:
    """Whether the changes may be one.

    A detector dates a change the worse, the longer it takes to see it: a change that is dated between the beginning of
    another and its detection may be the other one.
    """
    if one.kind in _OF_DRIFTLINE or other.kind in _OF_DRIFTLINE:
        return False
    tolerance_ms = policy.change_tolerance_minutes * MINUTE_MS
    return _lies_in(one.since_ms, other, tolerance_ms) or _lies_in(other.since_ms, one, tolerance_ms)


def _lies_in(at_ms: int, signal: Signal, tolerance_ms: float) -> bool:
    return signal.since_ms - tolerance_ms <= at_ms <= signal.until_ms + tolerance_ms
