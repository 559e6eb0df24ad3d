"""When versions served, as charts and reports tell it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from driftline_dashboard.charts.performance import performance
from driftline_dashboard.queries.performance import PerformancePoint
from driftline_dashboard.queries.traffic import TrafficPoint
from driftline_dashboard.queries.versions import Served
from driftline_dashboard.stretches import PAUSE_PIECES, beginnings, stretches

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


def predicted(number: int, version: str) -> TrafficPoint:
    return TrafficPoint(at=day(number), version=version, predictions=30, latency_ms=1, latency_p95_ms=2, score=None)


def judged(number: int, version: str, accuracy: float = 0.8) -> PerformancePoint:
    return PerformancePoint(
        at=day(number), version=version, labels=30, accuracy=accuracy, mae=None, delay_seconds=1, delay_p95_seconds=2
    )


def served(version: str, first_at: datetime) -> Served:
    return Served(version=version, first_at=first_at, last_at=day(100), predictions=1)


@given(st.sets(st.tuples(st.integers(0, 40), st.sampled_from("123")), max_size=60))
def test_every_piece_is_told_once_and_cut_only_where_the_version_was_missing(served_in: set[tuple[int, str]]) -> None:
    pieces = [predicted(number, version) for number, version in sorted(served_in)]
    found = stretches(pieces)
    assert {(piece.at, version) for version, runs in found.items() for run in runs for piece in run} == {
        (piece.at, piece.version) for piece in pieces
    }
    times = sorted({piece.at for piece in pieces})
    for runs in found.values():
        for run in runs:
            assert all(missing(times, *both) <= PAUSE_PIECES for both in pairwise(piece.at for piece in run))
        for run, following in pairwise(runs):
            assert missing(times, run[-1].at, following[0].at) > PAUSE_PIECES


def missing(times: list[datetime], one: datetime, other: datetime) -> int:
    return sum(one < time < other for time in times)


def test_a_version_that_serves_again_begins_again() -> None:
    traffic = [predicted(number, "1" if number < 4 or number > 9 else "2") for number in range(14)]
    versions = [served("2", day(4) + timedelta(hours=3)), served("1", day(-50))]
    assert sorted(beginnings(versions, traffic)) == [(day(4) + timedelta(hours=3), "2"), (day(10), "1")]


def test_the_line_of_a_version_is_broken_where_it_did_not_serve() -> None:
    points = [judged(number, "1" if number < 4 or number > 9 else "2") for number in range(14)]
    one, two = performance(points)["series"]
    values = [value for _, value, _ in one["data"]]
    assert values == [80.0] * 4 + [None] + [80.0] * 4
    assert None not in [value for _, value, _ in two["data"]]
