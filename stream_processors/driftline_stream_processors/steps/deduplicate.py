"""Third step: what came before is counted, and goes no further."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from driftline_stream_processors.columns import Outcomes, Predictions
from driftline_stream_processors.memory.recent import Recent
from driftline_stream_processors.memory.recent_outcomes import RecentOutcomes, digests

T = TypeVar("T", Predictions, Outcomes)


def new_predictions(groups: Sequence[Predictions], recent: Recent) -> tuple[list[Predictions], list[Predictions]]:
    """Tell predictions that are new from those whose model and event id came before; remember the new ones."""
    members: dict[str, list[Predictions]] = {}
    for group in groups:
        members.setdefault(group.model, []).append(group)
    new: list[Predictions] = []
    repeated: list[Predictions] = []
    for model, of_model in members.items():
        event_ids = set().union(*(group.event_id for group in of_model))
        if len(event_ids) < sum(map(len, of_model)) or recent.knows_any(model, event_ids):
            known: set[object] = {id_ for group in of_model for id_ in _known(group, recent)}
            of_model, others = _firsts(of_model, [group.event_id for group in of_model], known)
            repeated += others
        for group in of_model:
            recent.add(group)
        new += of_model
    return new, repeated


def _known(group: Predictions, recent: Recent) -> Iterable[str]:
    codes = recent.find(group.model, group.event_id).tolist()
    return (event_id for event_id, code in zip(group.event_id, codes, strict=True) if code >= 0)


def new_outcomes(groups: Sequence[Outcomes], recent: RecentOutcomes) -> tuple[list[Outcomes], list[Outcomes]]:
    """Tell outcomes that are new from those that say again what one before said; remember the new ones."""
    keys = [digests(group) for group in groups]
    found: set[int] = set().union(*keys)
    if len(found) == sum(map(len, keys)) and not recent.knows_any(found):
        recent.add(found)
        return list(groups), []
    known: set[object] = {key for key in found if recent.knows(key)}
    recent.add(found)
    return _firsts(groups, keys, known)


def _firsts(groups: Sequence[T], keys: Sequence[Sequence[object]], known: set[object]) -> tuple[list[T], list[T]]:
    """The first row of each key that is not known, in log order over all groups, and all other rows."""
    seen = set(known)
    new = [np.zeros(len(group), np.bool_) for group in groups]
    places = (
        (offset, row, number, index)
        for number, group in enumerate(groups)
        for index, (offset, row) in enumerate(zip(group.places.offset.tolist(), group.places.row.tolist(), strict=True))
    )
    for _, _, number, index in sorted(places):
        key = keys[number][index]
        new[number][index] = key not in seen
        seen.add(key)
    pairs = list(zip(groups, new, strict=True))
    return (
        [group.take(np.flatnonzero(mask)) for group, mask in pairs if mask.any()],
        [group.take(np.flatnonzero(~mask)) for group, mask in pairs if not mask.all()],
    )
