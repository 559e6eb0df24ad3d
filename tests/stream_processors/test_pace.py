"""Snapshots cost a small share of the time, whatever they cost."""

from dataclasses import dataclass

import pytest

from driftline_stream_processors.storage.pace import MAX_SHARE, SnapshotPace


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("cost_seconds", [0.001, 0.4, 3.0])
def test_under_load_snapshots_take_a_small_share_of_the_time(cost_seconds: float) -> None:
    clock = Clock()
    pace = SnapshotPace(clock)
    taken = 0
    for _ in range(10_000):  # a block every 50 ms
        clock.now += 0.05
        if pace.is_due(idle=False):
            with pace.measured():
                clock.now += cost_seconds
            taken += 1
    share = (taken - 1) * cost_seconds / clock.now
    assert 0.3 * min(MAX_SHARE, cost_seconds / 0.05) < share <= MAX_SHARE


def test_the_first_one_is_due_at_once() -> None:
    assert SnapshotPace(Clock()).is_due(idle=False)


@pytest.mark.parametrize(("cost_seconds", "due"), [(0.02, True), (9.0, False)])
def test_an_idle_partition_is_stored_at_once_where_that_is_cheap(cost_seconds: float, due: bool) -> None:
    clock = Clock()
    pace = SnapshotPace(clock)
    with pace.measured():
        clock.now += cost_seconds
    assert pace.is_due(idle=True) == due
    assert not pace.is_due(idle=False)
