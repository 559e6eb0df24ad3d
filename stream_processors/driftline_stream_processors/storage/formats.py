"""Snapshots of earlier formats, brought to the form of today."""

from typing import Any

import numpy as np

from driftline_schemas import Outcome
from driftline_stream_processors.scalars import as_number, as_text
from driftline_stream_processors.storage.snapshot import Snapshot


def migrated(snapshot: Snapshot) -> dict[str, Any]:
    """The document of a partition's state as today's version writes it; monitors bring themselves up to date."""
    document: dict[str, Any] = snapshot.document
    if snapshot.format == 1:
        document = _from_1(document)
    if snapshot.format <= 2:
        document = _from_2(document)
    return _from_3(document) if snapshot.format <= 3 else document


def _from_1(document: dict[str, Any]) -> dict[str, Any]:
    """Format 1 knew no duplicates, and of forwarded records only the highest offset of each origin."""
    nothing = np.array([], np.int64).tobytes()
    next_offset = document["next_offset"]
    return document | {
        "recent": [next_offset, next_offset, -1],
        "recent_outcomes": [b"", b"", -1],
        "orphans": [_orphan(Outcome.model_validate(outcome), at) for outcome, at in document["orphans"]],
        "forwarded": [[partition, offset + 1, nothing] for partition, offset in document["forwarded"]],
        "replayed": [],
    }


def _from_2(document: dict[str, Any]) -> dict[str, Any]:
    """Format 2 knew no specifications, no traffic and no faults."""
    return document | {"monitors": {"specs": [], "models": document["monitors"]}, "traffic": [], "faults": []}


def _from_3(document: dict[str, Any]) -> dict[str, Any]:
    """Format 3 counted the traffic of whole models only; the segments of one are known again with its predictions."""
    return document | {"traffic": [[model, _traffic(whole)] for model, whole in document["traffic"]]}


def _traffic(whole: dict[str, Any]) -> dict[str, Any]:
    """What was told had no direction, and may have had no end of a silence."""
    told = [[detector, "down"] for detector in whole["told"]]
    return {
        "whole": {"begin": 0, "resumed": 0, "end": None, **whole, "told": told},
        "tags": [],
        "segments": [],
        "versions": {"predictions": 0, "versions": []},
        "judged": whole["judged"] or 0,
    }


def _orphan(outcome: Outcome, at: list[int]) -> list[Any]:
    _, offset, row, logged_at_ms = at
    label = None if outcome.label is None else as_text(outcome.label)
    judged = [outcome.event_id, label, as_number(outcome.label), outcome.timestamp_ms, outcome.source]
    return [outcome.model, [[*judged, offset, row, logged_at_ms]]]
