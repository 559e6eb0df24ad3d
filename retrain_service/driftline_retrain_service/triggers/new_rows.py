"""A retrain begins when many labelled rows have come since the last one."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.specifications import Specified


def due_since(model: Specified, now: Round) -> int | None:
    """Where the last retrain was asked for, or the specification lies, if so many labelled rows lie behind it."""
    wanted = model.policy.new_rows
    if wanted is None:
        return None
    offset = max((past.requested_offset for past in now.runs.past(model.name)), default=model.offset)
    return offset if now.live.count(model.name, model.partition, offset) >= wanted else None
