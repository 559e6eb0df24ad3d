"""How variables of the environment are read: what each may be, and what is said of one that is wrong."""

import shlex
from collections.abc import Callable, Mapping
from typing import TypeVar

from driftline_schemas.errors import ConfigurationError

T = TypeVar("T")
Number = TypeVar("Number", int, float)


class Reader:
    """Reads one variable after the other and names the one that is wrong."""

    def __init__(self, environment: Mapping[str, str], defaults: Mapping[str, str]) -> None:
        self._environment = environment
        self._defaults = defaults

    def __call__(self, name: str, parse: Callable[[str], T], valid: str, *, secret: bool = False) -> T:
        """The value of a variable, or its default.

        Raises:
            ConfigurationError: It is not valid.
        """
        text = self._environment.get(name) or self._defaults[name]
        try:
            return parse(text)
        except ValueError as error:
            shown = "the value (not shown)" if secret else repr(text)
            raise ConfigurationError(f"{name}: {shown} is not valid; expected {valid}") from error


def addresses(text: str) -> str:
    """One `host:port` or several, separated by commas; as they are."""
    for address in text.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not 0 < int(port) < 65_536:
            raise ValueError(address)
    return text


def workers(text: str) -> tuple[str, ...]:
    """The same, each by itself; none when empty."""
    return tuple(each.strip() for each in addresses(text).split(",")) if text else ()


def command(text: str) -> tuple[str, ...]:
    """A command and its arguments."""
    return tuple(shlex.split(text))


def registry(text: str) -> str:
    """A folder, or the address of an MLflow server."""
    if "://" in text and not text.startswith(("mlflow+http://", "mlflow+https://")):
        raise ValueError(text)
    return text


def secret(text: str) -> str:
    """Something that is long enough to be one, or nothing."""
    if 0 < len(text) < 16:
        raise ValueError(text)
    return text


def prefix(text: str) -> str:
    """What topics begin with."""
    if not text.replace(".", "").replace("_", "").replace("-", "").isalnum() or not text.isascii() or len(text) > 100:
        raise ValueError(text)
    return text


def between(low: Number, high: Number) -> Callable[[str], Number]:
    """What reads a number of this range, of the type of its bounds."""

    def parse(text: str) -> Number:
        if not low <= (value := type(low)(text)) <= high:
            raise ValueError(text)
        return value

    return parse
