"""What of a feature is the time of day and the day of the week."""

from typing import Self

import numpy as np

from driftline_detectors.columns import Floats, Integers
from driftline_detectors.snapshots import packed, unpacked

HOURS = 24
DAYS = 7
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = HOURS * HOUR_MS
_DAY_MINUTES = HOURS * 60
_MONDAY = 3
"""1970-01-01 was a Thursday, the fourth day of its week."""

MIN_SPAN_MS = 2 * DAY_MS - HOUR_MS
"""What was not seen on two days, nearly, cannot be told from a change."""


def minute_of_week(timestamp_ms: Integers) -> Integers:
    """The minutes since Monday 00:00 UTC, 0 to 10,079.

    >>> minute_of_week(np.array([0, 4 * DAY_MS])).tolist()
    [4320, 0]
    """
    minutes: Integers = (timestamp_ms // MINUTE_MS + _MONDAY * _DAY_MINUTES) % (DAYS * _DAY_MINUTES)
    return minutes


class Season:
    """The mean normal score by the time of day, between hours interpolated, and by the day of the week."""

    def __init__(self, hourly: Floats, daily: Floats) -> None:
        self._hourly = hourly
        self._daily = daily

    def __bool__(self) -> bool:
        return bool(self._hourly.any() or self._daily.any())

    @classmethod
    def learn(cls, scores: Floats, minute: Integers, span_ms: int, inflation: float) -> Self:
        """Return the season of a reference window, as far as it is more than chance.

        Args:
            scores: Normal scores in log order, of mean 0.
            minute: Minute of the week of each.
            span_ms: Time from the first to the last; less than MIN_SPAN_MS has no season.
            inflation: How much more the mean of consecutive scores varies than that of independent ones (1: not at
                all).
        """
        season = cls(np.zeros(HOURS), np.zeros(DAYS))
        if span_ms >= MIN_SPAN_MS:
            season._hourly = _means(scores, minute % _DAY_MINUTES // 60, HOURS, inflation)
        if span_ms >= DAYS * MIN_SPAN_MS:
            season._daily = _means(scores - season.at(minute), minute // _DAY_MINUTES, DAYS, inflation)
        return season

    def at(self, minute: Integers) -> Floats:
        """The expected normal score at these minutes of the week."""
        hour = (minute % _DAY_MINUTES) / 60
        by_hour: Floats = np.interp(hour, np.arange(HOURS) + 0.5, self._hourly, period=HOURS)
        return by_hour + self._daily[minute // _DAY_MINUTES]

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return packed(np.concatenate((self._hourly, self._daily)))

    @classmethod
    def restore(cls, state: bytes) -> Self:
        """Return the season that `snapshot` described; raise TypeError or ValueError if it is damaged."""
        both = unpacked(state, float, HOURS + DAYS)
        return cls(both[:HOURS], both[HOURS:])


def _means(scores: Floats, group: Integers, groups: int, inflation: float) -> Floats:
    """The mean of each group, as far as it is more than chance.

    Seen as a sum of waves over the groups, each wave is shrunk by the share of its power that chance explains (James
    and Stein); one of less than three times the power of chance is left out.
    """
    count = np.bincount(group, minlength=groups)
    means = np.bincount(group, scores, groups) / np.maximum(count, 1)
    chance = inflation * float(np.var(scores - means[group])) * float((1 / count[count > 0]).sum())
    waves = np.fft.rfft(means)
    power = np.maximum(np.abs(waves) ** 2, np.finfo(float).tiny)
    kept: Floats = np.fft.irfft(np.where(power > 3 * chance, 1 - chance / power, 0.0) * waves, groups)
    return kept
