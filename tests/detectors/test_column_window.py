import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftline_detectors.column_window import ColumnWindow
from tests.detectors.strategies import Floats, cuts, pieces

columns = arrays(np.float64, st.integers(0, 200), elements=st.floats(-1e9, 1e9) | st.just(math.nan))


@given(columns, cuts())
def test_any_cut_gives_the_same_figures_to_the_last_bit(values: Floats, lengths: list[int]) -> None:
    whole, cut = ColumnWindow(), ColumnWindow()
    whole.extend(values)
    for piece in pieces(len(values), lengths):
        cut.extend(values[piece])
    assert cut == whole


@given(columns)
def test_figures_are_those_of_numpy(values: Floats) -> None:
    window = ColumnWindow()
    window.extend(values)
    finite = values[~np.isnan(values)]
    assert (window.count, window.nulls) == (len(finite), len(values) - len(finite))
    if len(finite):
        spread = finite.max() - finite.min()
        assert window.mean == pytest.approx(finite.mean(), abs=1e-9 * np.abs(finite).max())
        assert window.std == pytest.approx(finite.std(), abs=1e-6 * spread + 1e-15 * np.abs(finite).max())
        assert (window.minimum, window.maximum) == (finite.min(), finite.max())


def test_a_column_far_from_zero_keeps_its_spread() -> None:
    window = ColumnWindow()
    window.extend(1e12 + np.arange(100.0))
    assert window.std == pytest.approx(np.arange(100).std())


def test_without_values_there_are_counts_only() -> None:
    window = ColumnWindow()
    window.extend(np.array([math.nan, math.inf]))
    assert window.metrics() == [("count", 0.0, 0), ("nulls", 2.0, 2)]


@given(arrays(np.float64, st.integers(0, 20)))
def test_any_floats_can_be_snapshotted(values: Floats) -> None:
    window = ColumnWindow()
    window.extend(values)
    restored = ColumnWindow.restore(json.loads(json.dumps(window.snapshot(), allow_nan=False)))
    assert repr(restored) == repr(window)
