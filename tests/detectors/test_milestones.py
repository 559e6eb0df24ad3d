import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors.milestones import PRECISION, SPACING, Milestones
from tests.detectors.strategies import cuts, pieces


def remember(milestones: Milestones, column: NDArray[np.generic], *others: NDArray[np.generic]) -> None:
    due = milestones.due(len(column))
    milestones.extend(len(column), *(each[due].tolist() for each in (column, *others)))


@given(st.integers(0, 5000), cuts())
def test_any_cut_leaves_the_same_milestones(length: int, lengths: list[int]) -> None:
    column = np.arange(length)
    whole, cut = Milestones(), Milestones()
    remember(whole, column)
    for piece in pieces(length, lengths):
        remember(cut, column[piece])
    assert cut.snapshot() == whole.snapshot()


@given(st.integers(1, 200_000), st.data())
def test_the_milestone_before_a_value_is_near_for_its_age(length: int, data: st.DataObject) -> None:
    milestones = Milestones()
    remember(milestones, np.arange(length))
    index = data.draw(st.integers(0, length - 1))
    found, value = milestones.at_or_before(index)
    assert found == value
    assert 0 <= index - found <= max(SPACING, 4 * (length - index) / PRECISION + SPACING)


def test_a_long_stream_costs_little() -> None:
    milestones = Milestones()
    for _ in range(100):
        remember(milestones, np.arange(10_000))
    assert milestones.count == 1_000_000
    assert len(milestones.rows) < 100


@given(st.integers(0, 2000))
def test_a_snapshot_restores(length: int) -> None:
    milestones = Milestones()
    remember(milestones, np.arange(length), np.linspace(0, 1, length))
    restored = Milestones.restore(json.loads(json.dumps(milestones.snapshot())), int, float)
    assert restored.rows == milestones.rows
    assert restored.snapshot() == milestones.snapshot()


@pytest.mark.parametrize("rows", [[], [[8, 1]], [[0, 1], [0, 2]], [[0, 1], [16, 2], [8, 3]], [[0, 1], [100, 2]]])
def test_milestones_out_of_order_are_refused(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        Milestones.restore({"count": 100, "rows": rows}, int)
