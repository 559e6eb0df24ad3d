"""What came before is told from what is new, as long as it is remembered."""

import numpy as np

from driftline_stream_processors.memory.generations import GENERATION_EVENTS, GENERATION_MS
from driftline_stream_processors.memory.recent import Marks, Recent
from driftline_stream_processors.memory.recent_outcomes import RecentOutcomes
from driftline_stream_processors.steps.deduplicate import new_outcomes, new_predictions
from tests.stream_processors.made import outcomes, predictions


def test_the_first_in_the_log_counts_whatever_group_it_is_in() -> None:
    recent = Recent(Marks(0, 0, -1))
    late, early = predictions([(5, "a"), (6, "b")]), predictions([(1, "b"), (2, "c"), (3, "c")])
    new, repeated = new_predictions([late, early], recent)
    assert [group.places.offset.tolist() for group in new] == [[5], [1, 2]]
    assert [group.places.offset.tolist() for group in repeated] == [[6], [3]]
    again, repeated = new_predictions([predictions([(9, "a"), (10, "d")])], recent)
    assert [group.event_id for group in again] == [["d"]]
    assert [group.event_id for group in repeated] == [["a"]]


def test_ids_are_known_for_one_to_two_generations_and_across_a_restart() -> None:
    recent = Recent(Marks(0, 0, -1))
    first = predictions([(0, "first")])
    many = predictions([(n, str(n)) for n in range(1, GENERATION_EVENTS + 1)])
    for group in (first, many):
        recent.add(group)
    recent.end_block(GENERATION_EVENTS + 1, 1_000, 1_000)
    assert recent.knows_any("m", {"first"})
    last = predictions([(GENERATION_EVENTS + 1, "last")])
    recent.add(last)
    stored = [("m", group.event_id, group.served()) for group in (first, many, last)]
    again = Recent.restore(recent.marks, stored)
    for each in (recent, again):
        assert each.knows_any("m", {"first"})
        each.end_block(GENERATION_EVENTS + 2, 1_000, 1_000 + GENERATION_MS)
        assert not each.knows_any("m", {"first", "7"})
        assert each.knows_any("m", {"last"})
    assert again.marks == recent.marks
    assert len(again) == len(recent) == 1


def test_an_outcome_sent_twice_counts_once_and_a_correction_is_none() -> None:
    recent = RecentOutcomes()
    new, repeated = new_outcomes([outcomes([(1, "e", "a")])], recent)
    assert (sum(map(len, new)), sum(map(len, repeated))) == (1, 0)
    recent = RecentOutcomes.restore(recent.snapshot())
    same, correction, retraction = (
        outcomes([(1, "e", "a")]),
        outcomes([(1, "e", "a")], "no"),
        outcomes([(1, "e", "a")], None),
    )
    new, repeated = new_outcomes([same, correction, retraction], recent)
    assert [group.label for group in new] == [["no"], [None]]
    assert [group.label for group in repeated] == [["ok"]]


def test_the_latest_predictions_are_found_in_both_generations() -> None:
    recent = Recent(Marks(0, 0, -1))
    recent.add(predictions([(0, "old")]))
    recent.end_block(1, 0, GENERATION_MS)
    recent.add(predictions([(1, "new")]))
    codes = recent.find("m", ["new", "never", "old"])
    assert (codes >= 0).tolist() == [True, False, True]
    assert np.unique(codes).size == 3


def test_an_event_is_found_by_its_place_and_time_in_whichever_generation() -> None:
    recent = Recent(Marks(0, 0, -1))
    recent.add(predictions([(3, "a"), (3, "b"), (4, "c")]))  # their times are 0, 1 and 2
    recent.end_block(5, 0, GENERATION_MS)
    recent.add(predictions([(5, "d"), (7, "e")]))
    found = [recent.event_at("m", *place) for place in [(3, 1), (4, 2), (7, 1), (7, 5), (6, 0)]]
    assert found == ["b", "c", "e", "", ""]
    assert recent.event_at("another", 3, 1) == ""


def test_the_prediction_of_an_outcome_is_found_by_its_time_before_that_outcome() -> None:
    recent = Recent(Marks(0, 0, -1))
    recent.add(predictions([(3, "a"), (4, "b")]))  # their times are 0 and 1
    recent.end_block(5, 0, GENERATION_MS)
    recent.add(predictions([(5, "c"), (7, "d")]))
    asked = [("1", 9, 0), ("1", 9, 1), ("1", 3, 1), ("2", 9, 0), ("1", 9, 2)]
    assert [recent.event_before("m", *each) for each in asked] == ["a", "b", "", "", ""]
