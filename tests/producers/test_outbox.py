import threading

import pytest

from driftline.stack.health import wait_until
from driftline_producers._counters import CLOSED, NOT_DELIVERED, QUEUE_FULL
from driftline_producers._outbox import OUTCOME, PREDICTION, Outbox


def put(outbox: Outbox, *values: bytes) -> None:
    for value in values:
        outbox.put(PREDICTION, value)


def test_the_newest_is_dropped_when_there_is_no_room_for_one_more_record() -> None:
    outbox = Outbox(max_records=2, max_bytes=1000)
    put(outbox, b"1", b"2", b"3")
    assert outbox.take(10, 0) == [(PREDICTION, b"1"), (PREDICTION, b"2")]
    assert outbox.counters().dropped == {QUEUE_FULL: 1}


def test_the_newest_is_dropped_when_there_is_no_room_for_its_bytes() -> None:
    outbox = Outbox(max_records=100, max_bytes=10)
    put(outbox, b"x" * 6, b"y" * 6, b"z" * 4)
    assert [value for _, value in outbox.take(10, 0)] == [b"x" * 6, b"z" * 4]
    assert outbox.counters().dropped == {QUEUE_FULL: 1}


def test_room_is_taken_until_a_record_is_settled_not_until_it_is_taken() -> None:
    outbox = Outbox(max_records=1, max_bytes=1000)
    put(outbox, b"1")
    outbox.take(10, 0)
    put(outbox, b"2")
    outbox.settle(1)
    put(outbox, b"3")
    assert outbox.take(10, 0) == [(PREDICTION, b"3")]


def test_every_call_is_in_exactly_one_place() -> None:
    outbox = Outbox(max_records=4, max_bytes=1000)
    put(outbox, b"1", b"2", b"3")
    outbox.put(OUTCOME, b"4")
    put(outbox, b"5")
    outbox.refuse(OUTCOME, "invalid")
    outbox.take(3, 0)
    outbox.settle(1)
    outbox.settle(1, NOT_DELIVERED)
    counters = outbox.counters()
    assert (counters.logged, counters.outcomes, counters.sent, counters.queued) == (4, 2, 1, 2)
    assert counters.dropped == {QUEUE_FULL: 1, "invalid": 1, NOT_DELIVERED: 1}


def test_what_is_abandoned_is_dropped_once_whatever_kafka_says_later() -> None:
    outbox = Outbox(max_records=10, max_bytes=1000)
    put(outbox, b"1", b"2")
    outbox.take(1, 0)
    outbox.close()
    outbox.abandon()
    outbox.settle(1)
    put(outbox, b"3")
    counters = outbox.counters()
    assert (counters.sent, counters.queued, counters.dropped) == (0, 0, {CLOSED: 3})


def test_waiting_ends_when_what_was_accepted_before_is_settled_although_more_came_since() -> None:
    outbox = Outbox(max_records=2, max_bytes=1000)
    put(outbox, b"1")
    outbox.take(1, 0)
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(outbox.wait_settled(30)))
    waiting.start()
    assert wait_until(lambda: outbox._hurry, 10)  # it has begun
    put(outbox, b"2", b"dropped: full")
    outbox.settle(1)
    waiting.join()
    assert answers == [True]
    assert outbox.counters().queued == 1


@pytest.mark.parametrize("dropped", [None, NOT_DELIVERED])
def test_waiting_with_nothing_outstanding_ends_at_once(dropped: str | None) -> None:
    outbox = Outbox(max_records=2, max_bytes=1000)
    put(outbox, b"1")
    outbox.take(1, 0)
    outbox.settle(1, dropped)
    assert outbox.wait_settled(0)


def test_waiting_gives_up_when_its_time_is_over() -> None:
    outbox = Outbox(max_records=2, max_bytes=1000)
    put(outbox, b"1")
    assert not outbox.wait_settled(0)
