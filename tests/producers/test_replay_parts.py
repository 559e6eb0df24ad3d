from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_producers.replay import ReplayOptions, epoch_ms
from driftline_producers.replay._cells import CellReader
from driftline_producers.replay._gather import Gatherer
from driftline_producers.replay._pace import Pacer
from driftline_producers.replay._record import entry
from driftline_schemas import ConfigurationError, InvalidRecord


@given(st.integers(-(10**10), 10**10))
def test_epoch_numbers_are_told_apart_by_size(seconds: int) -> None:
    assert epoch_ms(seconds) == seconds * 1000
    if abs(seconds) > 10**8:  # since 1973, in every unit
        assert {epoch_ms(seconds * unit) for unit in (1, 10**3, 10**6, 10**9)} == {seconds * 1000}


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00",
        "2026-01-01",
        "2026-01-01T01:00:00+01:00",
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1),  # noqa: DTZ001 - a file may hold such a one: UTC
        date(2026, 1, 1),
        1767225600.0,
    ],
)
def test_every_way_to_write_a_time(value: object) -> None:
    assert epoch_ms(value) == 1767225600000


@pytest.mark.parametrize("value", ["yesterday", True, None, [], float("nan"), float("inf"), 10**40])
def test_what_is_no_time(value: object) -> None:
    with pytest.raises(InvalidRecord):
        epoch_ms(value)


def test_a_pacer_waits_until_a_row_is_due_and_catches_up() -> None:
    now, slept = [100.0], list[float]()
    pacer = Pacer(10, clock=lambda: now[0], sleep=slept.append)
    pacer.wait(0)
    pacer.wait(5)
    now[0] = 101.0
    pacer.wait(9)
    assert slept == [pytest.approx(0.5)]


def test_what_was_gathered_is_overdue_when_its_oldest_would_wait_for_more_than_a_tenth_of_a_second() -> None:
    now = [100.0]
    gatherer = Gatherer(clock=lambda: now[0])
    assert not gatherer.overdue(wait_seconds=60)
    prediction = {"event_id": "1", "model": "m", "timestamp_ms": 1, "features": {}, "prediction": 1}
    assert list(gatherer.add(entry("prediction", prediction))) == []
    now[0] += 0.05
    assert list(gatherer.add(entry("prediction", prediction))) == []
    assert not gatherer.overdue(wait_seconds=0.04)
    assert gatherer.overdue(wait_seconds=0.06)
    assert [record.events for record in gatherer.flush()] == [2]
    assert not gatherer.overdue(wait_seconds=60)


def test_without_a_rate_nothing_waits() -> None:
    slept: list[float] = []
    Pacer(None, sleep=slept.append).wait(1_000_000)
    assert slept == []


def test_a_column_that_is_empty_in_the_sample_is_text() -> None:
    assert CellReader(["x"], [[""], [""]]).read(["5"]) == {"x": "5"}


def test_a_column_of_numbers_and_words_is_text() -> None:
    assert CellReader(["x"], [["5"], ["a"]]).read(["5"]) == {"x": "5"}


@pytest.mark.parametrize("wrong", [{"label_delay_events": -1}, {"rate_per_second": 0.0}, {"step_ms": -1}])
def test_wrong_options_are_told(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        ReplayOptions(**wrong)  # type: ignore[arg-type]
