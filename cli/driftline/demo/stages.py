"""How long each stage of the demo takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Stages:
    """Announces stages and measures them.

    Attributes:
        seconds: Duration of each finished stage, in the order in which they began.
    """

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console

    @contextmanager
    def __call__(self, name: str, announcement: str) -> Iterator[None]:
        """Measure the block as the stage `name`."""
        self._console.print(f"[bold cyan]>[/] {announcement}", highlight=False, soft_wrap=True)
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - start
