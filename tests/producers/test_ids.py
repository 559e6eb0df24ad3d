import threading
import uuid

from hypothesis import given
from hypothesis import strategies as st

from driftline_producers._ids import EventIds


@given(st.lists(st.integers(0, 2**62), min_size=2, max_size=50))
def test_ids_sort_by_when_they_were_made_even_when_the_clock_goes_back(clock_readings: list[int]) -> None:
    ids = EventIds(clock_ns=iter(clock_readings).__next__)
    made = [ids.make() for _ in clock_readings]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    made = uuid.UUID(EventIds(clock_ns=lambda: 1_763_870_000_123_000_000).make())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_763_870_000_123


def test_ids_of_different_processes_differ_at_the_same_moment() -> None:
    made = {EventIds(clock_ns=lambda: 1_763_870_000_000_000_000).make() for _ in range(1000)}
    assert len(made) == 1000


def test_ids_of_many_threads_differ() -> None:
    ids, made = EventIds(), list[str]()
    threads = [threading.Thread(target=lambda: made.extend([ids.make() for _ in range(2000)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000
