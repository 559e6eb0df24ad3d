"""When does a worker stand still? Pure logic; `watch` asks Kafka and tells people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

STALL_SECONDS = 60.0
"""Longer than anything that a working worker does between two records: taking over a partition of 1,000 models with
20 features each lasts up to 30 s."""

LOOK_EVERY_SECONDS = 2.0

MARKER_RECORDS = 1
"""The marker of a transaction takes an offset and is no record: a lag of one may be nothing but that."""

MAX_STEP_SECONDS = 3 * LOOK_EVERY_SECONDS
"""Time between two looks counts up to here: a process that was paused itself does not take the pause for a stall."""


@dataclass(frozen=True)
class Place:
    """Where a worker is in a partition.

    Attributes:
        next_offset: The first record that it has not taken.
        end: The offset after the last record.
    """

    next_offset: int
    end: int


@dataclass(frozen=True)
class Stall:
    """A partition that stands still while records wait.

    Attributes:
        partition: Its number.
        offset: The first record that is not taken.
        since: When records were first seen to wait there, in seconds of the watchdog's clock.
        lag: Records that wait.
    """

    partition: int
    offset: int
    since: float
    lag: int


@dataclass
class _Seen:
    """Where a partition is, since when, and for how long it was seen to stand still there."""

    next_offset: int
    since: float
    seconds: float = 0.0


class Watchdog:
    """Compares where a worker is with where it was.

    Example:
        >>> seconds = iter(range(0, 300, 5))
        >>> watchdog = Watchdog(lambda: next(seconds))
        >>> watchdog.observe({0: Place(7, 7)})
        []
        >>> while not (found := watchdog.observe({0: Place(7, 11)})):
        ...     pass
        >>> found
        [Stall(partition=0, offset=7, since=5, lag=4)]

    Args:
        clock: Seconds since some time.

    Attributes:
        stalls: The partitions that stand still now.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.stalls: dict[int, Stall] = {}
        self._now = clock
        self._looked_at = clock()
        self._seen: dict[int, _Seen] = {}

    def observe(self, places: Mapping[int, Place]) -> list[Stall]:
        """Look once; return the stalls that were not known before.

        Args:
            places: Every partition that the worker has, and where it is in it.
        """
        now = self._now()
        step = min(max(0.0, now - self._looked_at), MAX_STEP_SECONDS)
        self._looked_at = now
        self._seen = {partition: self._look(partition, place, now, step) for partition, place in places.items()}
        known = self.stalls
        self.stalls = {
            partition: Stall(partition, seen.next_offset, seen.since, places[partition].end - seen.next_offset)
            for partition, seen in self._seen.items()
            if seen.seconds >= STALL_SECONDS
        }
        return [stall for partition, stall in self.stalls.items() if partition not in known]

    def _look(self, partition: int, place: Place, now: float, step: float) -> _Seen:
        seen = self._seen.get(partition)
        waiting = place.end - place.next_offset > MARKER_RECORDS
        if seen is None or seen.next_offset != place.next_offset or not waiting:
            return _Seen(place.next_offset, now)
        seen.seconds += step
        return seen
