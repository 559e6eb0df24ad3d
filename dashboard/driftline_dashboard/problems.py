"""Requests that are refused: what was wrong, what is valid, and the remedy."""

from collections.abc import Sequence

MEDIA_TYPE = "application/problem+json"
VALUE_CHARACTERS = 100


class Problem(Exception):
    """A request that is refused.

    Attributes:
        status: HTTP status.
        title: What kind of refusal it is, in a few words.
        detail: What was wrong and what to do about it.
        valid: Values that would do; empty where they cannot be listed.
    """

    def __init__(self, status: int, title: str, detail: str, valid: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.valid = status, title, detail, tuple(valid)


def bad_value(name: str, value: object, expected: str, valid: Sequence[str] = ()) -> Problem:
    """A parameter that cannot be used.

    >>> bad_value("from", "yesterday", "a time, or a length such as 24h").detail
    "from: 'yesterday' is not valid; expected a time, or a length such as 24h"
    """
    shown = repr(value)[:VALUE_CHARACTERS]
    return Problem(422, "Bad value", f"{name}: {shown} is not valid; expected {expected}", valid)


def not_found(what: str, name: str, remedy: str) -> Problem:
    """Something that does not exist."""
    return Problem(404, "Not found", f"there is no {what} {name[:VALUE_CHARACTERS]!r}; {remedy}")
