"""A category that the reference never had."""

from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import Signal


def cause(signals: list[Signal], _champion: Champion | None) -> str:
    """The new value, and what to do if it is meant to be."""
    unseen = next((each for each in signals if each.detector == "unseen"), None)
    if unseen is None:
        return ""
    return f"{unseen.change}: a mistake of its producer, or a value that the model has to learn"
