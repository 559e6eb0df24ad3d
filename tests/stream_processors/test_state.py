"""What a partition's history leaves behind, and that a snapshot brings it back."""

from pathlib import Path

import numpy as np
import pytest

from driftline_detectors import PredictionColumns, SnapshotError
from driftline_schemas import ModelSpec
from driftline_stream_processors.memory.faults import LASTING_MS, Fault, Faults
from driftline_stream_processors.memory.monitors import MAX_LEARNING_VALUES, Monitors
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.memory.taken import KEPT, TakenPlaces
from driftline_stream_processors.storage.formats import migrated
from driftline_stream_processors.storage.snapshot import Snapshot, decode
from tests.stream_processors.made import LIMITS, outcomes, predictions

FORMAT_2 = Path(__file__).parent / "data" / "snapshot_format_2.bin"  # written by the version before format 3
FORMAT_3 = Path(__file__).parent / "data" / "snapshot_format_3.bin"  # written by the version before format 4


def test_a_snapshot_that_is_none_is_refused() -> None:
    state = PartitionState.begin(0, LIMITS).snapshot()
    for document in ({}, state | {"limits": 3}, state | {"monitors": {"specs": [], "models": [["m", [["1", {}]]]]}}):
        with pytest.raises(SnapshotError, match=r"delete|drop"):
            PartitionState.restore(document, 0)


def test_a_state_survives_its_snapshot() -> None:
    state = PartitionState.begin(0, LIMITS)
    state.monitors.specify(ModelSpec(model="m", timestamp_ms=1, segments=["plan"], retrain_on=[]))
    state.faults.add("m", "7", Fault("amount", 10, 20))
    state.champions["m"] = "7"
    state.forwarded.add(3, 99)
    state.replayed.add(1, 5)
    state.orphans.add(outcomes([(41, "e", "s")]))
    again = PartitionState.restore(state.snapshot(), 0)
    assert again.snapshot() == state.snapshot()
    assert (again.limits, again.champions) == (LIMITS, {"m": "7"})
    assert again.forwarded.knows(3, 99)
    assert again.replayed.knows(1, 5)
    assert not again.replayed.knows(1, 4)


def test_a_state_of_format_1_is_read() -> None:
    waiting = {"event_id": "e", "model": "m", "label": 3.0, "timestamp_ms": 2, "source": "s"}
    document = {
        "next_offset": 42,
        "limits": [10, 1000],
        "monitors": [],
        "orphans": [[waiting, [0, 41, 0, 7]]],
        "champions": {"m": "7"},
        "forwarded": [[3, 99]],
    }
    state = PartitionState.restore(migrated(Snapshot(1, document)), 0)
    assert (state.next_offset, state.champions) == (42, {"m": "7"})
    assert state.forwarded.knows(3, 99)
    assert not state.forwarded.knows(3, 100)
    (found,) = state.orphans.release("m", "e")
    assert (found.label, found.label_value, found.source, found.offset, found.logged_at_ms) == ("3", 3.0, "s", 41, 7)
    assert state.recent.marks.elder_offset == 42


def test_a_state_of_format_2_is_read() -> None:
    state = PartitionState.restore(migrated(decode(FORMAT_2.read_bytes())), 0)
    assert (state.next_offset, state.champions, state.monitors.specs) == (1200, {"fraud": "2"}, {})
    monitor = state.monitors.of("fraud", "2")
    assert monitor is not None
    rows, nothing = np.arange(300), np.full(300, np.nan)
    found = monitor.observe_predictions(PredictionColumns(rows, rows, {"amount": np.ones(300)}, nothing, nothing))
    assert [(window.window, window.row) for window in found.windows] == [(2, 299)]


def test_a_state_of_format_3_is_read() -> None:
    state = PartitionState.restore(migrated(decode(FORMAT_3.read_bytes())), 0)
    assert (state.next_offset, state.champions) == (300, {"m": "1"})
    assert list(state.traffic.at_tick(90_000, state.monitors.specs, state.champions)) == [], "the silence was told"
    state.traffic.take(state.monitors.specs, [predictions([(300, "e")])], [])
    told = state.traffic.at_tick(100_000, state.monitors.specs, state.champions)
    assert [(model, finding.detector) for model, finding in told] == [("m", "silence-end"), ("m", "silence")]
    assert PartitionState.restore(state.snapshot(), 0).snapshot() == state.snapshot()


def test_another_specification_begins_the_monitors_anew_and_the_same_one_does_not() -> None:
    monitors = PartitionState.begin(0, LIMITS).monitors
    first = monitors.open("m", "1")
    monitors.specify(ModelSpec(model="m", timestamp_ms=1, owner="risk"))
    monitors.specify(ModelSpec(model="other", timestamp_ms=1, segments=["plan"]))
    assert monitors.open("m", "1") is first
    monitors.specify(ModelSpec(model="m", timestamp_ms=2, segments=["plan"]))
    second = monitors.open("m", "1")
    assert second is not first
    monitors.specify(ModelSpec(model="m", timestamp_ms=3, segments=["plan"], retrain_on=[]))
    assert monitors.open("m", "1") is second
    monitors.specify(ModelSpec(model="m", timestamp_ms=4))
    assert monitors.open("m", "1") is not second


def test_a_fault_explains_what_began_with_it_and_not_what_began_before_or_long_after() -> None:
    faults = Faults()
    faults.add("m", "1", Fault("amount", began_ms=1_000, found_ms=2_000))
    assert faults.behind("m", "1", began_ms=1_500, found_ms=3_000)
    assert faults.behind("m", "1", began_ms=900, found_ms=3_000)
    assert not faults.behind("m", "1", began_ms=100, found_ms=900)
    assert not faults.behind("m", "1", began_ms=LASTING_MS, found_ms=LASTING_MS + 2_001)
    assert not faults.behind("m", "2", began_ms=1_500, found_ms=3_000)


def test_places_out_of_order_are_taken_once_and_memory_is_bounded() -> None:
    taken = TakenPlaces(monotonic=True)
    for offset in [*range(10, KEPT + 20), 5]:
        assert not taken.knows(1, offset)
        taken.add(1, offset)
    taken.end_block()
    assert taken.knows(1, 5), "lower than all that is remembered: surely taken"
    assert taken.knows(1, KEPT + 19)
    assert not taken.knows(1, KEPT + 20)
    assert sum(len(offsets) for _, _, offsets in taken.snapshot()) == 8 * KEPT


def test_no_more_features_learn_at_once_than_there_is_room_for() -> None:
    """The places go to the models that the log names first; a snapshot keeps them, and who waits."""
    monitors = PartitionState.begin(0, LIMITS).monitors
    features = {f"f{number}": np.ones(1) for number in range(500)}
    models = MAX_LEARNING_VALUES // (500 * 5000)
    for number in range(models + 1):
        monitor = monitors.open(f"m{number}", "1")
        assert monitor is not None
        row, nothing = np.arange(1), np.full(1, np.nan)
        monitor.observe_predictions(PredictionColumns(row, row, features, nothing, nothing))

    def waiting(monitors: Monitors) -> list[int]:
        every = [monitors.of(f"m{number}", "1") for number in range(models + 1)]
        return [sum(watch.waiting for watch in monitor.watches()) for monitor in every if monitor is not None]

    assert waiting(monitors) == [0] * (models + 1)
    monitors.end_block()
    assert waiting(monitors) == [0] * models + [500]
    again = Monitors.restore(monitors.snapshot())
    again.end_block()
    assert waiting(again) == [0] * models + [500]
