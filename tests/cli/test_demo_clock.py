"""The replay's clock: its pace, and that it stands still while a retrain is under way."""

import pytest

from driftline.demo.clock import LONGEST_HOLD_SECONDS, ReplayClock

NONE: frozenset[str] = frozenset()
ONE = frozenset({"retrain-1"})


class Time:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_it_keeps_the_pace() -> None:
    time = Time()
    clock = ReplayClock(lambda: NONE, rows_per_second=100, now=time.now, sleep=time.sleep)
    for _ in range(11):
        clock.advance(10)
    assert time.seconds == pytest.approx(1.0)
    assert (clock.holds, clock.held_seconds) == (0, 0.0)


def test_it_stands_still_until_the_retrain_has_ended() -> None:
    time = Time()
    clock = ReplayClock(lambda: ONE if time.seconds < 3 else NONE, rows_per_second=100, now=time.now, sleep=time.sleep)
    clock.advance(10)
    assert time.seconds == pytest.approx(3.0, abs=0.1)
    assert clock.holds == 1
    assert clock.held_seconds == pytest.approx(3.0, abs=0.1)


def test_a_retrain_that_never_ends_holds_it_once_and_for_a_bounded_time() -> None:
    time = Time()
    clock = ReplayClock(lambda: ONE, rows_per_second=100, now=time.now, sleep=time.sleep)
    for _ in range(10):
        clock.advance(10)
    assert clock.holds == 1
    assert time.seconds == pytest.approx(LONGEST_HOLD_SECONDS + 0.9, abs=0.2)


def test_it_does_not_rush_after_a_hold() -> None:
    time = Time()
    clock = ReplayClock(
        lambda: ONE if 1 < time.seconds < 5 else NONE, rows_per_second=100, now=time.now, sleep=time.sleep
    )
    for _ in range(30):
        clock.advance(10)
    assert time.seconds == pytest.approx(4 + 2.9, abs=0.3)


def test_what_was_given_up_is_waited_for_again_once_it_had_ended() -> None:
    time = Time()
    busy = [True]
    clock = ReplayClock(lambda: ONE if busy[0] else NONE, rows_per_second=100, now=time.now, sleep=time.sleep)
    for busy[0] in (True, False, True):
        clock.advance(10)
    assert clock.holds == 2
