"""Laws that every detector in the catalogue keeps, and each one's equality with River."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import drift
from river.drift import binary

from driftline_detectors import Change, Detector, SnapshotError
from driftline_detectors.adwin import Adwin
from driftline_detectors.catalogue import DETECTORS
from driftline_detectors.ddm import Ddm
from tests.detectors.strategies import Floats, cuts, pieces, streams

every_detector = pytest.mark.parametrize("name", sorted(DETECTORS))


def updated(detector: Detector, values: Floats, lengths: list[int]) -> list[Change]:
    """Feed the values in pieces and return the changes with their index in all of them."""
    return [
        replace(change, index=change.index + piece.start)
        for piece in pieces(len(values), lengths)
        for change in detector.update(values[piece])
    ]


@every_detector
@given(data=st.data(), lengths=cuts())
def test_any_cut_gives_the_same_changes_and_state(name: str, data: st.DataObject, lengths: list[int]) -> None:
    values = data.draw(streams(binary=name == "ddm"))
    whole, cut = DETECTORS[name](), DETECTORS[name]()
    assert updated(cut, values, lengths) == whole.update(values)
    assert cut.snapshot() == whole.snapshot()


@every_detector
@given(data=st.data())
def test_a_restored_detector_goes_on_as_if_never_interrupted(name: str, data: st.DataObject) -> None:
    values = data.draw(streams(binary=name == "ddm"))
    at = data.draw(st.integers(0, len(values)))
    detector = DETECTORS[name]()
    detector.update(values[:at])
    restored = DETECTORS[name].restore(json.loads(json.dumps(detector.snapshot(), allow_nan=False)))
    assert repr(restored.reading()) == repr(detector.reading())
    assert restored.update(values[at:]) == detector.update(values[at:])
    assert restored.snapshot() == detector.snapshot()


def alarms(river: Any, values: Floats) -> list[int]:
    """Return where one of River's own detectors fires."""
    found = []
    for index, value in enumerate(values.tolist()):
        river.update(value)
        if river.drift_detected:
            found.append(index)
    return found


@given(streams())
def test_adwin_fires_where_rivers_does(values: Floats) -> None:
    assert [change.index for change in Adwin().update(values)] == alarms(drift.ADWIN(), values)  # type: ignore[no-untyped-call]


@given(streams(binary=True))
def test_ddm_fires_where_rivers_does(values: Floats) -> None:
    changes = Ddm().update(values)
    assert [change.index for change in changes] == alarms(binary.DDM(), values)
    assert all(change.statistic > change.threshold and change.direction == "up" for change in changes)


@given(streams(), st.sampled_from([0.002, 0.2]))
def test_adwin_describes_the_values_on_both_sides(values: Floats, delta: float) -> None:
    start = 0
    for change in Adwin(delta).update(values):
        at = change.index + 1 - change.width
        assert start < at <= change.index
        assert change.before == pytest.approx(values[start:at].mean(), abs=1e-9 * np.abs(values).max())
        assert change.after == pytest.approx(values[at : change.index + 1].mean(), abs=1e-9 * np.abs(values).max())
        assert change.direction == ("up" if change.after > change.before else "down")
        start = change.index + 1


@pytest.mark.parametrize(("shift", "tolerance"), [(0.25, 150), (0.5, 60), (1.0, 20), (3.0, 8)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_adwin_dates_a_shift(shift: float, tolerance: int, sign: int) -> None:
    errors = []
    for seed in range(30):
        normal = np.random.default_rng(seed).normal(size=6000)
        normal[3000:] += sign * shift
        change = next(change for change in Adwin().update(normal) if change.index >= 3000)
        assert change.direction == ("up" if sign > 0 else "down")
        errors.append(abs(change.index + 1 - change.width - 3000))
    assert np.median(errors) <= tolerance


def test_ddm_dates_a_rise_at_the_start_of_its_warning_zone() -> None:
    errors = np.array([0.0, 0.0, 0.0, 1.0] * 250 + [0.0, 1.0] * 250)
    river: Any = binary.DDM()
    warned = None
    for index, value in enumerate(errors.tolist()):
        river.update(value)
        if river.drift_detected:
            break
        warned = (index if warned is None else warned) if river.warning_detected else None
    (change,) = Ddm().update(errors)
    assert warned is not None
    assert change.index + 1 - change.width == warned
    assert change.after == errors[warned : change.index + 1].mean()


@pytest.mark.parametrize("huge", [1e200, -1e200, 1.7e308])
def test_a_huge_value_stops_nothing(huge: float) -> None:
    detector = Adwin()
    values = np.random.default_rng(0).normal(size=2000)
    values[[100, 101, 700]] = huge
    detector.update(values)
    json.dumps(detector.snapshot(), allow_nan=False)
    assert detector.reading().width == 2000


def test_memory_grows_with_the_logarithm_of_the_stream() -> None:
    detector = Adwin(delta=1e-9)
    generator = np.random.default_rng(0)
    sizes = []
    for _ in range(4):
        detector.update(generator.normal(size=100_000))
        sizes.append(len(json.dumps(detector.snapshot())))
    assert detector.reading().width == 400_000
    assert sizes[3] < 1.3 * sizes[0] < 7_000


@every_detector
@pytest.mark.parametrize("state", [{}, {"detector": "adwin"}, {"detector": None, "format": 1}])
def test_what_is_no_snapshot_is_refused(name: str, state: dict[str, Any]) -> None:
    with pytest.raises(SnapshotError, match=f"snapshot of {name} .*replay the log"):
        DETECTORS[name].restore(state)


@every_detector
@given(data=st.data())
def test_a_damaged_snapshot_is_refused_or_read_as_a_detector(name: str, data: st.DataObject) -> None:
    detector = DETECTORS[name]()
    detector.update(np.ones(100))
    state = detector.snapshot()
    garbage = st.from_regex(r"-?[0-9]{1,3}", fullmatch=True) | st.text(max_size=9) | st.none() | st.integers()
    state[data.draw(st.sampled_from(sorted(state)))] = data.draw(garbage)
    try:
        restored = DETECTORS[name].restore(state)
    except SnapshotError:
        return
    restored.update(np.zeros(100))


def test_a_flipped_bit_in_the_compiled_window_is_refused() -> None:
    state = Adwin().snapshot()
    window = str(state["window"])
    state["window"] = window.replace(window[20], "B" if window[20] == "A" else "A")
    with pytest.raises(SnapshotError, match="crc32"):
        Adwin.restore(state)


@pytest.mark.parametrize("delta", [0.0, 1.0, -1.0, float("nan")])
def test_adwin_refuses_a_delta_that_is_no_chance(delta: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Adwin(delta)


@pytest.mark.parametrize("parameters", [(0, 2.0, 3.0), (30, 0.0, 3.0), (30, 4.0, 3.0)])
def test_ddm_refuses_parameters_out_of_range(parameters: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match=r"(is|are) usual"):
        Ddm(*parameters)
