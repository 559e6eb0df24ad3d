import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_detectors.milestones import PRECISION, SPACING, Milestones, indices_alive
from driftline_detectors.snapshots import packed
from tests.detectors.strategies import Floats, cuts, pieces


def remember(milestones: Milestones, values: Floats, lengths: list[int]) -> None:
    """Remember the finite values, each with its row as offset and ten times its row as event time."""
    origins = np.arange(values.shape[1]) * np.array([[1], [10]])
    finite = np.isfinite(values)
    for piece in pieces(values.shape[1], lengths):
        mask = None if finite[:, piece].all() else finite[:, piece]
        milestones.extend(values[:, piece], mask, origins[:, piece])


@st.composite
def sparse(draw: st.DrawFn) -> Floats:
    """Draw streams, some of which lack some rows, or all up to one."""
    streams, rows = draw(st.integers(1, 4)), draw(st.integers(1, 3000))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = generator.normal(size=(streams, rows))
    for stream in range(streams):
        values[stream, generator.random(rows) < draw(st.sampled_from([0.0, 0.0, 0.3, 0.99]))] = np.nan
        values[stream, : draw(st.sampled_from([0, 0, rows // 2]))] = np.nan
    return values


@given(sparse(), cuts())
def test_any_cut_leaves_the_same_milestones(values: Floats, lengths: list[int]) -> None:
    whole, cut = Milestones(len(values)), Milestones(len(values))
    remember(whole, values, [values.shape[1]])
    remember(cut, values, lengths)
    assert cut.snapshot() == whole.snapshot()
    assert repr(cut.pasts()) == repr(whole.pasts())


@given(sparse(), cuts())
def test_every_stream_is_remembered_as_if_it_were_alone(values: Floats, lengths: list[int]) -> None:
    together = Milestones(len(values))
    remember(together, values, lengths)
    for stream, row in enumerate(values):
        rows = np.flatnonzero(np.isfinite(row))
        alone = Milestones(1)
        alone.extend(row[np.newaxis, rows], None, rows * np.array([[1], [10]]))
        assert repr(together.pasts(slice(stream, stream + 1))) == repr(alone.pasts())
        for index in range(0, len(rows), 97):
            assert together.at_or_before(stream, index) == alone.at_or_before(0, index)


@given(st.integers(1, 200_000), st.data())
def test_the_milestone_before_a_value_is_near_for_its_age(length: int, data: st.DataObject) -> None:
    milestones = Milestones(1)
    remember(milestones, np.ones((1, length)), [5000])
    index = data.draw(st.integers(0, length - 1))
    found, timestamp_ms = milestones.at_or_before(0, index)
    assert timestamp_ms == 10 * found
    assert 0 <= index - found <= max(SPACING, 4 * (length - index) / PRECISION + SPACING)


@given(st.integers(0, 3000))
def test_indices_that_live_are_told_by_the_length_alone(length: int) -> None:
    swept = length - length % 128
    expected = [k for k in range(0, length, SPACING) if k == 0 or swept - k <= PRECISION * (k & -k)]
    assert indices_alive(length).tolist() == expected


def test_a_long_stream_costs_little() -> None:
    assert len(indices_alive(1_000_000)) < 100
    assert len(indices_alive(10**12)) < 300


@given(sparse())
def test_a_snapshot_restores(values: Floats) -> None:
    milestones = Milestones(len(values))
    remember(milestones, values, [500])
    restored = Milestones.restore(milestones.snapshot(), len(values))
    assert restored.snapshot() == milestones.snapshot()
    remember(milestones, values, [500])
    remember(restored, values, [500])
    assert restored.snapshot() == milestones.snapshot()


@pytest.mark.parametrize(
    "damage", [{"count": packed(np.array([-1]))}, {"count": b""}, {"milestones": b"x"}, {"total": 3}]
)
def test_damaged_milestones_are_refused(damage: dict[str, object]) -> None:
    state = Milestones(1).snapshot() | damage
    with pytest.raises((TypeError, ValueError)):
        Milestones.restore(state, 1)
