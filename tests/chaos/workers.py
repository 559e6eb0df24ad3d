"""The workers of a run, and what they say about themselves."""

import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from driftline.stack.health import http_answers
from driftline.stack.ports import draw_port
from tests.chaos.processes import Process
from tests.stream_processors.harness import START, Installation

_BEGINS = re.compile(r"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3})\].*\[(\d+)\] begins at offset (\d+)", re.MULTILINE)


def new_worker(installation: Installation, pipeline: str, name: str) -> Process:
    """A worker with a port of its own, which also names it in its group."""
    port = draw_port()
    return Process(
        name=name,
        command=[sys.executable, "-c", START],
        environment=installation.environment(pipeline, port),
        healthy=lambda: http_answers(f"http://127.0.0.1:{port}/healthz"),
        log=installation.folder / f"{name.replace(' ', '-')}.log",
    )


@dataclass
class Watch:
    """Asks the workers once a second how far they are.

    Attributes:
        seen: Time, partition and next offset of each answer.
    """

    workers: Sequence[Process]
    seen: list[tuple[float, int, int]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch in a thread until the end of the block."""
        thread = threading.Thread(target=self._run, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(30)

    def replayed(self) -> int:
        """Records that were read at least twice: how far each partition was, less where its next owner began."""
        total = 0
        for log in {worker.log for worker in self.workers}:
            for at, partition, offset in _beginnings(log):
                before = (n for t, p, n in self.seen if p == partition and t < at)
                total += max(0, max(before, default=0) - offset)
        return total

    def _run(self) -> None:
        while not self._ended.wait(1):
            for worker in self.workers:
                if worker.running and not worker.disturbed:
                    self._note(worker)

    def _note(self, worker: Process) -> None:
        now = time.time()
        for partition, at in (health(worker) or {}).get("partitions", {}).items():
            self.seen.append((now, int(partition), int(at["next_offset"])))


def health(worker: Process) -> dict[str, Any] | None:
    """What `/healthz` says; None while it does not answer."""
    port = worker.environment["DRIFTLINE_WORKER_PORT"]
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            document: dict[str, Any] = json.load(answer)
            return document
    except HTTPError as error:
        with error:
            degraded: dict[str, Any] = json.load(error)
            return degraded
    except (OSError, ValueError):
        return None


def _beginnings(log: Path) -> Iterator[tuple[float, int, int]]:
    for second, milliseconds, partition, offset in _BEGINS.findall(log.read_text("utf-8", "replace")):
        yield datetime.fromisoformat(f"{second}.{milliseconds}").timestamp(), int(partition), int(offset)


def reached(installation: Installation, pipeline: str, goal: Mapping[int, int]) -> bool:
    """Whether everything before these offsets is stored, by the snapshots of a pipeline."""
    stored = installation.stored_offset(pipeline)
    return all(stored.get(partition, 0) >= offset for partition, offset in goal.items())


@contextmanager
def ended(workers: Sequence[Process]) -> Iterator[None]:
    """Kill what still runs at the end."""
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
