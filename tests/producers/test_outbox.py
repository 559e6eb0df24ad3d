import threading
from itertools import pairwise

import pytest

from driftline.stack.health import wait_until
from driftline_producers._batch import OUTCOME, PREDICTION, WIDTH, Batch
from driftline_producers._counters import CLOSED, INVALID, NOT_DELIVERED, QUEUE_FULL
from driftline_producers._limits import Limits
from driftline_producers._outbox import Outbox

LINGER_SECONDS = 0.001


def make(queue_events: int = 100, queue_bytes: int = 100_000, batch_events: int = 10) -> Outbox:
    return Outbox(Limits(queue_events, queue_bytes, batch_events, LINGER_SECONDS))


def call(outbox: Outbox, *names: str, kind: str = PREDICTION) -> None:
    """What a host does, once per name."""
    for name in names:
        number = next(outbox.numbers)
        if number < outbox.open_below or outbox.admit(kind, number):
            (outbox.predictions if kind == PREDICTION else outbox.outcomes).extend((name,) * WIDTH[kind])


def taken(outbox: Outbox) -> list[str]:
    """What a look takes, in batches that are not packed."""
    names: list[str] = []
    while columns := outbox.take()[1]:
        names += columns[0]
    return names


def pack(outbox: Outbox, value: bytes = b"x") -> int | None:
    """Take rows and pack them; None where there is no room for the batch."""
    kind, columns = outbox.take()
    return outbox.accept(kind, Batch(kind, value, len(columns[0])))


def sent(outbox: Outbox) -> None:
    batch = pack(outbox)
    assert batch is not None
    outbox.settle(batch, sent=True)


def test_the_newest_are_dropped_when_there_is_no_room_for_more_events() -> None:
    outbox = make(queue_events=2)
    call(outbox, "1", "2", "3")
    assert taken(outbox) == ["1", "2"]
    call(outbox, "4", kind=OUTCOME)
    assert (outbox.counters().queued, outbox.counters().dropped) == (2, {QUEUE_FULL: 2})


def test_the_newest_are_dropped_when_there_is_no_room_for_their_bytes() -> None:
    outbox = make(queue_bytes=10)
    for name, size in (("1", 6), ("2", 6), ("3", 4)):
        call(outbox, name)
        assert (pack(outbox, b"x" * size) is None) == (name == "2")
    assert (outbox.counters().queued, outbox.counters().dropped) == (2, {QUEUE_FULL: 1})


def test_what_is_not_packed_yet_is_reckoned_by_the_size_of_the_events_before() -> None:
    outbox = make(queue_events=10**6, queue_bytes=10_000)
    call(outbox, "1")
    assert pack(outbox, b"x" * 1_000)
    assert taken(outbox) == []
    call(outbox, *map(str, range(100)))
    assert (outbox.counters().queued, outbox.counters().dropped) == (1 + 9, {QUEUE_FULL: 91})


def test_one_event_that_is_larger_than_all_room_does_not_keep_out_smaller_ones() -> None:
    outbox = make(queue_bytes=100)
    call(outbox, "huge")
    assert pack(outbox, b"x" * 1_000) is None
    call(outbox, "small")
    assert pack(outbox, b"x" * 100)


def test_room_is_taken_until_an_event_is_settled_not_until_it_is_taken() -> None:
    outbox = make(queue_events=1)
    call(outbox, "1")
    batch = pack(outbox)
    assert batch is not None
    call(outbox, "2")
    outbox.settle(batch, sent=True)
    call(outbox, "3")
    assert taken(outbox) == ["3"]


def test_every_call_is_in_exactly_one_place() -> None:
    outbox = make(queue_events=5, batch_events=2)
    call(outbox, "1", "2", "3", "4")
    call(outbox, "5", kind=OUTCOME)
    call(outbox, "6")
    outbox.refuse(OUTCOME, INVALID)
    first, second = pack(outbox), pack(outbox)
    assert first
    assert second
    outbox.settle(first, sent=True)
    outbox.settle(second, sent=False)
    call(outbox, "7")
    outbox.take()
    outbox.reject(INVALID)
    counters = outbox.counters()
    assert (counters.logged, counters.outcomes, counters.sent, counters.queued) == (6, 2, 2, 1)
    assert counters.dropped == {QUEUE_FULL: 1, INVALID: 2, NOT_DELIVERED: 2}


def test_no_outcome_is_taken_before_a_prediction_that_was_logged_before_it() -> None:
    outbox = make(batch_events=2)
    order: list[str] = []
    for number in range(50):
        call(outbox, f"prediction {number}")
        call(outbox, f"outcome {number}", kind=OUTCOME)
        order += outbox.take()[1][0]
    order += taken(outbox)
    assert len(order) == 100
    assert all(order.index(f"prediction {number}") < order.index(f"outcome {number}") for number in range(50))
    for kind in (PREDICTION, OUTCOME):
        numbers = [int(name.split()[1]) for name in order if name.startswith(kind)]
        assert all(one < later for one, later in pairwise(numbers))


def test_what_is_abandoned_is_dropped_once_whatever_kafka_says_later() -> None:
    outbox = make(batch_events=1)
    call(outbox, "1", "2")
    batch = pack(outbox)
    assert batch is not None
    outbox.close()
    outbox.abandon()
    outbox.settle(batch, sent=True)
    call(outbox, "3")
    outbox.predictions.extend(("4",) * WIDTH[PREDICTION])  # of a thread that was about to when the outbox closed
    counters = outbox.counters()
    assert (counters.logged, counters.sent, counters.queued, counters.dropped) == (4, 0, 0, {CLOSED: 4})
    assert taken(outbox) == ["4"]
    assert outbox.counters() == counters


def test_waiting_ends_when_what_was_accepted_before_is_settled_although_more_came_since() -> None:
    outbox = make(queue_events=2)
    call(outbox, "1")
    batch = pack(outbox)
    assert batch is not None
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(outbox.wait_settled(30)))
    waiting.start()
    assert wait_until(lambda: outbox._hurry, 10)  # it has begun
    call(outbox, "2", "dropped: full")
    assert pack(outbox)
    outbox.settle(batch, sent=True)
    waiting.join()
    assert answers == [True]
    assert outbox.counters().queued == 1


def test_waiting_goes_on_while_an_earlier_event_is_on_its_way_although_later_ones_are_settled() -> None:
    outbox = make()
    call(outbox, "1")
    assert pack(outbox)
    call(outbox, "2")
    sent(outbox)
    assert taken(outbox) == []
    assert not outbox.wait_settled(0)


@pytest.mark.parametrize("confirmed", [True, False])
def test_waiting_with_nothing_outstanding_ends_at_once(confirmed: bool) -> None:
    outbox = make()
    assert outbox.wait_settled(0)
    call(outbox, "1")
    batch = pack(outbox)
    assert batch is not None
    outbox.settle(batch, sent=confirmed)
    assert taken(outbox) == []
    assert outbox.wait_settled(0)


def test_waiting_gives_up_when_its_time_is_over() -> None:
    outbox = make()
    call(outbox, "1")
    assert not outbox.wait_settled(0)
