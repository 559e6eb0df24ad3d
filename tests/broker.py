"""A broker that a test stops and starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftline.stack.parts import KAFKA
from driftline.stack.stack import Stack


class Broker:
    """A broker that runs when a test says so; its address is known before."""

    def __init__(self, folder: Path) -> None:
        self._stack = Stack(folder, parts=[KAFKA])
        self._stack.folder.create()
        self.address = f"127.0.0.1:{self._stack.folder.drawn_ports().kafka}"

    @contextmanager
    def running(self) -> Iterator[None]:
        self._stack.up()
        try:
            yield
        finally:
            self._stack.down()
