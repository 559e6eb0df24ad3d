"""Data that changed before the errors rose."""

from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import OF_ERRORS, Signal


def cause(signals: list[Signal], _champion: Champion | None) -> str:
    """The first change of the data, where errors rose too."""
    if not any(each.kind in OF_ERRORS for each in signals):
        return ""
    data = next((each for each in signals if each.kind == "data-drift"), None)
    return f"{data.change}: the model has not learnt such values" if data else ""
