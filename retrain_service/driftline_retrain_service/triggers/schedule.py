"""A retrain begins when the last one is long ago."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.specifications import Specified

_HOUR_MS = 3600 * 1000


def due_since(model: Specified, now: Round) -> int | None:
    """When the last retrain was asked for, or the specification written, if that is so long ago."""
    hours = model.policy.schedule_hours
    last_ms = max((past.requested_ms for past in now.runs.past(model.name)), default=model.logged_at_ms)
    if hours is None or now.live.frontiers[model.partition].logged_at_ms - last_ms < hours * _HOUR_MS:
        return None
    return last_ms
