"""The traffic of segments and versions: what stops while the model goes on is told, and what was replaced is not."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from driftline_detectors import DriftFinding, TrafficColumns, TrafficMonitor
from driftline_detectors.hours import DAY, HOUR_MS

Integers = NDArray[np.int64]

MINUTE_MS = 60_000
START_MS = 500_072 * HOUR_MS
"""A Monday, at 8 o'clock."""
DAY_MS = DAY * HOUR_MS
TICK_MS = 5 * MINUTE_MS


class Stream(NamedTuple):
    """Predictions of a version in a country, so many an hour, and when their outcomes come."""

    version: str
    country: str
    per_hour: float
    days: tuple[float, float]
    labels_until: float = np.inf
    delay_ms: int = HOUR_MS

    @property
    def times_ms(self) -> Integers:
        begin, end = (START_MS + int(day * DAY_MS) for day in self.days)
        return np.arange(begin, end, round(HOUR_MS / self.per_hour))

    @property
    def outcomes_ms(self) -> Integers:
        times = self.times_ms
        return times[times < START_MS + self.labels_until * DAY_MS] + self.delay_ms


def columns(streams: list[Stream], times: list[Integers]) -> TrafficColumns:
    merged = np.concatenate(times)
    order = np.argsort(merged, kind="stable")
    which = np.repeat(np.arange(len(streams)), [len(each) for each in times])[order]
    versions = np.array([stream.version for stream in streams])[which]
    rows = {name: np.flatnonzero(versions == name) for name in set(versions.tolist())}
    countries = [streams[each].country for each in which.tolist()]
    return TrafficColumns(merged[order], merged[order], rows, {"country": countries})


def between(times: Integers, begin_ms: int, end_ms: int) -> Integers:
    return times[slice(*np.searchsorted(times, (begin_ms, end_ms)))]


def told(
    streams: list[Stream],
    days: float,
    monitor: TrafficMonitor | None = None,
    champion: str | None = None,
    promotion: tuple[float, str] | None = None,
) -> list[DriftFinding]:
    """What is told within so many days."""
    monitor = monitor or TrafficMonitor(["country"])
    predictions = [stream.times_ms for stream in streams]
    outcomes = [np.sort(stream.outcomes_ms) for stream in streams]
    found = []
    for now_ms in range(START_MS + TICK_MS, START_MS + int(days * DAY_MS) + 1, TICK_MS):
        if promotion and now_ms > START_MS + promotion[0] * DAY_MS:
            champion = promotion[1]
            monitor.promote(champion)
        monitor.add_predictions(columns(streams, [between(each, now_ms - TICK_MS, now_ms) for each in predictions]))
        judged = columns(streams, [between(each, now_ms - TICK_MS, now_ms) for each in outcomes])
        monitor.add_outcomes(judged, np.full(len(judged), HOUR_MS))
        found += monitor.at_tick(now_ms, None, champion)
    return found


def named(found: list[DriftFinding]) -> list[tuple[str, str, str]]:
    return [(each.detector, "=".join(each.segment), each.version) for each in found]


class TestSegments:
    usual = Stream("1", "DE", 300, (0, 3))

    def test_one_that_stops_is_named_and_so_is_its_return(self) -> None:
        gone = [Stream("1", "AT", 60, (0, 2.5)), Stream("1", "AT", 60, (2.6, 3))]
        silence, end = told([self.usual, *gone], 3)
        assert named([silence, end]) == [("silence", "country=AT", ""), ("silence-end", "country=AT", "")]
        assert (silence.kind, silence.direction, silence.after) == ("silence", "down", 0)
        assert silence.change_timestamp_ms == gone[0].times_ms[-1]
        assert end.statistic == pytest.approx(0.1 * DAY_MS / 1000, abs=60)

    def test_a_silence_of_all_traffic_is_told_once_and_what_does_not_return_after_it(self) -> None:
        streams = [
            Stream("1", "DE", 300, (0, 2.5)),
            Stream("1", "DE", 300, (2.51, 3)),
            Stream("1", "AT", 300, (0, 2.5)),
            Stream("1", "AT", 300, (2.51, 3)),
            Stream("1", "CH", 300, (0, 2.5)),
        ]
        found = told(streams, 2.7)
        assert named(found) == [("silence", "", ""), ("silence-end", "", ""), ("silence", "country=CH", "")]

    def test_a_volume_is_told_of_who_has_it(self) -> None:
        more = Stream("1", "AT", 900, (2.5, 3))
        found = told([self.usual, Stream("1", "AT", 30, (0, 3)), more], 3)
        assert named(found) == [("volume", "", "")], "all traffic rose by more than three times"
        few = Stream("1", "AT", 120, (2.5, 3))
        assert named(told([self.usual, Stream("1", "AT", 30, (0, 3)), few], 3)) == [("volume", "country=AT", "")]

    def test_labels_that_stop_are_told_of_who_lacks_them(self) -> None:
        streams = [Stream("1", "DE", 300, (0, 4)), Stream("1", "AT", 60, (0, 4), labels_until=2.5)]
        found = told(streams, 3.1)
        assert named(found) == [("label-coverage", "country=AT", "")]

    def test_another_specification_watches_others(self) -> None:
        monitor = TrafficMonitor(["country"])
        streams = [self.usual, Stream("1", "AT", 60, (0, 2.5))]
        told(streams, 2, monitor)
        before: Any = monitor.snapshot()["segments"]
        assert [segment[:2] for segment in before] == [["country", "AT"], ["country", "DE"]]
        monitor.watch(["plan"])
        assert monitor.tags == ("plan",)
        assert monitor.snapshot()["segments"] == []


class TestVersions:
    """Traffic of 300 an hour in two versions, mostly."""

    canary = Stream("4", "DE", 30, (0.2, 2.5))
    champion = Stream("3", "DE", 270, (0, 4))

    def test_a_canary_that_stops_is_told(self) -> None:
        (silence,) = told([self.champion, self.canary], 3)
        assert named([silence]) == [("silence", "", "4")]
        assert silence.before >= 20

    @pytest.mark.parametrize("is_announced", [True, False])
    @pytest.mark.parametrize("volume", [1.0, 0.6])
    def test_a_version_that_takes_over_everything_is_no_incident(self, is_announced: bool, volume: float) -> None:
        streams = [Stream("3", "DE", 300, (0, 2.5)), Stream("4", "DE", 300 * volume, (2.5, 4))]
        promotion = (2.5, "4") if is_announced else None
        assert told(streams, 4, champion="3" if is_announced else None, promotion=promotion) == []

    @pytest.mark.parametrize("is_announced", [True, False])
    def test_a_rollout_in_steps_is_no_incident(self, is_announced: bool) -> None:
        streams = [
            Stream("3", "DE", 270, (0, 2.5)),
            Stream("4", "DE", 30, (0.2, 2.5)),
            Stream("3", "DE", 150, (2.5, 4)),
            Stream("4", "DE", 150, (2.5, 4)),
            Stream("4", "DE", 300, (4, 6)),
        ]
        promotion = (4, "4") if is_announced else None
        assert told(streams, 6, champion="3" if is_announced else None, promotion=promotion) == []

    @pytest.mark.parametrize("is_announced", [True, False])
    def test_a_roll_back_is_no_incident(self, is_announced: bool) -> None:
        streams = [
            Stream("3", "DE", 300, (0, 1.5)),
            Stream("4", "DE", 300, (1.5, 3.7)),
            Stream("3", "DE", 300, (3.7, 5)),
        ]
        promotion = (3.7, "3") if is_announced else None
        assert told(streams, 5, champion="4" if is_announced else None, promotion=promotion) == []

    def test_a_champion_that_stops_is_told_also_beside_a_newer_version(self) -> None:
        streams = [Stream("3", "DE", 150, (0, 2.5)), Stream("4", "DE", 150, (0.2, 4))]
        assert named(told(streams, 2.8, champion="3")) == [("silence", "", "3")]
        assert told(streams, 2.8) == [], "it may have been phased out"

    def test_a_silence_of_the_model_is_told_of_no_version(self) -> None:
        streams = [Stream("3", "DE", 270, (0, 2.5)), Stream("4", "DE", 30, (0.2, 2.5))]
        assert named(told(streams, 3)) == [("silence", "", "")]

    def test_labels_of_one_that_stop_are_told(self) -> None:
        canary = Stream("4", "DE", 30, (0.2, 5), labels_until=3)
        assert named(told([self.champion, canary], 4)) == [("label-coverage", "", "4")]

    def test_labels_that_follow_a_rollout_late_are_not(self) -> None:
        late = 30 * HOUR_MS
        streams = [
            Stream("3", "DE", 270, (0, 5), delay_ms=late),
            Stream("4", "DE", 30, (0, 5), delay_ms=late),
            Stream("3", "DE", 30, (5, 8), delay_ms=late),
            Stream("4", "DE", 270, (5, 8), delay_ms=late),
        ]
        assert told(streams, 8, champion="3", promotion=(5, "4")) == []
