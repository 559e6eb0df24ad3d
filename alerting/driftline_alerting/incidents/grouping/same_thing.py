"""The same thing again, or the same thing in a segment and in all traffic."""

from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.incidents.signal import Signal


def belongs(one: Signal, other: Signal, _policy: IncidentPolicy) -> bool:
    """Whether two alerts are about the same, one of them perhaps about a part of the traffic."""
    return (one.kind, one.feature) == (other.kind, other.feature) and (
        one.segment == other.segment or not one.segment or not other.segment
    )
