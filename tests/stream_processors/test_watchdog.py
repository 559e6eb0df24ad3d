"""A worker that stands still says so once; one that is slow, idle, or was paused itself does not."""

import asyncio
import socket
from typing import Any

import pytest

from driftline_schemas.topics import Topics
from driftline_stream_processors import watchdog
from driftline_stream_processors.watch import Watch
from driftline_stream_processors.watchdog import STALL_SECONDS, Place, Stall, Watchdog


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dog(clock: Clock) -> Watchdog:
    return Watchdog(clock)


def watch(dog: Watchdog, clock: Clock, seconds: float, offset: int, end: int, grows: int = 0) -> list[Stall]:
    """Look every two seconds at one partition whose log may grow."""
    found: list[Stall] = []
    for second in range(0, int(seconds), 2):
        clock.now += 2
        found += dog.observe({0: Place(offset, end + grows * second)})
    return found


def test_a_stall_is_told_once_with_offset_beginning_and_lag(dog: Watchdog, clock: Clock) -> None:
    watch(dog, clock, 2, 5, 10)
    (stall,) = watch(dog, clock, 3 * STALL_SECONDS, 5, 11, grows=1)
    assert (stall.partition, stall.offset, stall.since) == (0, 5, 1_002.0)
    assert stall.lag >= 6
    assert dog.stalls[0].lag > stall.lag


def test_it_ends_with_the_next_record_and_the_next_stall_is_another(dog: Watchdog, clock: Clock) -> None:
    watch(dog, clock, STALL_SECONDS + 4, 5, 10, grows=1)
    assert set(dog.stalls) == {0}
    watch(dog, clock, 2, 6, 500)
    assert dog.stalls == {}
    (stall,) = watch(dog, clock, STALL_SECONDS + 4, 6, 500, grows=1)
    assert stall.offset == 6


def test_a_slow_worker_is_not_stalled(dog: Watchdog, clock: Clock) -> None:
    for offset in range(10):
        assert watch(dog, clock, STALL_SECONDS - 2, offset, 10_000, grows=9) == []


def test_a_worker_at_the_end_of_the_log_is_not_stalled(dog: Watchdog, clock: Clock) -> None:
    assert watch(dog, clock, 5 * STALL_SECONDS, 10, 10) == []
    assert watch(dog, clock, 5 * STALL_SECONDS, 10, 11) == []  # the marker of a transaction, which is no record


def test_a_pause_of_the_process_itself_is_no_stall(dog: Watchdog, clock: Clock) -> None:
    watch(dog, clock, 2, 5, 10)
    clock.now += 100 * STALL_SECONDS
    assert dog.observe({0: Place(5, 5_000)}) == []


def test_a_clock_that_is_set_back_is_no_matter(dog: Watchdog, clock: Clock) -> None:
    watch(dog, clock, 2, 5, 10)
    clock.now -= 10_000
    assert len(watch(dog, clock, STALL_SECONDS + 4, 5, 11, grows=1)) == 1


def test_a_partition_that_goes_elsewhere_is_forgotten(dog: Watchdog, clock: Clock) -> None:
    watch(dog, clock, STALL_SECONDS + 4, 5, 10, grows=1)
    assert dog.observe({}) == []
    assert dog.stalls == {}
    assert watch(dog, clock, STALL_SECONDS - 4, 5, 10_000, grows=1) == []


def test_partitions_are_told_apart(dog: Watchdog, clock: Clock) -> None:
    found = []
    for second in range(0, int(STALL_SECONDS) + 4, 2):
        clock.now += 2
        found += dog.observe({0: Place(second, 10_000 + second), 3: Place(7, 10_000 + second)})
    assert [(stall.partition, stall.offset) for stall in found] == [(3, 7)]


def test_looks_are_close_enough_to_count_in_full() -> None:
    assert watchdog.MAX_STEP_SECONDS > watchdog.LOOK_EVERY_SECONDS


def test_a_kafka_that_is_away_is_told() -> None:
    nobody: Any = None  # who is asked only once Kafka has answered
    with socket.socket() as silent:  # bound, not listening: nobody else can answer there
        silent.bind(("127.0.0.1", 0))
        watch = Watch(f"127.0.0.1:{silent.getsockname()[1]}", "p", Topics(), nobody, nobody, nobody)
        asyncio.run(watch.look())
    assert "Kafka at 127.0.0.1:" in str(watch.kafka_away)
