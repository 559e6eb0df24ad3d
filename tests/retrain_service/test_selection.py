import pytest

from driftline_retrain_service.job.candidates import Candidate
from driftline_retrain_service.job.selection import Figures, Unsuitable, select

TRIED = [Candidate("a", 0), Candidate("b", 10), Candidate("c", 20)]


def test_the_least_loss_wins_and_the_first_of_equals() -> None:
    losses = {"a": 0.3, "b": 0.2, "c": 0.2}
    selection = select(TRIED, lambda each: {"loss": losses[each.name]})
    assert selection.chosen == TRIED[1]
    assert selection.figures == {name: {"loss": loss} for name, loss in losses.items()}


def test_of_those_that_are_right_as_often_the_surer_one_wins_but_an_older_version_first() -> None:
    figures = {"a": {"loss": 0.2, "brier": 0.15}, "b": {"loss": 0.2, "brier": 0.1}, "c": {"loss": 0.3, "brier": 0.01}}
    assert select(TRIED, lambda each: figures[each.name]).chosen.name == "b"
    figures["version-1"] = {"loss": 0.2, "brier": 0.9}
    tried = [*TRIED, Candidate("version-1", 0, version="1")]
    assert select(tried, lambda each: figures[each.name]).chosen.name == "version-1"


def test_what_cannot_be_trained_is_left_out_with_its_reason() -> None:
    def judge(candidate: Candidate) -> Figures:
        if candidate.name == "a":
            raise Unsuitable("one class")
        return {"loss": 0.5}

    selection = select(TRIED, judge)
    assert selection.chosen.name == "b"
    assert selection.left_out == {"a": "one class"}


def test_when_nothing_can_be_trained_every_reason_is_told() -> None:
    def judge(candidate: Candidate) -> Figures:
        raise Unsuitable(f"{candidate.first_row} is bad")

    with pytest.raises(Unsuitable, match=r"a: 0 is bad; b: 10 is bad; c: 20 is bad"):
        select(TRIED, judge)
