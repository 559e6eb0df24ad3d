import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from driftline_detectors.column_windows import METRICS, ColumnWindows
from tests.detectors.strategies import Floats, cuts, pieces


def named(windows: ColumnWindows, column: int = 0) -> dict[str, float]:
    """Return the metrics of one column by name."""
    return dict(zip(METRICS, windows.metrics()[0][column].tolist(), strict=True))


shapes = st.tuples(st.integers(1, 3), st.integers(0, 200))
tables = arrays(np.float64, shapes, elements=st.floats(-1e9, 1e9) | st.just(math.nan))


@given(tables, cuts())
def test_any_cut_gives_the_same_figures_to_the_last_bit(values: Floats, lengths: list[int]) -> None:
    whole, cut = ColumnWindows(len(values)), ColumnWindows(len(values))
    if values.shape[1]:
        whole.extend(values)
    for piece in pieces(values.shape[1], lengths):
        cut.extend(values[:, piece])
    assert cut.snapshot() == whole.snapshot()


@given(arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e9, 1e9) | st.just(math.nan)), st.data())
def test_figures_are_those_of_numpy(values: Floats, data: st.DataObject) -> None:
    carried: NDArray[np.bool_] = data.draw(arrays(np.bool_, values.shape))
    values = np.where(carried, values, np.nan)
    windows = ColumnWindows(1)
    windows.extend(values[np.newaxis], carried[np.newaxis])
    finite = values[~np.isnan(values)]
    metrics = named(windows)
    assert (metrics["count"], metrics["nulls"]) == (len(finite), carried.sum() - len(finite))
    if len(finite):
        scale = np.abs(finite).max()
        assert metrics["mean"] == pytest.approx(finite.mean(), abs=1e-9 * scale)
        assert metrics["std"] == pytest.approx(finite.std(), abs=1e-6 * np.ptp(finite) + 1e-15 * scale)
        assert (metrics["min"], metrics["max"]) == (finite.min(), finite.max())


def test_a_column_far_from_zero_keeps_its_spread() -> None:
    windows = ColumnWindows(1)
    windows.extend(1e12 + np.arange(100.0)[np.newaxis])
    assert named(windows)["std"] == pytest.approx(np.arange(100).std())


def test_without_values_there_are_counts_only() -> None:
    windows = ColumnWindows(1)
    windows.add_columns(1)
    windows.extend(np.array([[math.nan, math.inf], [1.0, 2.0]]))
    assert (named(windows)["count"], named(windows)["nulls"]) == (0, 2)
    assert windows.metrics()[1].tolist() == [[0, 2, 0, 0, 0, 0], [2, 2, 2, 2, 2, 2]]


def test_which_zero_is_the_smallest_does_not_depend_on_the_cut() -> None:
    for zeros in ([0.0, -0.0], [-0.0, 0.0]):
        windows = ColumnWindows(1)
        windows.extend(np.array([zeros * 20]))
        assert str(named(windows)["min"]) == str(named(windows)["max"]) == "0.0"


@given(arrays(np.float64, st.tuples(st.integers(0, 3), st.integers(1, 20))))
def test_any_floats_can_be_snapshotted(values: Floats) -> None:
    windows = ColumnWindows(len(values))
    windows.extend(values)
    state = windows.snapshot()
    restored = ColumnWindows.restore(state, len(values))
    assert restored.snapshot() == state


@pytest.mark.parametrize("state", [b"", b"123", bytes(8 * 14), bytes(8 * 6)])
def test_figures_of_another_shape_are_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="size"):
        ColumnWindows.restore(state, 1)
