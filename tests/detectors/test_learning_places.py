"""Features that may have to wait for a place to learn."""

from dataclasses import replace

import numpy as np
import ormsgpack
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors import DriftFinding, LearningPlaces, ModelMonitor, MonitorSettings, PredictionColumns
from driftline_detectors.feature_watch import FeatureWatch
from driftline_detectors.subject import Subject
from tests.detectors.strategies import cuts, pieces

REFERENCE = 500
BLOCK = 300
BLOCKS = 18


def streams() -> NDArray[np.float64]:
    values = np.random.default_rng(1).normal(size=(3, BLOCKS * BLOCK))
    values[:, 12 * BLOCK :] += 3
    return values


def observed(lengths: list[int], room: int, restored_at: int = -1) -> tuple[list[DriftFinding], list[int], str]:
    """What a watch finds that asks for places after each block, how many wait, and what is left."""
    watch = FeatureWatch(budget_events=1e4, reference_size=REFERENCE)
    watch.add([Subject(name, category=False) for name in "abc"])
    values, drifts, waiting = streams(), [], []
    for block in range(BLOCKS):
        if block == restored_at:
            watch = FeatureWatch.restore(ormsgpack.unpackb(ormsgpack.packb(watch.snapshot())))
        for piece in pieces(BLOCK, lengths):
            rows = np.arange(block * BLOCK + piece.start, block * BLOCK + piece.stop)
            found = watch.observe(values[:, rows], np.array((rows, rows)))
            drifts += [replace(drift, row=int(rows[drift.row])) for drift in found]
        places = LearningPlaces(room)
        watch.keep_places(places)
        watch.ask_for_places(places)
        waiting.append(watch.waiting)
    return drifts, waiting, repr(watch.snapshot())


@given(lengths=cuts(), room=st.sampled_from([REFERENCE, 2 * REFERENCE]), restored_at=st.integers(0, BLOCKS - 1))
@settings(max_examples=10)
def test_any_cut_and_any_restart_gives_the_same_places(lengths: list[int], room: int, restored_at: int) -> None:
    assert observed([BLOCK], room) == observed(lengths, room, restored_at)


def test_a_place_goes_to_who_waits_when_another_has_learned() -> None:
    """Each needs two blocks: what it took before it had to wait is forgotten. All three change, and learn again."""
    drifts, waiting, _ = observed([BLOCK], REFERENCE)
    assert waiting == [2, 1, 1, 0, 0] + [0] * 7 + [2, 1, 1, 0, 0, 0]
    assert sorted(str(drift.feature) for drift in drifts) == ["a", "b", "c"]


def test_who_learns_within_a_block_needs_no_place() -> None:
    watch = FeatureWatch(reference_size=REFERENCE)
    watch.add([Subject("a", category=False)])
    rows = np.arange(REFERENCE)
    watch.observe(streams()[:1, :REFERENCE], np.array((rows, rows)))
    watch.ask_for_places(LearningPlaces(0))
    assert watch.waiting == 0


def test_who_waits_is_counted_in_the_windows() -> None:
    monitor = ModelMonitor(MonitorSettings(window_size=100))

    def window(begin: int) -> dict[str, float]:
        rows, nothing = np.arange(begin, begin + 100), np.full(100, np.nan)
        features = {"a": np.random.default_rng(begin).normal(size=100)}
        found = monitor.observe_predictions(PredictionColumns(rows, rows, features, nothing, nothing))
        return dict(zip(found.windows[0].metric, found.windows[0].value, strict=True))

    assert "waiting_features" not in window(0)
    for watch in monitor.watches():
        watch.ask_for_places(LearningPlaces(0))
    assert window(100)["waiting_features"] == 1
    for watch in monitor.watches():
        watch.ask_for_places(LearningPlaces(5000))
    assert "waiting_features" not in window(200)
