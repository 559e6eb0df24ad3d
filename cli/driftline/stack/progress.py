"""What `Stack.up` reports while it works."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Downloading:
    """Part of a file has arrived; reported from several threads."""

    file: str
    received_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Starting:
    """A step begins."""

    step: str


@dataclass(frozen=True)
class Started:
    """A step is done."""

    step: str
    seconds: float


Event: TypeAlias = Downloading | Starting | Started
Progress: TypeAlias = Callable[[Event], None]


def ignore(_: Event) -> None:
    """Report to nobody."""
