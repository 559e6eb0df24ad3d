"""Silences as a person asks for them."""

import re
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, get_args

from driftline import store
from driftline.user import user
from driftline_schemas import log_writer
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.events.drift import Kind
from driftline_schemas.events.silence import Silence
from driftline_schemas.settings import Settings

_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_KNOWN = """
SELECT silence_id, model, kinds, segments, by, comment, toUnixTimestamp64Milli(from_at) AS from_ms,
       toUnixTimestamp64Milli(until_at) AS until_ms, toUnixTimestamp64Milli(at) AS timestamp_ms
FROM silences WHERE startsWith(silence_id, {silence_id:String}) LIMIT 2
"""


class Asked(NamedTuple):
    """The words of the command line.

    Attributes:
        model: Name of the model, or `*`.
        kinds: Kinds of alerts; all when empty.
        segments: As tag=value; all when empty.
        lasting: For how long, as `2h`.
        begin: Since when, in ISO 8601; now when empty.
        end: Until when, likewise.
    """

    model: str
    kinds: Sequence[str]
    segments: Sequence[str]
    lasting: str
    begin: str
    end: str


def silenced(settings: Settings, asked: Asked, *, by: str, comment: str) -> Silence:
    """Record a silence.

    Raises:
        ConfigurationError: What is asked for makes no sense.
        Unavailable: Kafka does not answer.
    """
    now_ms = int(time.time() * 1000)
    from_ms = _moment(asked.begin, "--from") if asked.begin else now_ms
    silence = Silence(
        silence_id=uuid.uuid4().hex,
        model=_model(asked.model),
        kinds=[_kind(text) for text in asked.kinds],
        segments=[_segment(text) for text in asked.segments],
        from_ms=from_ms,
        until_ms=_until(asked, from_ms, now_ms),
        by=by or user(),
        comment=comment,
        timestamp_ms=now_ms,
    )
    log_writer.append(settings, settings.topics.incidents, silence.model, silence)
    return silence


def lifted(settings: Settings, silence_id: str, *, by: str, comment: str) -> Silence:
    """End a silence, or drop one that lies ahead.

    Raises:
        ConfigurationError: There is no such silence, or it has ended.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    rows = store.rows(settings.clickhouse, _KNOWN, {"silence_id": silence_id})
    if len(rows) != 1:
        raise ConfigurationError(
            f"{silence_id!r} names {len(rows)} silences; `driftline incidents silences` lists them"
        )
    now_ms = int(time.time() * 1000)
    known = Silence.model_validate(rows[0])
    if known.until_ms <= now_ms:
        raise ConfigurationError(f"silence {known.silence_id} has ended already")
    said = {"until_ms": now_ms, "timestamp_ms": now_ms, "by": by or user(), "comment": comment or known.comment}
    ended = Silence.model_validate(known.model_dump() | said | {"from_ms": min(known.from_ms, now_ms)})
    log_writer.append(settings, settings.topics.incidents, ended.model, ended)
    return ended


def _model(text: str) -> str:
    if not text:
        raise ConfigurationError("name the model that is to be silenced, or '*' for all of them")
    return text


def _kind(text: str) -> Kind:
    for kind in get_args(Kind):
        if text == kind:
            known: Kind = kind
            return known
    raise ConfigurationError(f"--kind {text!r} is not valid; valid are {', '.join(get_args(Kind))}")


def _segment(text: str) -> str:
    tag, is_pair, _ = text.partition("=")
    if not tag or not is_pair:
        raise ConfigurationError(f"--segment {text!r} is not valid; expected TAG=VALUE, as country=DE")
    return text


def _until(asked: Asked, from_ms: int, now_ms: int) -> int:
    if bool(asked.lasting) == bool(asked.end):
        raise ConfigurationError("say how long with --for (as 2h), or until when with --until (as 2026-02-01T04:00)")
    until_ms = _moment(asked.end, "--until") if asked.end else from_ms + _span_ms(asked.lasting)
    if until_ms <= max(from_ms, now_ms):
        raise ConfigurationError("the silence would end before it begins, or has ended already")
    return until_ms


def _span_ms(text: str) -> int:
    """A time span in milliseconds.

    >>> _span_ms("2h")
    7200000
    """
    found = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if not found:
        raise ConfigurationError(f"--for {text!r} is not valid; expected a number and m, h or d, as 30m, 2h or 7d")
    return int(found[1]) * _UNITS_MS[found[2]]


def _moment(text: str, option: str) -> int:
    """A moment in epoch milliseconds; one without an offset is UTC.

    >>> _moment("1970-01-01T00:01", "--from")
    60000
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text!r} is not valid; expected a time as 2026-01-31T22:00 (UTC)") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
