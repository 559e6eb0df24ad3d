"""A dead letter for people's eyes."""

import json
from collections.abc import Iterator

from driftline.dead_letters.catalogue import NOT_REPLAYED, DeadLetter
from driftline.dead_letters.letters import Letter
from driftline.output import cell, printable

_HEX_WIDTH = 16


def lines(found: DeadLetter, letter: Letter) -> Iterator[str]:
    """Place, reason, error, what became of it, key, headers, and the bytes."""
    yield f"place     {found.place}, appended {cell(found.logged_at)} UTC"
    yield f"reason    {printable(found.reason)}"
    yield f"error     {printable(found.error)}"
    if found.became != NOT_REPLAYED:
        yield f"replayed  {became(found)}"
    yield f"key       {_text(letter.key)}"
    for name, value in letter.headers:
        yield f"header    {printable(name)}: {_text(value)}"
    if letter.cut:
        yield f"cut       the record is too long for this topic ({printable(letter.cut)}); this is its beginning"
    yield f"value     {found.size_bytes:,} bytes"
    yield from _value(letter.value or b"")


def became(found: DeadLetter) -> str:
    """What became of a replayed dead letter, in a few words."""
    if found.became == NOT_REPLAYED:
        return "is in the log and not stored yet: does a worker run? See `driftline status`"
    reason = f" ({found.again_reason})" if found.again_reason else ""
    return printable(f"as {found.replayed_at}: {found.became}{reason}")


def _text(value: bytes | None) -> str:
    return "none" if value is None else printable(value.decode("utf-8", "backslashreplace"))


def _value(value: bytes) -> Iterator[str]:
    """JSON indented, anything else in hexadecimal beside its ASCII characters."""
    try:
        yield printable(json.dumps(json.loads(value), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        for start in range(0, len(value), _HEX_WIDTH):
            part = value[start : start + _HEX_WIDTH]
            ascii_part = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
            yield f"{start:08x}  {part.hex(' '):{3 * _HEX_WIDTH}} {ascii_part}"
