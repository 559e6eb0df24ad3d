"""Times as people and their tools write them."""

from datetime import UTC, date, datetime, time

from driftline_schemas.errors import InvalidRecord

_MAX_SECONDS = 1e11
_PER_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)


def epoch_ms(value: object) -> int:
    """Epoch milliseconds.

    Args:
        value: A number since the epoch (below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds, above
            that nanoseconds), ISO 8601 text, a datetime or a date; without a zone it is UTC.

    >>> epoch_ms(1763870000), epoch_ms(1763870000123.0), epoch_ms("2025-11-23T03:53:20Z")
    (1763870000000, 1763870000123, 1763870000000)

    Raises:
        InvalidRecord: It is no time.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        for per_second in _PER_SECOND:
            if abs(value) < _MAX_SECONDS * per_second:
                return round(value * 1_000 / per_second)
    moment = _moment(value)
    if moment is None:
        raise InvalidRecord("bad-row", f"{str(value)[:80]!r} is no time: expected epoch numbers or ISO 8601")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000)


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
