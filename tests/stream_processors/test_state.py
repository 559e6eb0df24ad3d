"""What a partition's history leaves behind, and that a snapshot brings it back."""

import pytest

from driftline_detectors import SnapshotError
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.memory.taken import KEPT, TakenPlaces
from driftline_stream_processors.storage.formats import migrated
from driftline_stream_processors.storage.snapshot import Snapshot
from tests.stream_processors.made import LIMITS, outcomes


def test_a_snapshot_that_is_none_is_refused() -> None:
    state = PartitionState.begin(0, LIMITS).snapshot()
    for document in ({}, state | {"limits": 3}, state | {"monitors": [["m", [["1", {}]]]]}):
        with pytest.raises(SnapshotError, match=r"delete|drop"):
            PartitionState.restore(document, 0)


def test_a_state_survives_its_snapshot() -> None:
    state = PartitionState.begin(0, LIMITS)
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
