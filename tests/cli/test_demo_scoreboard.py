"""The scoreboard: accuracies and what each promotion changed."""

import math

import pytest

from driftline.demo.scoreboard import RECENT_OUTCOMES, Scoreboard


def played(versions: list[tuple[str, int, float]]) -> Scoreboard:
    """A board on which each version served some rows with some accuracy, right answers first."""
    board = Scoreboard()
    row = 0
    for version, rows, accuracy in versions:
        for index in range(rows):
            board.predicted(row, version, "UP" if index < rows * accuracy else "DOWN")
            board.arrived("UP", static="DOWN", repeated="UP")
            row += 1
    return board


def test_nothing_is_known_before_the_first_outcome() -> None:
    board = Scoreboard()
    assert math.isnan(board.served)
    assert math.isnan(board.recent_static)
    assert board.version == ""
    assert board.promotions() == []


def test_every_candidate_is_judged_on_the_same_outcomes() -> None:
    board = played([("1", 200, 0.5), ("2", 200, 0.9)])
    assert (board.served, board.static, board.repeated) == (0.7, 0.0, 1.0)
    assert (board.predictions, board.outcomes, board.version) == (400, 400, "2")


def test_recent_accuracy_forgets() -> None:
    board = played([("1", 5_000, 0.0), ("2", RECENT_OUTCOMES, 0.8)])
    assert board.recent_served == pytest.approx(0.8)


def test_the_first_version_is_no_promotion_and_the_others_have_both_sides() -> None:
    board = played([("1", 2_000, 0.5), ("2", 100, 0.9), ("3", 500, 0.8)])
    second, third = board.promotions()
    assert (second.version, second.row, third.version, third.row) == ("2", 2_000, "3", 2_100)
    assert second.accuracy_before == 0.0, "the last 1,000 of the first version were all wrong"
    assert second.accuracy_after == pytest.approx(0.9), "up to the next promotion"
    assert third.accuracy_before == pytest.approx(90 / 1_000)
    assert third.accuracy_after == pytest.approx(0.8)


def test_outcomes_lag_behind_predictions() -> None:
    board = Scoreboard()
    board.predicted(0, "1", "UP")
    board.predicted(1, "2", "UP")
    board.arrived("UP", static="UP", repeated="DOWN")
    assert (board.predictions, board.outcomes) == (2, 1)
    assert math.isnan(board.promotions()[0].accuracy_after)
