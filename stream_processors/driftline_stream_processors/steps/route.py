"""Second step: a model's records must lie in one partition; what lies elsewhere is forwarded there, once.

Producers that hash keys otherwise (librdkafka by default), or send no key, put records anywhere. The owner of the
wrong partition appends them to the right one, with their origin in a header. A replay forwards again; the receiver
remembers what it took from where, and drops what it has seen. The same holds for dead letters that are replayed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from driftline_schemas.events.base import Record
from driftline_schemas.partitioner import partition_for
from driftline_stream_processors.columns import Outcomes, Predictions
from driftline_stream_processors.incoming import ORIGIN, Incoming

MAX_PARTITION = 65_535
"""The highest number of a partition that the tables hold."""

_PLACE = re.compile(r"([0-9]{1,5}):([0-9]{1,18})")
"""A partition and an offset, both short enough to be one: strangers write headers too."""

T = TypeVar("T", Predictions, Outcomes)

target_partition: Callable[[str, int], int] = lru_cache(maxsize=20_000)(partition_for)
"""The partition that a model belongs to."""


class Place(NamedTuple):
    """Where a record was before."""

    partition: int
    offset: int


class Away(NamedTuple):
    """A record that lies in a foreign partition, and where it belongs."""

    incoming: Incoming
    partition: int


def place(incoming: Incoming, name: str) -> Place | None:
    """The place that a header names; None without such a header, or where no record can be."""
    named = _PLACE.fullmatch(incoming.header(name) or "")
    found = Place(*map(int, named.groups())) if named else None
    return found if found and found.partition <= MAX_PARTITION else None


def route(groups: Sequence[T], came: Mapping[int, Incoming], here: int, partitions: int) -> tuple[list[T], list[Away]]:
    """Tell what belongs here, or was forwarded here, from the records to forward."""
    kept: list[T] = []
    away: list[Away] = []
    for group in groups:
        target = target_partition(group.model, partitions)
        if target == here:
            kept.append(group)
            continue
        offsets = group.places.offset
        foreign = [offset for offset in np.unique(offsets).tolist() if place(came[offset], ORIGIN) is None]
        away += (Away(came[offset], target) for offset in foreign)
        rows = np.flatnonzero(~np.isin(offsets, foreign))
        if len(rows):
            kept.append(group.take(rows))
    return kept, away


def route_controls(
    controls: Sequence[tuple[Incoming, Record]], here: int, partitions: int
) -> tuple[list[tuple[Incoming, Record]], list[Away]]:
    """The same for control records; one of no model belongs where it is."""
    kept: list[tuple[Incoming, Record]] = []
    away: list[Away] = []
    for incoming, control in controls:
        model: str | None = getattr(control, "model", None)
        target = here if model is None else target_partition(model, partitions)
        if target == here or place(incoming, ORIGIN) is not None:
            kept.append((incoming, control))
        else:
            away.append(Away(incoming, target))
    return kept, away
