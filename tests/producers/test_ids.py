import re

from hypothesis import given
from hypothesis import strategies as st

from driftline_producers._ids import FIRST_NUMBER, IdPrefixes


@given(st.lists(st.integers(0, 2**62), min_size=2, max_size=50))
def test_ids_sort_by_when_they_were_made_even_when_the_clock_goes_back(clock_readings: list[int]) -> None:
    prefixes = IdPrefixes(clock_ns=iter(clock_readings).__next__)
    made = [prefixes.make() + str(FIRST_NUMBER + number) for number in range(len(clock_readings))]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_begins_with_the_time_in_milliseconds() -> None:
    made = IdPrefixes(clock_ns=lambda: 1_763_870_000_123_000_000).make() + str(FIRST_NUMBER)
    assert re.fullmatch(r"[0-9a-f]{11}-[0-9a-f]{12}-[0-9]{11}", made)
    assert int(made[:11], 16) == 1_763_870_000_123


def test_ids_of_different_processes_differ_at_the_same_moment() -> None:
    made = {IdPrefixes(clock_ns=lambda: 1_763_870_000_000_000_000).make() for _ in range(1000)}
    assert len(made) == 1000
