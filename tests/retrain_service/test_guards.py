"""What is held against a challenger that is better on the whole, and what is left to chance."""

import numpy as np
from pydantic import TypeAdapter

from driftline_retrain_service.proof.guards import MOST_SEGMENTS, Figures, GuardSettings, Tally, veto

SETTINGS = GuardSettings()


def figures(losses: dict[str, float], rows: int = 400) -> Figures:
    """So many rows in each segment, with this mean loss."""
    return Figures(segments={name: Tally(rows, rows * loss) for name, loss in losses.items()})


def test_a_segment_that_gets_much_worse_is_named() -> None:
    champion = figures({"country=DE": 0.30, "country=FR": 0.10})
    challenger = figures({"country=DE": 0.05, "country=FR": 0.28})
    assert veto(champion, challenger, SETTINGS) == (
        "segment country=FR: loss 0.2800 against 0.1000 of the champion on 400 rows, at most 0.1310 more is allowed"
    )
    assert veto(challenger, champion, SETTINGS) is not None


def test_chance_and_small_segments_are_not_held_against_it() -> None:
    champion, challenger = {"country=FR": 0.10}, {"country=FR": 0.28}
    assert veto(figures(champion, 100), figures(challenger, 100), SETTINGS) is None
    assert veto(figures({"a=b": 0.0}, 49), figures({"a=b": 1.0}, 49), SETTINGS) is None
    assert veto(figures({"a=b": 0.0}, 50), figures({"a=b": 1.0}, 50), SETTINGS) is not None


def test_calibration_is_compared_where_both_give_probabilities() -> None:
    right = np.zeros(100)
    tags: list[dict[str, str]] = [{} for _ in right]
    sure, unsure = Figures().plus(right, tags, [0.9] * 100), Figures().plus(right, tags, [0.6] * 100)
    told = "calibration: Brier score 0.1600 against 0.0100 of the champion, at most 0.02 more is allowed"
    assert veto(sure, unsure, SETTINGS) == told
    assert veto(unsure, sure, SETTINGS) is None
    assert veto(Figures().plus(right, tags), unsure, SETTINGS) is None


def test_every_objection_is_told() -> None:
    champion = Figures({"a=b": Tally(500, 0.0)}, Tally(500, 1.0), 2.0)
    challenger = Figures({"a=b": Tally(500, 500.0)}, Tally(500, 300.0), 6.1)
    told = veto(champion, challenger, SETTINGS) or ""
    assert [part.split()[0] for part in told.split("; ")] == ["segment", "calibration:", "latency"]


def test_a_small_latency_is_never_too_much() -> None:
    assert veto(Figures(latency_ms=0.01), Figures(latency_ms=4.9), SETTINGS) is None


def test_rows_add_up_in_any_cut_and_survive_a_file() -> None:
    losses = np.array([0.0, 1.0, 1.0, 0.25])
    tags, scores = [{"c": "x"}, {"c": "y"}, {"c": "x", "d": "z"}, {}], [0.5, None, 0.75, None]
    whole = Figures().plus(losses, tags, scores)
    half = Figures().plus(losses[:1], tags[:1], scores[:1])
    file = TypeAdapter(Figures)
    again = file.validate_json(file.dump_json(half))
    assert again.plus(losses[1:], tags[1:], scores[1:]) == whole
    assert whole.segments == {"c=x": Tally(2, 1.0), "c=y": Tally(1, 1.0), "d=z": Tally(1, 1.0)}


def test_segments_are_bounded() -> None:
    many = Figures().plus(np.zeros(1_000), [{"id": str(n)} for n in range(1_000)])
    assert len(many.segments) == MOST_SEGMENTS
