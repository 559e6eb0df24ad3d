"""Features that changed together."""

from driftline_alerting.incidents.policy import HOUR_MS, IncidentPolicy
from driftline_alerting.incidents.signal import OF_DATA, Signal


def belongs(one: Signal, other: Signal, policy: IncidentPolicy) -> bool:
    """Whether the evidence of one drift of the data came also from the feature of another, soon before or after."""
    if one.kind not in OF_DATA or other.kind not in OF_DATA:
        return False
    related = one.feature in other.drivers or other.feature in one.drivers
    return related and abs(one.since_ms - other.since_ms) <= policy.follow_hours * HOUR_MS
