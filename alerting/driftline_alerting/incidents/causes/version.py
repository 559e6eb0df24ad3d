"""A version that was promoted shortly before."""

from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.policy import HOUR_MS, MINUTE_MS
from driftline_alerting.incidents.signal import Signal

_LONGEST_MS = 24 * HOUR_MS


def cause(signals: list[Signal], champion: Champion | None) -> str:
    """The promotion, if what changed is of that version and began within a day after it."""
    if champion is None or champion.version not in {each.version for each in signals}:
        return ""
    after_ms = min(each.since_ms for each in signals) - champion.since_ms
    if not 0 <= after_ms <= _LONGEST_MS:
        return ""
    return f"version {champion.version} was promoted {after_ms // MINUTE_MS} min before"
