"""The join: what is compared with what, and when."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from driftline_stream_processors.columns import Judged, Outcomes, Predictions
from driftline_stream_processors.memory.orphans import MAX_ORPHANS, Orphans
from driftline_stream_processors.memory.recent import Marks, Recent
from driftline_stream_processors.steps.join import join
from tests.stream_processors.made import nothing_stored, outcomes, predictions


def _join(new: Sequence[Predictions], told: Sequence[Outcomes], orphans: Orphans | None = None) -> list[Judged]:
    recent = Recent(Marks(0, 0, -1))
    for group in new:
        recent.add(group)
    waiting = Orphans(0) if orphans is None else orphans
    return asyncio.run(join(new, told, recent, waiting, nothing_stored))


def test_an_outcome_never_sees_a_later_prediction() -> None:
    first, second = _join([predictions([(9, "e")])], [outcomes([(5, "e", "")])])
    assert (first.joined.tolist(), first.position.tolist()) == ([False], [5])
    assert (second.joined.tolist(), second.position.tolist()) == ([True], [9])
    assert second.outcomes.places.offset.tolist() == [5]


def test_a_correction_that_waits_replaces_what_it_corrects_and_other_sources_stay() -> None:
    orphans = Orphans(0)
    _join([], [outcomes([(1, "e", "a"), (2, "e", "b"), (3, "e", "a")])], orphans)
    (released,) = _join([predictions([(9, "e")])], [], Orphans.restore(orphans.snapshot(), 0))
    assert sorted(zip(released.outcomes.source, released.outcomes.places.offset.tolist(), strict=True)) == [
        ("a", 3),
        ("b", 2),
    ]


def test_orphans_are_bounded_and_the_oldest_goes() -> None:
    orphans = Orphans(0)
    orphans.add(outcomes([(number, str(number), "") for number in range(MAX_ORPHANS + 1)]))
    assert len(orphans) == MAX_ORPHANS + 1, "the log cuts, not the chunk"
    orphans.end_block()
    assert len(orphans) == MAX_ORPHANS
    assert orphans.waited_for("m", ["0", "1"]) == [1]


@pytest.mark.parametrize(
    ("prediction", "label", "error", "residual"),
    [
        (("ok", np.nan), ("ok", np.nan), 0.0, None),
        (("ok", np.nan), ("fraud", np.nan), 1.0, None),
        (("3.5", 3.5), ("3", 3.0), 0.5, 0.5),
        (("2", 2.0), ("3", 3.0), 1.0, -1.0),
        (("3", np.nan), ("3", 3.0), 0.0, None),
        (("ok", np.nan), (None, np.nan), None, None),
    ],
)
def test_errors(prediction: Any, label: Any, error: float | None, residual: float | None) -> None:
    (judged,) = _join([predictions([(0, "e")], *prediction)], [outcomes([(1, "e", "")], *label)])
    found = [float(judged.error[0]), float(judged.residual[0])]
    assert [None if np.isnan(value) else value for value in found] == [error, residual]


def test_an_outcome_without_prediction_has_no_error() -> None:
    (judged,) = _join([], [outcomes([(0, "e", "")])])
    assert np.isnan(judged.error).all()
