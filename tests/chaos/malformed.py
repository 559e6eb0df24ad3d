"""Ways in which bytes fail to be a record; each makes one from a good record of predictions."""

from collections.abc import Callable, Sequence

from driftline_schemas.codec import MAX_RECORD_BYTES

Spoil = Callable[[str | None, bytes], tuple[str | None, bytes | None]]


def _replaced(old: bytes, new: bytes) -> Spoil:
    return lambda record_type, value: (record_type, value.replace(old, new, 1))


MALFORMED: Sequence[Spoil] = (
    lambda record_type, value: (record_type, value[: len(value) // 2]),
    lambda record_type, value: (record_type, b"\xff\xfe" + value),
    lambda record_type, _: (record_type, b""),
    lambda record_type, _: (record_type, None),
    lambda record_type, _: (record_type, b"{}"),
    lambda record_type, _: (record_type, b"[1, 2]"),
    lambda record_type, _: (record_type, b"[" * 5_000),
    lambda record_type, _: (record_type, b'{"a":"' + b"x" * MAX_RECORD_BYTES + b'"}'),
    lambda _, value: ("gossip", value),
    lambda _, value: ("", value),
    lambda _, value: ("outcome", value),
    lambda _, value: ("outcome-batch", value),
    _replaced(b'"model"', b'"modell"'),
    _replaced(b'"event_id"', b'"event"'),
    _replaced(b'"timestamp_ms": ', b'"timestamp_ms": "soon", "was": '),
    _replaced(b'"timestamp_ms": ', b'"timestamp_ms": -1, "was": '),
    _replaced(b'"features": {', b'"features": {"deep": {"a": 1}, '),
    _replaced(b'"features": {', b'"features": {"y": NaN, '),
    _replaced(b'"features": {', b'"features": {"y": 1e999, '),
    _replaced(b'"features": {', b'"features": {"": 1, '),
    _replaced(b'"features": {', b'"features": {"y": "\\ud800", '),
    _replaced(b'"features": {', b'"features": {"short": [1], "long": [1, 2, 3], '),
)
