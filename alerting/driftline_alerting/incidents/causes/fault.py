"""A feature that is missing, invalid or frozen."""

from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import Signal

_ADVICE = {
    "label-coverage": "check who delivers the outcomes",
    "label-delay": "check who delivers the outcomes",
    "duplicates": "check whether the emitter sends again what has arrived",
}


def cause(signals: list[Signal], _champion: Champion | None) -> str:
    """The first fault, and whom to ask about it."""
    fault = next((each for each in signals if each.kind == "quality" and each.detector != "unseen"), None)
    if fault is None:
        return ""
    advice = "check its producer" if fault.feature else _ADVICE.get(fault.detector, "check the feed")
    return f"{fault.change}: {advice}"
