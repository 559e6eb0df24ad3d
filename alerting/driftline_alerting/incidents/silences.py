"""Times in which people are not told."""

from collections.abc import Iterable

from driftline_alerting.incidents.signal import Signal
from driftline_schemas.events.silence import Silence

ALL_MODELS = "*"


class Silences:
    """The silences that have not ended."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._by_id: dict[str, Silence] = {}
        for silence in silences:
            self.put(silence)

    def put(self, silence: Silence) -> None:
        """Take one; it replaces an earlier one with its id, unless it was decided before that."""
        known = self._by_id.get(silence.silence_id)
        if known is None or known.timestamp_ms <= silence.timestamp_ms:
            self._by_id[silence.silence_id] = silence

    def forget(self, now_ms: int) -> None:
        """Drop those that have ended."""
        self._by_id = {key: each for key, each in self._by_id.items() if each.until_ms > now_ms}

    def cover(self, model: str, signals: Iterable[Signal], at_ms: int) -> bool:
        """Whether every one of a model's signals is silenced at that time."""
        active = [
            each
            for each in self._by_id.values()
            if each.model in (model, ALL_MODELS) and each.from_ms <= at_ms < each.until_ms
        ]
        return bool(active) and all(any(_matches(each, signal) for each in active) for signal in signals)


def _matches(silence: Silence, signal: Signal) -> bool:
    return (not silence.kinds or signal.kind in silence.kinds) and (
        not silence.segments or signal.segment in silence.segments
    )
