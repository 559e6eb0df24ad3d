"""The traffic monitor: what is usual is told to nobody, what is not is told once, and its laws."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import ormsgpack
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors import DriftFinding, TrafficColumns, TrafficMonitor
from driftline_detectors.hour_judgements import COUNTERS
from driftline_detectors.hours import DAY, HOUR_MS

Integers = NDArray[np.int64]

MINUTE_MS = 60_000
START_MS = 500_072 * HOUR_MS
"""A Monday, at 8 o'clock."""
DAY_MS = DAY * HOUR_MS


def every(gap_ms: int, begin_ms: int, end_ms: int) -> Integers:
    return np.arange(begin_ms, end_ms, gap_ms)


def business_hours(days: int, gap_ms: int = 10_000) -> Integers:
    """Predictions from 8 to 20 o'clock of every day."""
    return np.concatenate(
        [
            every(gap_ms, START_MS + day * DAY_MS + 8 * HOUR_MS, START_MS + day * DAY_MS + 20 * HOUR_MS)
            for day in range(days)
        ]
    )


def run(
    monitor: TrafficMonitor, predictions: Integers, end_ms: int, outcomes: Integers | None = None, delay_ms: int = 0
) -> list[DriftFinding]:
    """Feed a monitor with a tick a minute; `delay_ms` is that of all outcomes."""
    labels = np.array([], np.int64) if outcomes is None else outcomes
    found, begin_ms = [], int(predictions[0])
    for tick_ms in range(begin_ms + MINUTE_MS, end_ms + 1, MINUTE_MS):
        came = predictions[slice(*np.searchsorted(predictions, (tick_ms - MINUTE_MS, tick_ms)))]
        monitor.add_predictions(TrafficColumns(came, came))
        told = labels[slice(*np.searchsorted(labels, (tick_ms - MINUTE_MS, tick_ms)))]
        monitor.add_outcomes(TrafficColumns(told, told), np.full(len(told), delay_ms))
        found += monitor.at_tick(tick_ms)
    return found


class TestSilence:
    def test_nothing_is_usual_on_the_first_day(self) -> None:
        predictions = every(1000, START_MS, START_MS + 3 * HOUR_MS)
        assert run(TrafficMonitor(), predictions, START_MS + 20 * HOUR_MS) == []

    def test_a_bound_holds_from_the_first_prediction_on(self) -> None:
        monitor = TrafficMonitor()
        monitor.add_predictions(TrafficColumns(np.array([START_MS]), np.array([7])))
        assert monitor.at_tick(START_MS + 9_000, silence_ms=10_000) == []
        [drift] = monitor.at_tick(START_MS + 10_000, silence_ms=10_000)
        assert (drift.kind, drift.statistic, drift.threshold) == ("silence", 10.0, 10.0)
        assert (drift.change_position, drift.change_timestamp_ms) == (7, START_MS)
        assert monitor.at_tick(START_MS + 20_000, silence_ms=10_000) == []

    def test_its_end_is_told_and_it_is_told_again_after_a_prediction(self) -> None:
        monitor = TrafficMonitor()
        monitor.add_predictions(TrafficColumns(np.array([START_MS]), np.array([7])))
        assert [drift.detector for drift in monitor.at_tick(START_MS + 10_000, silence_ms=10_000)] == ["silence"]
        monitor.add_predictions(
            TrafficColumns(np.array([START_MS + HOUR_MS, START_MS + HOUR_MS + 5]), np.array([8, 9]))
        )
        end, silence = monitor.at_tick(START_MS + HOUR_MS + 20_000, silence_ms=10_000)
        assert (end.kind, end.detector, end.direction, end.statistic) == ("silence", "silence-end", "up", 3600.0)
        assert (end.change_position, end.change_timestamp_ms) == (8, START_MS + HOUR_MS)
        assert (silence.detector, silence.direction, silence.change_position) == ("silence", "down", 9)
        assert monitor.at_tick(START_MS + HOUR_MS + 30_000, silence_ms=10_000) == []

    def test_the_night_is_no_silence_and_an_hour_at_noon_is(self) -> None:
        predictions = business_hours(days=3)
        noon_ms = START_MS + 2 * DAY_MS + 12 * HOUR_MS
        gone = predictions[(predictions < noon_ms) | (predictions >= noon_ms + HOUR_MS)]
        assert run(TrafficMonitor(), predictions, int(predictions[-1])) == []
        drift, end = run(TrafficMonitor(), gone, int(gone[-1]))
        assert (drift.kind, drift.direction) == ("silence", "down")
        assert (end.kind, end.direction, end.statistic) == ("silence", "up", 3610.0)
        assert 300 <= drift.statistic <= 400
        assert drift.change_timestamp_ms == noon_ms - 10_000

    def test_a_feed_that_comes_once_a_day_is_missed_when_it_does_not(self) -> None:
        daily = np.concatenate([every(10, START_MS + day * DAY_MS, START_MS + day * DAY_MS + 1000) for day in range(4)])
        assert run(TrafficMonitor(), daily, int(daily[-1]) + DAY_MS) == []
        [drift] = run(TrafficMonitor(), daily, int(daily[-1]) + 2 * DAY_MS)
        assert drift.kind == "silence"


class TestWeekends:
    def office_hours(self, days: range) -> Integers:
        """Predictions and outcomes from Monday to Friday, and few at the weekend."""
        begins_ms = [(START_MS + day * DAY_MS, 10_000 if day % 7 < 5 else 200_000) for day in days]
        return np.concatenate([every(gap_ms, begin_ms, begin_ms + 9 * HOUR_MS) for begin_ms, gap_ms in begins_ms])

    def test_the_first_ones_are_no_incident(self) -> None:
        predictions = self.office_hours(range(9))
        assert run(TrafficMonitor(), predictions, int(predictions[-1]), predictions) == []
        weekdays = predictions[(predictions - START_MS) // DAY_MS % 7 < 5]
        assert run(TrafficMonitor(), weekdays, int(weekdays[-1]), weekdays) == []
        round_the_clock = every(60_000, START_MS, START_MS + 9 * DAY_MS)
        assert run(TrafficMonitor(), round_the_clock, int(round_the_clock[-1]), weekdays[::9]) == [], "labels"

    def test_on_later_ones_what_is_unusual_is_told(self) -> None:
        predictions = self.office_hours(range(14))
        saturday_ms = START_MS + 12 * DAY_MS
        gone = predictions[(predictions < saturday_ms) | (predictions >= saturday_ms + DAY_MS)]
        silence, _ = run(TrafficMonitor(), gone, int(gone[-1]))
        assert (silence.kind, silence.direction) == ("silence", "down")


class TestVolume:
    def test_three_times_as_many_are_told_once_and_so_is_the_way_back(self) -> None:
        usual = every(10_000, START_MS, START_MS + 4 * DAY_MS)
        more = every(2_500, START_MS + 2 * DAY_MS, START_MS + 2 * DAY_MS + 5 * HOUR_MS)
        found = run(TrafficMonitor(), np.sort(np.concatenate((usual, more))), int(usual[-1]))
        assert [(drift.kind, drift.direction) for drift in found] == [("volume", "up"), ("volume", "down")]
        assert (found[0].before, found[0].after) == (360, 1800)

    def test_chance_is_not_told(self) -> None:
        generator = np.random.default_rng(3)
        predictions = START_MS + np.cumsum(generator.exponential(600_000, 6 * 24 * 10)).astype(np.int64)
        assert run(TrafficMonitor(), predictions, int(predictions[-1])) == []


class TestLabels:
    predictions = every(60_000, START_MS, START_MS + 4 * DAY_MS)

    def test_as_many_as_ever_are_not_told(self) -> None:
        assert run(TrafficMonitor(), self.predictions, int(self.predictions[-1]), self.predictions[::2] + HOUR_MS) == []

    def test_coverage_that_falls_below_half_is_told(self) -> None:
        outcomes = self.predictions[::2] + HOUR_MS
        lost = np.concatenate((outcomes[:1440], outcomes[1440:][::5]))
        [drift] = run(TrafficMonitor(), self.predictions, int(self.predictions[-1]), lost)
        assert (drift.kind, drift.detector, drift.direction) == ("quality", "label-coverage", "down")
        assert drift.after < drift.before / 2

    def test_outcomes_of_a_rise_are_not_expected_at_once(self) -> None:
        more = every(15_000, START_MS + 2 * DAY_MS, START_MS + 3 * DAY_MS)
        predictions = np.sort(np.concatenate((self.predictions, more)))
        found = run(TrafficMonitor(), predictions, START_MS + 3 * DAY_MS, predictions + 12 * HOUR_MS)
        assert {drift.detector for drift in found} == {"volume"}

    def test_a_delay_of_three_times_as_long_is_told(self) -> None:
        monitor, labels = TrafficMonitor(), self.predictions
        middle, end = START_MS + 2 * DAY_MS, START_MS + 2 * DAY_MS + 8 * HOUR_MS
        before = self.predictions[self.predictions < middle]
        assert run(monitor, before, middle, labels, delay_ms=HOUR_MS) == []
        after = self.predictions[self.predictions >= middle]
        [drift] = run(monitor, after, end, labels, delay_ms=4 * HOUR_MS)
        assert (drift.kind, drift.detector) == ("quality", "label-delay")
        assert (drift.before, drift.after) == (HOUR_MS, 4 * HOUR_MS)


class TestDuplicates:
    begin_ms = START_MS + 3 * DAY_MS
    predictions = every(10_000, START_MS, begin_ms)

    def judged(self, *repeated_of_an_hour: int) -> list[DriftFinding]:
        """360 predictions an hour, of which two repeat one before; of the last hours as many as this."""
        monitor, found = TrafficMonitor(), []
        hours = [2] * 72 + list(repeated_of_an_hour)
        for number, repeated in enumerate(hours):
            begin_ms = START_MS + number * HOUR_MS
            times = every(10_000, begin_ms, begin_ms + HOUR_MS)
            monitor.add_predictions(TrafficColumns(times, times))
            monitor.add_repeated(times[:repeated])
            found += monitor.at_tick(begin_ms + HOUR_MS)
        return found

    def test_a_share_of_three_times_as_many_is_told_once_until_it_is_usual_again(self) -> None:
        first, second = self.judged(60, 60, 2, 60)
        assert (first.kind, first.detector, first.direction) == ("quality", "duplicates", "up")
        assert (first.before, first.after) == (2 / 362, 60 / 420)
        assert second.change_timestamp_ms - first.change_timestamp_ms == 3 * HOUR_MS

    def test_chance_is_not_told(self) -> None:
        assert self.judged(8, 11, 0) == []

    def test_an_older_snapshot_has_counted_none(self) -> None:
        monitor = TrafficMonitor()
        monitor.add_predictions(TrafficColumns(self.predictions, self.predictions))
        state: dict[str, Any] = monitor.snapshot()
        table = state["whole"]["hours"]["table"]
        state["whole"]["hours"]["table"] = table[: len(table) // COUNTERS * (COUNTERS - 1)]
        assert TrafficMonitor.restore(state).snapshot() == monitor.snapshot()


def portions(times: Integers, cuts: list[int]) -> Iterator[Integers]:
    yield from np.split(times, sorted(cut % (len(times) + 1) for cut in cuts))


@settings(max_examples=12, phases=[Phase.generate])
@given(st.integers(0, 1000), st.lists(st.integers(0, 5000), max_size=4), st.booleans())
def test_portions_and_restarts_change_nothing(seed: int, cuts: list[int], restart: bool) -> None:
    generator = np.random.default_rng(seed)
    whole, cut = TrafficMonitor(["plan"]), TrafficMonitor(["plan"])
    for hours in range(0, 24 * 12, 12):
        begin_ms = START_MS + hours * HOUR_MS
        times = begin_ms + np.sort(generator.integers(0, 12 * HOUR_MS, generator.integers(0, 600)))
        delays = generator.integers(-MINUTE_MS, 10 * HOUR_MS, len(times))
        gone = generator.random() < 0.3
        times, delays = (times[:0], delays[:0]) if gone else (times, delays)
        plans = generator.choice(["basic", "pro", "trial"], len(times), p=(0.6, 0.399, 0.001))
        versions = generator.integers(0, 2 + hours // 96, len(times)).astype(str)

        def rows(portion: Integers, times: Any = times, plans: Any = plans, versions: Any = versions) -> TrafficColumns:
            of = {name: np.flatnonzero(versions[portion] == name) for name in sorted({*versions[portion].tolist()})}
            return TrafficColumns(times[portion], times[portion], of, {"plan": plans[portion].tolist()})

        every_row = np.arange(len(times))
        whole.add_predictions(rows(every_row))
        whole.add_outcomes(rows(every_row), delays)
        whole.add_repeated(times[::7])
        for portion in portions(every_row, cuts):
            cut.add_predictions(rows(portion))
            cut.add_outcomes(rows(portion), delays[portion])
        for portion in portions(times[::7], cuts):
            cut.add_repeated(portion)
        if restart:
            cut = TrafficMonitor.restore(ormsgpack.unpackb(ormsgpack.packb(cut.snapshot())))
        now = begin_ms + 12 * HOUR_MS, HOUR_MS, "0"
        assert whole.at_tick(*now) == cut.at_tick(*now)
    assert whole.snapshot() == cut.snapshot()
