"""Distributions from the bins of profiles."""

import struct
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_dashboard.histogram import bars, from_bins, tenths

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def bin_of(value: float) -> int:
    """As `feature_profile_numbers_feed` says it."""
    bits: int = struct.unpack("<Q", struct.pack("<d", abs(value)))[0]
    return (bits >> 45) * (-1 if value < 0 else 1)


@given(VALUES, VALUES)
def test_every_value_is_in_one_tenth_and_in_one_bar(reference: list[float], current: list[float]) -> None:
    both = from_bins(Counter(map(bin_of, reference)), Counter(map(bin_of, current)))
    drawn = bars(both, 20)
    for counts in (tenths(both), drawn[1:]):
        assert [sum(side) for side in counts] == [len(reference), len(current)]
    assert 1 <= len(drawn.lower_ends) <= 20
    assert all(drawn.lower_ends[:-1] < drawn.lower_ends[1:])


def test_integers_have_bars_of_their_own() -> None:
    hours = {bin_of(hour): 10 + hour for hour in range(24)}
    drawn = bars(from_bins(hours, {}), 24)
    assert drawn.reference.tolist() == list(range(10, 34))
    assert (drawn.lower_ends[0], drawn.lower_ends[-1]) == pytest.approx((0, 23 * 23 / 24))


def test_tenths_are_of_the_reference() -> None:
    past = Counter(bin_of(float(n)) for n in range(100))
    assert tenths(from_bins(past, {bin_of(-5.0): 7, bin_of(500.0): 3})) == ([10] * 10, [7, *[0] * 8, 3])


def test_one_value_is_one_bar() -> None:
    assert [side.tolist() for side in bars(from_bins({bin_of(7.0): 3}, {bin_of(7.0): 2}), 20)] == [[7.0], [3], [2]]
