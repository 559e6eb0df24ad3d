"""What asks for a retrain beside drifts and people, as a model's specification wants; one reason per file."""

import hashlib
from collections.abc import Callable, Iterator

from driftline_retrain_service.context import Round
from driftline_retrain_service.specifications import Specified, specified
from driftline_retrain_service.triggers import new_rows, schedule
from driftline_schemas.events.position import LogPosition
from driftline_schemas.events.retrain_request import RetrainRequest

Trigger = Callable[[Specified, Round], int | None]
"""Since when, in the log's time or offsets, what it waits for has come; None while it has not."""

_TRIGGERS: dict[str, Trigger] = {"schedule": schedule.due_since, "new-rows": new_rows.due_since}


def due_requests(now: Round) -> Iterator[RetrainRequest]:
    """The retrains that are due, of models that have none in flight. The same log gives the same ids."""
    for model in specified(now.client):
        if model.partition not in now.live.frontiers or now.runs.in_flight(model.name):
            continue
        for reason, trigger in _TRIGGERS.items():
            since = trigger(model, now)
            if since is not None:
                yield _request(model, reason, since, now)
                break


def _request(model: Specified, reason: str, since: int, now: Round) -> RetrainRequest:
    stored = now.live.frontiers[model.partition]
    return RetrainRequest(
        retrain_id=hashlib.sha256(f"{reason}:{model.name}:{since}".encode()).hexdigest()[:32],
        model=model.name,
        reason=reason,
        requested=LogPosition(partition=model.partition, offset=stored.offset, timestamp_ms=stored.logged_at_ms),
    )
