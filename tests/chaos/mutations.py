"""Records of every type, and what a stranger's bytes may be instead; the same for the same seed."""

import json
import math
import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

DEEP = "@deep@"
"""Stands where arrays nested deeper than Python's own JSON writes are put into the bytes."""

Value = Callable[[], Any]

VALUES: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**25, 10**400, 253_402_300_799_999),
    *(0.0, -0.0, 1.5, 1e16, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf),
    *("", "a", "1", "true", "NaN", "x" * 256, "x" * 257, "é" * 256, "\x00", "\ud800", "\U0001f600", "\u2028", DEEP),
    *(
        [],
        {},
        [None],
        [[]],
        [1, "a", True],
        ["a", "b"],
        ["a", "b", "c"],
        [1, 2],
        [None, 2.5],
        [True, 1],
        [0.5, math.inf],
    ),
    *(
        [1e308, 1e308],
        [10**400, 1],
        [1, 2, 3],
        ["a", None],
        {"a": 1},
        {"": 1},
        {"a": {"b": 1}},
        {"a": [1, 2]},
        {"b": "x"},
    ),
)
NAMES = ("a", "amount", "", "model", "x" * 257, "\ud800", "driftline", "é", "\x00")
TYPES = (None, "prediction", "prediction-batch", "outcome", "outcome-batch", "model-promoted", "emitter-report", "tick")
ODD_TYPES = ("", "gossip", "PREDICTION", "x" * 300, "\x00")


def mutated(chance: random.Random, examples: Sequence[tuple[str, dict[str, Any]]]) -> tuple[str | None, bytes]:
    """The type in the header and the bytes of one record; about a third of them are valid."""
    kind, example = chance.choice(examples)
    document = json.loads(json.dumps(example))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        _change(chance, document)
    value = json.dumps(document, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    if (deep := f'"{DEEP}"'.encode()) in value:
        value = value.replace(deep, b"[" * 2000 + b"]" * chance.choice((1999, 2000)))
    if chance.random() < 0.2:
        value = chance.choice(_SPOIL)(chance, value)
    header: str | None = None if kind == "prediction" and chance.random() < 0.5 else kind
    if chance.random() < 0.05:
        header = chance.choice((*TYPES, *ODD_TYPES))
    return header, value


def _change(chance: random.Random, document: dict[str, Any]) -> None:
    """Replace, remove or add something somewhere in a document."""
    inside: Any = document
    while children := [child for child in _children(inside) if isinstance(child, (dict, list)) and child]:
        if chance.random() < 0.5:
            break
        inside = chance.choice(children)
    if isinstance(inside, list):
        where: Any = chance.randrange(len(inside))
    else:
        where = chance.choice(list(inside)) if inside and chance.random() < 0.8 else chance.choice(NAMES)
    if chance.random() < 0.2 and (isinstance(inside, list) or where in inside):
        del inside[where]
    elif isinstance(inside, list) and chance.random() < 0.2:
        inside.insert(where, deepcopy(chance.choice(VALUES)))
    else:
        inside[where] = deepcopy(chance.choice(VALUES))


def _children(inside: Any) -> list[Any]:
    return list(inside.values()) if isinstance(inside, dict) else list(inside)


def _flip(chance: random.Random, value: bytes) -> bytes:
    where = chance.randrange(len(value) + 1)
    return value[:where] + bytes([chance.randrange(256)]) + value[where + 1 :]


def _cut(chance: random.Random, value: bytes) -> bytes:
    return value[: chance.randrange(len(value) + 1)]


def _repeat(chance: random.Random, value: bytes) -> bytes:
    start = chance.randrange(len(value) + 1)
    return value[:start] + value[start : start + chance.randrange(40)] + value[start:]


def _double_key(chance: random.Random, value: bytes) -> bytes:
    """Write a key twice; the last one counts."""
    key = chance.choice((b"model", b"event_id", b"features", b"prediction", b"amount", b"timestamp_ms"))
    extra = json.dumps(chance.choice(VALUES)).encode()
    return value.replace(b'"' + key + b'": ', b'"' + key + b'": ' + extra + b', "' + key + b'": ', 1)


def _noise(chance: random.Random, _: bytes) -> bytes:
    return chance.randbytes(chance.randrange(60))


_SPOIL: Sequence[Callable[[random.Random, bytes], bytes]] = (_flip, _cut, _repeat, _double_key, _noise)
