"""Laws that every detector in the catalogue keeps, and each one's equality with River."""

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import drift
from river.drift import binary

from driftline_detectors import Detector, DriftFinding, SnapshotError
from driftline_detectors.adwin import Adwin
from driftline_detectors.bank import Bank
from driftline_detectors.catalogue import DETECTORS
from driftline_detectors.ddm import Ddm
from driftline_detectors.e_sr import ESr
from tests.detectors.strategies import Floats, cuts, pieces, streams

every_detector = pytest.mark.parametrize("name", sorted(DETECTORS))
OF_ERRORS = {"ddm", "e-sr"}


def made(name: str) -> Detector:
    """Return a detector that fires on short streams."""
    return ESr(threshold=100, reference_size=100) if name == "e-sr" else DETECTORS[name]()


def bank_of(detector: Detector) -> Bank:
    """Return a bank of one stream, all of whose changes are reported."""
    bank = Bank("data-drift")
    bank.add([("x", detector)])
    return bank


def observed(bank: Bank, values: Floats, lengths: list[int], start: int = 0) -> list[DriftFinding]:
    """Feed the values from `start` on in pieces; return the changes with their row in all of them."""
    origins = np.arange(len(values)) * np.array([[3], [10]])
    found = []
    for piece in pieces(len(values) - start, lengths):
        rows = slice(start + piece.start, start + piece.stop)
        changes = bank.update(values[np.newaxis, rows])
        for drift_found in bank.remember(values[np.newaxis, rows], None, origins[:, rows], changes):
            found.append(replace(drift_found, row=drift_found.row + rows.start))
    return found


def changes_of(detector: Detector, values: Floats) -> list[DriftFinding]:
    """Return all changes that a fresh detector sees."""
    return observed(bank_of(detector), values, [len(values)])


def carried(state: object) -> Any:
    """Return a state as MessagePack carries it."""
    return ormsgpack.unpackb(ormsgpack.packb(state))


@every_detector
@given(data=st.data(), lengths=cuts())
def test_any_cut_gives_the_same_changes_and_state(name: str, data: st.DataObject, lengths: list[int]) -> None:
    values = data.draw(streams(binary=name in OF_ERRORS))
    whole, cut = bank_of(made(name)), bank_of(made(name))
    assert observed(cut, values, lengths) == observed(whole, values, [len(values)])
    assert cut.snapshot() == whole.snapshot()


@every_detector
@given(data=st.data(), lengths=cuts())
def test_a_restored_detector_goes_on_as_if_never_interrupted(
    name: str, data: st.DataObject, lengths: list[int]
) -> None:
    values = data.draw(streams(binary=name in OF_ERRORS))
    at = data.draw(st.integers(0, len(values)))
    bank = bank_of(made(name))
    observed(bank, values[:at], lengths)
    restored = Bank.restore(carried(bank.snapshot()), "data-drift")
    assert repr(restored.readings(0)) == repr(bank.readings(0))
    assert observed(restored, values, lengths, at) == observed(bank, values, lengths, at)
    assert restored.snapshot() == bank.snapshot()


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
    assert [change.row for change in changes_of(Adwin(), values)] == alarms(drift.ADWIN(), values)  # type: ignore[no-untyped-call]


@given(streams(binary=True))
def test_ddm_fires_where_rivers_does(values: Floats) -> None:
    changes = changes_of(Ddm(), values)
    assert [change.row for change in changes] == alarms(binary.DDM(), values)
    assert all(change.statistic > change.threshold and change.direction == "up" for change in changes)


@given(streams(), st.sampled_from([0.002, 0.2]))
def test_adwin_describes_the_values_on_both_sides(values: Floats, delta: float) -> None:
    start = 0
    for change in changes_of(Adwin(delta), values):
        at = change.row + 1 - change.width
        assert start < at <= change.row
        assert change.before == pytest.approx(values[start:at].mean(), abs=1e-9 * np.abs(values).max())
        assert change.after == pytest.approx(values[at : change.row + 1].mean(), abs=1e-9 * np.abs(values).max())
        assert change.direction == ("up" if change.after > change.before else "down")
        start = change.row + 1


@pytest.mark.parametrize(("shift", "tolerance"), [(0.25, 150), (0.5, 60), (1.0, 20), (3.0, 8)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_adwin_dates_a_shift(shift: float, tolerance: int, sign: int) -> None:
    errors = []
    for seed in range(30):
        normal = np.random.default_rng(seed).normal(size=6000)
        normal[3000:] += sign * shift
        change = next(change for change in changes_of(Adwin(), normal) if change.row >= 3000)
        assert change.direction == ("up" if sign > 0 else "down")
        errors.append(abs(change.row + 1 - change.width - 3000))
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
    (change,) = changes_of(Ddm(), errors)
    assert warned is not None
    assert change.row + 1 - change.width == warned
    assert change.after == errors[warned : change.row + 1].mean()


@pytest.mark.parametrize("huge", [1e200, -1e200, 1.7e308])
def test_a_huge_value_stops_nothing(huge: float) -> None:
    values = np.random.default_rng(0).normal(size=2000)
    values[[100, 101, 700]] = huge
    bank = bank_of(Adwin())
    assert observed(bank, values, [300]) == []
    restored = Bank.restore(carried(bank.snapshot()), "data-drift")
    assert repr(restored.readings(0)) == repr(bank.readings(0))
    assert bank.readings(0).width == [2000]


def test_memory_grows_with_the_logarithm_of_the_stream() -> None:
    bank = bank_of(Adwin(delta=1e-9))
    generator = np.random.default_rng(0)
    sizes = []
    for _ in range(4):
        assert observed(bank, generator.normal(size=100_000), [1000]) == []
        sizes.append(len(ormsgpack.packb(bank.snapshot())))
    assert bank.readings(0).width == [400_000]
    assert sizes[3] < 1.3 * sizes[0] < 5_000


@every_detector
@pytest.mark.parametrize("state", [{}, {"detector": "adwin"}, {"detector": None, "format": 1}])
def test_what_is_no_snapshot_is_refused(name: str, state: dict[str, Any]) -> None:
    with pytest.raises(SnapshotError, match=f"snapshot of {name} .*replay the log"):
        DETECTORS[name].restore(state)


@every_detector
@given(data=st.data())
def test_a_damaged_snapshot_is_refused_or_read_as_a_detector(name: str, data: st.DataObject) -> None:
    detector = made(name)
    detector.update([1.0] * 100)
    state = detector.snapshot()
    garbage = st.from_regex(r"-?[0-9]{1,3}", fullmatch=True) | st.binary() | st.none() | st.integers() | st.floats()
    state[data.draw(st.sampled_from(sorted(state)))] = data.draw(garbage)
    try:
        restored = DETECTORS[name].restore(state)
    except SnapshotError:
        return
    observed(bank_of(restored), np.zeros(100), [100])


def adwin_state(values: int) -> dict[str, Any]:
    detector = Adwin()
    detector.update(np.random.default_rng(0).normal(size=values).tolist())
    return detector.snapshot()


def test_a_flipped_bit_in_the_compiled_window_is_refused() -> None:
    state = adwin_state(1000)
    window = bytearray(state["window"])
    window[50] ^= 1
    with pytest.raises(SnapshotError, match="crc32"):
        Adwin.restore(state | {"window": bytes(window)})


@given(st.data())
@settings(max_examples=300)
def test_a_forged_window_is_refused_or_runs(data: st.DataObject) -> None:
    """River's compiled code panics where the window's bytes are not what it wrote, some thousand values later."""
    state = adwin_state(data.draw(st.sampled_from([0, 3, 100, 3000])))
    window = bytearray(state["window"])
    numbers = st.sampled_from([0, 1, 2, 4, 5, 6, 7, 2**31, 2**63]) | st.integers(0, 2**64 - 1)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(window) // 4 - 2)) * 4
        window[at : at + 8] = data.draw(numbers).to_bytes(8, "little")
    window = window[: data.draw(st.just(len(window)) | st.integers(0, len(window)))]
    try:
        restored = Adwin.restore(state | {"window": bytes(window), "crc32": zlib.crc32(window)})
    except SnapshotError:
        return
    restored.update([0.5] * 3000)


@pytest.mark.parametrize("buckets", [6, 7, 2**32, 2**63])
def test_a_window_with_more_buckets_than_room_is_refused(buckets: int) -> None:
    state = adwin_state(3000)
    window = bytearray(state["window"])
    window[100:108] = buckets.to_bytes(8, "little")  # the first row's
    with pytest.raises(SnapshotError, match=r"rows of .* buckets.*replay the log"):
        Adwin.restore(state | {"window": bytes(window), "crc32": zlib.crc32(window)})


@pytest.mark.parametrize("delta", [0.0, 1.0, -1.0, float("nan")])
def test_adwin_refuses_a_delta_that_is_no_chance(delta: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Adwin(delta)


@pytest.mark.parametrize("parameters", [(0, 2.0, 3.0), (30, 0.0, 3.0), (30, 4.0, 3.0)])
def test_ddm_refuses_parameters_out_of_range(parameters: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match=r"(is|are) usual"):
        Ddm(*parameters)


def test_e_sr_finds_and_dates_a_rise_and_nothing_else() -> None:
    delays, dates = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        right: Floats = (rng.random(20_000) < 0.1).astype(np.float64)
        assert changes_of(ESr(), right) == []
        wrong: Floats = (rng.random(1_000) < 0.3).astype(np.float64)
        (change,) = changes_of(ESr(), np.concatenate((right[:9_000], wrong)))
        delays.append(change.row - 9_000)
        dates.append(abs(change.row + 1 - change.width - 9_000))
        assert change.before == right[:5_000].mean()
        assert change.after > 0.15
    assert np.median(delays) <= 130
    assert np.median(dates) <= 15


def test_e_sr_is_silent_when_errors_become_fewer() -> None:
    rng = np.random.default_rng(0)
    values: Floats = np.concatenate((rng.random(9_000) < 0.3, rng.random(20_000) < 0.1)).astype(np.float64)
    assert changes_of(ESr(), values) == []


@pytest.mark.parametrize(("threshold", "size"), [(1.0, 5000), (float("nan"), 5000), (1e6, 99)])
def test_e_sr_refuses_parameters_out_of_range(threshold: float, size: int) -> None:
    with pytest.raises(ValueError, match="is usual"):
        ESr(threshold, size)
