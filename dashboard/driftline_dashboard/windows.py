"""Stretches of event time, as a request names them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from driftline_dashboard.problems import bad_value

DEFAULT_FROM = "7d"
HOUR_SECONDS = 3600
POINTS, EVENTS_IN_A_POINT = 120, 30
EXPECTED = "a time such as 2026-01-31T12:00:00Z, a length such as 30m, 24h, 7d or 8w, or `all`"

EPOCH, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_LENGTH = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_STEPS = (1, 10, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)


@dataclass(frozen=True)
class Window:
    """From one time to before another, in UTC."""

    begin: datetime
    end: datetime

    def step_seconds(self, events: float) -> int:
        """Length of the pieces that a chart shows, one that people use.

        There are at most `POINTS` pieces, and about `EVENTS_IN_A_POINT` events or more in each: fewer show noise.

        Args:
            events: In the window, about.

        >>> week = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC))
        >>> week.step_seconds(1_000_000), week.step_seconds(400)
        (10800, 86400)
        """
        points = min(POINTS, max(1.0, events / EVENTS_IN_A_POINT))
        wanted = (self.end - self.begin).total_seconds() / points
        return next((step for step in _STEPS if step >= wanted), _STEPS[-1])

    def overlap(self, other: "Window") -> float:
        """Which share of another window lies in this one, 0 to 1."""
        both = min(self.end, other.end) - max(self.begin, other.begin)
        return max(0.0, both / (other.end - other.begin)) if other.end > other.begin else 0.0

    @property
    def whole_hours(self) -> "Window":
        """All hours that it reaches into.

        >>> Window(datetime(2026, 1, 1, 9, 30), datetime(2026, 1, 1, 11)).whole_hours.begin.hour
        9
        """
        begin = self.begin.replace(minute=0, second=0, microsecond=0)
        end = self.end.replace(minute=0, second=0, microsecond=0)
        return Window(begin, end if end == self.end else end + timedelta(seconds=HOUR_SECONDS))

    @property
    def parameters(self) -> dict[str, int]:
        """The bounds as queries take them (`{begin_ms:Int64}`, `{end_ms:Int64}`)."""
        return {"begin_ms": _milliseconds(self.begin), "end_ms": _milliseconds(self.end)}


def read_window(begin: str, end: str, extent: Window) -> Window:
    """The window that a request names.

    Args:
        begin: A time, a length before the end, or `all`.
        end: A time; empty for the end of what is stored. Nothing here reads a clock: so a replayed history and a model
            that has gone silent show their last data.
        extent: The first and the last event of the model.

    Raises:
        Problem: One of them cannot be read, or the window is empty.
    """
    until = _time("until", end) if end else extent.end
    if begin == "all":
        since = min(extent.begin, until - timedelta(seconds=1))
    elif (length := _LENGTH.fullmatch(begin)) is not None:
        since = _before(until, timedelta(**{_UNITS[length[2]]: int(length[1])}))
    else:
        since = _time("from", begin)
    if since >= until:
        raise bad_value("from", begin, f"a time before {until.isoformat()}")
    return Window(since, until)


def _before(end: datetime, length: timedelta) -> datetime:
    return end - min(length, end - EPOCH)


def _time(name: str, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise bad_value(name, text, EXPECTED if name == "from" else EXPECTED.split(",")[0]) from None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    if not EPOCH <= time < LAST:
        raise bad_value(name, text, f"a time from {EPOCH.year} to before {LAST.year}")
    return time


def _milliseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)
