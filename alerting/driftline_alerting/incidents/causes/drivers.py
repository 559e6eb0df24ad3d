"""Features that brought the evidence."""

from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import Signal


def cause(signals: list[Signal], _champion: Champion | None) -> str:
    """Which features stand behind a change that is about more than one."""
    names = next((each.drivers for each in signals if set(each.drivers) - {each.feature}), [])
    return f"most of the evidence came from {' and '.join(names)}" if names else ""
