from hypothesis import given
from hypothesis import strategies as st

from driftline_retrain_service.job.candidates import Candidate, candidates, validation_rows


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int | None]:
    rows = draw(st.integers(2, 20_000))
    return rows, draw(st.none() | st.integers(0, rows - 1))


@given(windows())
def test_every_window_is_tried_once_and_holds_rows(window: tuple[int, int | None]) -> None:
    rows, change_row = window
    tried = candidates(rows, change_row)
    assert len({(each.first_row, each.half_life_rows) for each in tried}) == len(tried)
    assert len({each.name for each in tried}) == len(tried)
    assert all(0 <= each.first_row < rows for each in tried)
    if change_row is not None:
        assert tried[0] == Candidate("since-change", change_row)


@given(windows())
def test_the_validation_rows_leave_something_to_train_on(window: tuple[int, int | None]) -> None:
    rows, change_row = window
    assert 1 <= validation_rows(rows, change_row) <= rows // 2


def test_older_versions_come_first_in_the_order_given() -> None:
    assert candidates(300, None, ["7", "2"]) == [
        Candidate("version-7", 0, version="7"),
        Candidate("version-2", 0, version="2"),
        Candidate("last-500", 0),
        Candidate("decayed", 0, half_life_rows=250.0),
    ]


def test_few_rows_since_the_change_are_split() -> None:
    assert validation_rows(2000, 1850) == 50
    assert candidates(2000, 1850)[0].first_row == 1850


def test_a_change_behind_the_last_row_gives_no_window_of_its_own() -> None:
    assert candidates(300, 300) == candidates(300, None)
