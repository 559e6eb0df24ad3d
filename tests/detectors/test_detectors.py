"""Laws that every detector in the catalogue keeps, and each one's equality with River."""

import math
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
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
from driftline_detectors.eddm import Eddm
from driftline_detectors.fhddm import Fhddm
from driftline_detectors.hddm_a import HddmA
from driftline_detectors.hddm_w import HddmW
from driftline_detectors.kswin import Kswin
from driftline_detectors.page_hinkley import PageHinkley
from driftline_detectors.snapshots import packed
from tests.detectors.strategies import Floats, cuts, pieces, streams

every_detector = pytest.mark.parametrize("name", sorted(DETECTORS))
OF_ERRORS = {"ddm", "e-sr", "eddm", "fhddm", "hddm-a", "hddm-w"}
"""They take 0 and 1, and see rises only."""

EAGER: dict[str, Callable[[], Detector]] = {
    "e-sr": lambda: ESr(threshold=100, reference_size=100),
    "kswin": lambda: Kswin(alpha=0.05, window_size=20, stat_size=10),
}


def made(name: str) -> Detector:
    """Return a detector that fires on short streams."""
    return EAGER.get(name, DETECTORS[name])()


def shown(name: str) -> st.SearchStrategy[Floats]:
    """Draw a stream for this detector; those for the slow one are thinned out."""
    drawn = streams(binary=name in OF_ERRORS)
    return drawn.map(lambda values: values[:: 1 + len(values) // 60]) if name == "kswin" else drawn


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
@settings(max_examples=25)
def test_any_cut_gives_the_same_changes_and_state(name: str, data: st.DataObject, lengths: list[int]) -> None:
    values = data.draw(shown(name))
    whole, cut = bank_of(made(name)), bank_of(made(name))
    assert observed(cut, values, lengths) == observed(whole, values, [len(values)])
    assert cut.snapshot() == whole.snapshot()


@every_detector
@given(data=st.data(), lengths=cuts())
@settings(max_examples=25)
def test_a_restored_detector_goes_on_as_if_never_interrupted(
    name: str, data: st.DataObject, lengths: list[int]
) -> None:
    values = data.draw(shown(name))
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


RIVERS: dict[str, Callable[[], Any]] = {
    "adwin": drift.ADWIN,
    "ddm": binary.DDM,
    "eddm": binary.EDDM,
    "fhddm": binary.FHDDM,
    "hddm-a": binary.HDDMA,
    "hddm-w": binary.HDDMW,
    "kswin": lambda: drift.KSWIN(alpha=0.05, window_size=20, stat_size=10, seed=0),
    "page-hinkley": drift.PageHinkley,
}


@pytest.mark.parametrize("name", sorted(RIVERS))
@given(data=st.data())
@settings(max_examples=30)
def test_it_fires_where_rivers_does(name: str, data: st.DataObject) -> None:
    values = data.draw(shown(name))
    changes = changes_of(made(name), values)
    assert [change.row for change in changes] == alarms(RIVERS[name](), 1 - values if name == "fhddm" else values)
    start = 0
    for change in changes:
        low, high = (change.after, change.before) if change.direction == "down" else (change.before, change.after)
        assert low <= high or name == "ddm"
        assert change.direction == "up" or name not in OF_ERRORS
        assert 1 <= change.width <= change.row + 1 - start
        if name in {"eddm", "kswin"}:
            assert change.statistic <= change.threshold
        elif name == "adwin":
            before, after = np.split(values[start : change.row + 1], [-change.width])
            assert change.statistic == pytest.approx(abs(after.mean() - before.mean()))
        else:
            assert change.statistic >= change.threshold
        start = change.row + 1


PATIENT: dict[str, Callable[[], Detector]] = {
    "e-sr": lambda: ESr(threshold=1e4, reference_size=1000),
    "kswin": lambda: Kswin(window_size=200, stat_size=100),
}


@cache
def directions(name: str, before: float, after: float, seed: int) -> list[str]:
    """Return the directions of what is seen in 1000 errors after a change at 2000."""
    wrong = np.random.default_rng(seed).binomial(1, np.repeat([before, after], [2000, 1000])).astype(np.float64)
    found = changes_of(PATIENT.get(name, DETECTORS[name])(), wrong)
    return [change.direction for change in found if change.row >= 2000]


@every_detector
@pytest.mark.parametrize("seed", range(3))
def test_a_rise_of_the_errors_is_seen_and_is_upwards(name: str, seed: int) -> None:
    assert directions(name, 0.1, 0.5, seed)[:1] == ["up"]


@every_detector
@pytest.mark.parametrize("seed", range(3))
def test_a_fall_of_the_errors_is_no_rise(name: str, seed: int) -> None:
    assert directions(name, 0.5, 0.1, seed)[:1] == ([] if name in OF_ERRORS else ["down"])


@every_detector
@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_errors_that_are_all_alike_are_no_change(name: str, rate: float) -> None:
    assert changes_of(DETECTORS[name](), np.full(500, rate)) == []


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


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - OF_ERRORS))
@pytest.mark.parametrize("huge", [1e200, -1.7e308, 1.7e308])
def test_after_a_huge_value_all_is_finite(name: str, huge: float) -> None:
    values = np.random.default_rng(0).normal(size=200)
    values[[0, 70, 71, 130]] = huge, huge, -huge, huge
    bank = bank_of(made(name))
    for change in observed(bank, values, [30]):
        assert np.isfinite([change.statistic, change.threshold, change.before, change.after]).all()
    restored = Bank.restore(carried(bank.snapshot()), "data-drift")
    assert repr(restored.readings(0)) == repr(bank.readings(0))
    assert repr(restored.snapshot()) == repr(bank.snapshot())


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
    state = dict(state_of(name))
    garbage = st.from_regex(r"-?[0-9]{1,3}", fullmatch=True) | st.binary() | st.none() | st.integers() | st.floats()
    state[data.draw(st.sampled_from(sorted(state)))] = data.draw(garbage)
    try:
        restored = DETECTORS[name].restore(state)
    except SnapshotError:
        return
    observed(bank_of(restored), np.resize([0.0, 1.0], 100), [100])


@cache
def state_of(name: str) -> dict[str, Any]:
    """Return a snapshot after 100 errors."""
    detector = made(name)
    detector.update([1.0] * 100)
    return detector.snapshot()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("eddm", {"count": -1}),
        ("eddm", {"count": 2**80}),
        ("eddm", {"last_error": 101}),
        ("eddm", {"errors": 101}),
        ("eddm", {"mean": 0.5}),
        ("eddm", {"squares": -1e-9}),
        ("eddm", {"squares": math.nan}),
        ("eddm", {"largest": 0.5}),
        ("fhddm", {"window": bytes(101)}),
        ("fhddm", {"window": b"\0\1\2"}),
        ("fhddm", {"window": [0, 1]}),
        ("fhddm", {"best": 1.5}),
        ("fhddm", {"parameters": [0, 1e-6]}),
        ("hddm-a", {"drift_confidence": 0.0}),
        ("hddm-a", {"rate": 1.5}),
        ("hddm-a", {"lowest_count": 0}),
        ("hddm-a", {"lowest_count": 101}),
        ("hddm-a", {"lowest_rate": math.nan}),
        ("hddm-w", {"samples": [None, None]}),
        ("hddm-w", {"samples": [{"mean": 2.0, "bound": 0.5}, {"mean": 0.0, "bound": 0.5}, None]}),
        ("hddm-w", {"samples": [{"mean": 0.0, "bound": -0.5}, {"mean": 0.0, "bound": 0.5}, None]}),
        ("hddm-w", {"samples": [{"mean": 0.0, "bound": 0.5}, None, None]}),
        ("hddm-w", {"samples": [None, None, {"mean": 0.0, "bound": 0.5}]}),
        ("kswin", {"window": packed(np.zeros(21))}),
        ("kswin", {"window": packed(np.array([math.nan]))}),
        ("kswin", {"window": b"x"}),
        ("kswin", {"p_value": 1.5}),
        ("kswin", {"generator": b""}),
        ("kswin", {"generator": bytes(2500)}),
        ("kswin", {"generator": bytes([255]) * 2500}),
        ("kswin", {"parameters": [0.05, 20, 11, 0]}),
        ("page-hinkley", {"count": -1}),
        ("page-hinkley", {"mean": "x"}),
        ("page-hinkley", {"sums": [0.0, 0.0, 0.0]}),
        ("page-hinkley", {"parameters": [30, 0.005, math.nan, 1.0]}),
    ],
)
def test_a_state_that_cannot_be_is_refused(name: str, damage: dict[str, object]) -> None:
    DETECTORS[name].restore(state_of(name))
    with pytest.raises(SnapshotError, match=f"snapshot of {name} .*replay the log"):
        DETECTORS[name].restore(state_of(name) | damage)


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


@pytest.mark.parametrize(
    "make",
    [
        lambda: Eddm(warm_start=0),
        lambda: Eddm(beta=1.0),
        lambda: Fhddm(sliding_window_size=0),
        lambda: Fhddm(confidence_level=0.0),
        lambda: HddmA(drift_confidence=1.0),
        lambda: HddmA(drift_confidence=math.nan),
        lambda: HddmW(drift_confidence=0.0),
        lambda: HddmW(lambda_val=1.0),
        lambda: Kswin(alpha=0.0),
        lambda: Kswin(stat_size=51),
        lambda: Kswin(stat_size=0),
        lambda: Kswin(seed=-1),
        lambda: PageHinkley(min_instances=0),
        lambda: PageHinkley(delta=-0.1),
        lambda: PageHinkley(threshold=0.0),
        lambda: PageHinkley(threshold=math.inf),
        lambda: PageHinkley(alpha=0.0),
    ],
)
def test_parameters_out_of_range_are_refused(make: Callable[[], Detector]) -> None:
    with pytest.raises(ValueError, match=r"must .*(is|are) usual"):
        make()


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
