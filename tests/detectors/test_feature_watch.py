"""The watch over features: its laws, and what it finds on streams that change and on streams that do not."""

from dataclasses import replace

import numpy as np
import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors import DriftFinding
from driftline_detectors.feature_watch import FeatureWatch
from driftline_detectors.front_end.season import DAY_MS
from driftline_detectors.subject import Subject
from tests.detectors.strategies import Floats, cuts, pieces

ROWS = 3_000
REFERENCE = 500
START_MS = 1_760_000_000_000
KINDS = {"normal": False, "count": False, "walking": False, "country": True, "boolean": False}


def made(seed: int) -> Floats:
    """Values of features of several kinds that change now and then, with nulls."""
    rng = np.random.default_rng(seed)
    values = np.stack(
        [
            rng.normal(size=ROWS),
            rng.poisson(3, ROWS),
            np.convolve(rng.normal(size=ROWS), 0.8 ** np.arange(30), "same"),
            rng.integers(0, 5, ROWS),
            rng.random(ROWS) < 0.3,
        ]
    ).astype(float)
    for feature in values:
        begin, end = np.sort(rng.integers(REFERENCE, ROWS, 2))
        match rng.integers(5):
            case 0:
                feature[begin:end] += 3
            case 1:
                feature[begin:end] = np.nan
            case 2:
                feature[begin:end] = feature[begin]
            case 3:
                feature[begin:end] *= 0.1
            case _:
                feature[rng.random(ROWS) < 0.05] = np.nan
    values[rng.random(values.shape) < 0.03] = np.nan
    return values


def watch() -> FeatureWatch:
    found = FeatureWatch(budget_events=1e4, reference_size=REFERENCE)
    found.add([Subject(name, category) for name, category in KINDS.items()])
    return found


def origins(rows: slice, gap_ms: int = 1000) -> NDArray[np.int64]:
    numbers = np.arange(rows.start, rows.stop)
    return np.array((numbers * 3, START_MS + numbers * gap_ms))


def observed(watch: FeatureWatch, values: Floats, lengths: list[int], gap_ms: int = 1000) -> list[DriftFinding]:
    found = []
    for rows in pieces(values.shape[1], lengths):
        for drift in watch.observe(values[:, rows], origins(rows, gap_ms)):
            found.append(replace(drift, row=rows.start + drift.row))
    return found


@given(seed=st.integers(0, 10_000), lengths=cuts(), gap_ms=st.sampled_from([1, 1000, 200_000]))
@settings(max_examples=12)
def test_any_cut_gives_the_same(seed: int, lengths: list[int], gap_ms: int) -> None:
    values = made(seed)
    whole, cut = watch(), watch()
    assert observed(whole, values, [ROWS], gap_ms) == observed(cut, values, lengths, gap_ms)
    assert repr(whole.snapshot()) == repr(cut.snapshot())  # NaN equals nothing


@given(seed=st.integers(0, 10_000), at=st.integers(1, ROWS - 1))
@settings(max_examples=12)
def test_a_restored_watch_goes_on_as_if_nothing_had_happened(seed: int, at: int) -> None:
    values = made(seed)
    straight = watch()
    found = observed(straight, values, [500])
    interrupted = watch()
    before = observed(interrupted, values[:, :at], [500])
    restored = FeatureWatch.restore(ormsgpack.unpackb(ormsgpack.packb(interrupted.snapshot())))
    rest = restored.observe(values[:, at:], origins(slice(at, ROWS)))
    assert before + [replace(drift, row=at + drift.row) for drift in rest] == found
    assert repr(restored.snapshot()) == repr(straight.snapshot())


def test_the_streams_of_these_laws_do_change() -> None:
    """What the laws above are tried on has changes of every kind."""
    found = [drift for seed in range(10) for drift in observed(watch(), made(seed), [ROWS])]
    assert {drift.detector for drift in found} == {"e-detector", "null-rate", "frozen", "unseen"}
    assert {drift.feature for drift in found} == set(KINDS)


def stationary(name: str, rng: np.random.Generator, rows: int) -> Floats:
    match name:
        case "scaled":
            return rng.normal(size=rows) * 100
        case "lognormal":
            return rng.lognormal(size=rows)
        case "t3":
            return rng.standard_t(3, rows)
        case "zeros":
            return np.where(rng.random(rows) < 0.9, 0.0, rng.exponential(size=rows))
        case "huge":
            return rng.normal(size=rows) * 1e300
    noise = rng.normal(size=rows)
    for row in range(1, rows):
        noise[row] += 0.9 * noise[row - 1]
    return noise


@pytest.mark.parametrize("name", ["scaled", "lognormal", "t3", "zeros", "huge", "autocorrelated"])
def test_what_does_not_change_is_left_alone(name: str) -> None:
    rng = np.random.default_rng(1)
    values = np.stack([stationary(name, rng, 30_000) for _ in range(4)])
    found = FeatureWatch(1e5)
    found.add([Subject(f"{name}-{number}", category=False) for number in range(4)])
    assert observed(found, values, [5000]) == []


@pytest.mark.parametrize("a_day", [1_000, 10_000, 100_000])
def test_a_season_is_no_drift(a_day: int) -> None:
    rng = np.random.default_rng(2)
    rows = 40_000
    season = np.sin(2 * np.pi * np.arange(rows) / a_day)
    found = FeatureWatch(1e5)
    found.add([Subject("amount", category=False)])
    values = (rng.normal(size=rows) + season)[np.newaxis]
    assert observed(found, values, [5000], DAY_MS // a_day) == []
    values[0, 30_000:] += 2
    again = FeatureWatch(1e5)
    again.add([Subject("amount", category=False)])
    (drift,) = observed(again, values[:, :32_000], [5000], DAY_MS // a_day)
    assert 30_000 <= drift.row < 30_100


@pytest.mark.parametrize("a_day", [10_000, 100_000])
def test_a_flag_that_is_set_more_often_is_found_and_its_season_is_not(a_day: int) -> None:
    """Of ten flags nine are found; of their seasons no more is told than twice what the budget allows."""
    rows, changes, budget = 40_000, 38_000, 1e5
    found, false = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rate = 0.3 + 0.1 * np.sin(2 * np.pi * np.arange(rows) / a_day)
        values = (rng.random((1, rows)) < rate).astype(np.float64)
        values[0, changes:] = rng.random(rows - changes) < 0.55
        flag = FeatureWatch(budget)
        flag.add([Subject("is_new", category=False)])
        drifts = observed(flag, values, [5000], DAY_MS // a_day)
        false += sum(drift.row < changes for drift in drifts)
        found += any(changes <= drift.row < changes + 1_000 for drift in drifts)
    assert found >= 9
    assert false <= 2 * 10 * (changes - 5000) / budget


def test_no_chance_in_a_reference_hides_a_change() -> None:
    """A level is followed only where it wanders: one that is followed quickly takes a small shift with it."""
    features = 60
    values = np.random.default_rng(4).normal(size=(features, 8_500))
    values[:, 7_000:] += 0.5
    found = FeatureWatch()
    found.add([Subject(f"f{number}", category=False) for number in range(features)])
    drifts = observed(found, values, [7_000])
    assert sorted(drift.feature or "" for drift in drifts) == sorted(f"f{number}" for number in range(features))
    assert 7_000 <= min(drift.row for drift in drifts) <= max(drift.row for drift in drifts) < 8_000


@pytest.mark.parametrize(
    ("change", "detector", "direction", "within"),
    [
        ("shift", "e-detector", "up", 60),
        ("spread", "e-detector", "", 200),
        ("null", "null-rate", "up", 20),
        ("some-null", "null-rate", "up", 150),
        ("frozen", "frozen", "up", 20),
    ],
)
def test_a_change_is_found_named_and_dated(change: str, detector: str, direction: str, within: int) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(20, 9_000))
    changed = values[7, 7_000:]
    match change:
        case "shift":
            changed += 1
        case "spread":
            changed *= 1.6
        case "null":
            changed[:] = np.nan
        case "some-null":
            changed[rng.random(2_000) < 0.1] = np.nan
        case _:
            changed[:] = changed[0]
    found = FeatureWatch()
    found.add([Subject(f"f{number}", category=False) for number in range(20)])
    drift, *others = observed(found, values, [700])
    assert others == []
    assert (drift.feature, drift.detector) == ("f7", detector)
    assert drift.kind == ("data-drift" if detector == "e-detector" else "quality")
    assert 7_000 <= drift.row < 7_000 + within
    assert abs(drift.change_position / 3 - 7_000) <= 30
    assert drift.change_timestamp_ms == START_MS + drift.change_position // 3 * 1000
    assert not direction or drift.direction == direction


def test_another_mix_of_categories_is_found() -> None:
    rng = np.random.default_rng(4)
    values = np.stack([rng.choice(4, 9_000, p=(0.4, 0.3, 0.2, 0.1)), rng.integers(0, 30, 9_000)]).astype(float)
    values[0, 7_000:] = rng.choice(4, 2_000, p=(0.25, 0.3, 0.2, 0.25))
    found = FeatureWatch()
    found.add([Subject("country", category=True), Subject("plan", category=True)])
    (drift,) = observed(found, values, [700])
    assert (drift.feature, drift.kind, drift.direction) == ("country", "data-drift", "up")
    assert 7_000 <= drift.row < 8_000
    assert (round(drift.before, 1), drift.after > 0.15) == (0.1, True)


def test_a_text_that_never_repeats_is_left_alone() -> None:
    watch = FeatureWatch(reference_size=REFERENCE)
    watch.add([Subject("order", category=True)])
    assert watch.observe(np.arange(ROWS, dtype=float)[np.newaxis], origins(slice(0, ROWS))) == []


@pytest.mark.parametrize("value", [0.5, float("nan")])
def test_a_budget_must_be_one(value: float) -> None:
    with pytest.raises(ValueError, match=f"budget_events is {value!r}; it must be 1 or more"):
        FeatureWatch(value)


def test_a_reference_must_be_large_enough() -> None:
    with pytest.raises(ValueError, match="reference_size is 10; it must be 500 or more"):
        FeatureWatch(reference_size=10)


def test_a_budget_in_days_is_one_in_events_at_a_steady_pace() -> None:
    """Ten thousand rows a day: a budget of a million rows is one of a hundred days."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(2, 9_000))
    values[0, 7_000:] += 1
    drifts = []
    for found in (FeatureWatch(1e6), FeatureWatch(budget_days=100.0)):
        found.add([Subject("a", category=False), Subject("b", category=False)])
        (drift,) = observed(found, values, [9_000], gap_ms=DAY_MS // 10_000)
        drifts.append(drift)
    in_events, in_days = drifts
    assert in_days.row == in_events.row
    assert (in_events.threshold, in_days.threshold) == (1e6, 100.0)


@given(seed=st.integers(0, 10_000), lengths=cuts())
@settings(max_examples=10)
def test_a_budget_in_days_keeps_the_laws(seed: int, lengths: list[int]) -> None:
    values, pair = made(seed), []
    for each in ([ROWS], lengths):
        found = FeatureWatch(reference_size=REFERENCE, budget_days=0.5)
        found.add([Subject(name, category) for name, category in KINDS.items()])
        drifts = observed(found, values, each, gap_ms=1_000)
        pair.append((drifts, repr(FeatureWatch.restore(found.snapshot()).snapshot())))
    assert pair[0] == pair[1]


def test_a_budget_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="budget_days is 0"):
        FeatureWatch(budget_days=0)


@pytest.mark.parametrize("others", [0, 1])
def test_what_was_constant_may_stay_so(others: int) -> None:
    """With one other value in its reference, or none."""
    values = np.ones((2, 60_000))
    values[:, np.linspace(10, 4_900, others).astype(int)] = 7.0
    found = FeatureWatch(budget_events=1e4)
    found.add([Subject("number", category=False), Subject("category", category=True)])
    assert observed(found, values, [60_000]) == []
