"""The service as a process that is killed again and again, while the world turns and retrains are asked for."""

import random
import subprocess
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path

from kafka import KafkaProducer

from driftline_retrain_service.runs.progress import Progress
from driftline_schemas.codec import encode
from tests.retrain_service.process import environment, running, wait_until
from tests.retrain_service.stored import PARTITION, request
from tests.retrain_service.world import World

PHASE_CHUNKS = 4
CHUNK_ROWS = 100
MOST_WRITES = 8
PATIENCE_SECONDS = 10.0
"""A service that writes nothing for so long has nothing to do; it is killed all the same."""
END_SECONDS = 300.0


class Killed:
    """A world that turns every few hundred rows, and the service that follows it from kill to kill."""

    def __init__(self, world: World, folder: Path, seed: int) -> None:
        self._world = world
        self._folder = folder
        self._random = random.Random(seed)
        self._chunks = 0
        self.requested: list[str] = []
        """Ids of the retrains that were asked for."""

    def kill(self) -> None:
        """Start the service, let something happen, and kill it after a random number of writes."""
        with self._running() as service:
            self._feed()
            writes, seen = self._random.randint(0, MOST_WRITES), self._written()
            deadline = time.monotonic() + PATIENCE_SECONDS
            while writes > 0 and time.monotonic() < deadline:
                assert service.poll() is None, "the service ended by itself"
                if (now := self._written()) != seen:
                    writes, seen = writes - 1, now
                time.sleep(0.002)
            service.kill()

    def end(self) -> None:
        """Let the service end what is open, undisturbed."""
        with self._running() as service:
            for _ in range(PHASE_CHUNKS + 2):
                self._stream()
            wait_until(self._is_done, service, END_SECONDS)

    def _is_done(self) -> bool:
        runs = self._world.runs()
        opened = all(runs.find(retrain_id) for retrain_id in self.requested)
        reached = Progress(runs.root).read().get(PARTITION, 0)
        return opened and not runs.unfinished() and reached == 2 * self._world.rows - 1

    def _feed(self) -> None:
        """The next rows; every few hundred the world turns, and a little later a retrain is asked for."""
        self._stream()
        self._chunks += 1
        if self._chunks % PHASE_CHUNKS == 2:
            self._ask()

    def _stream(self) -> None:
        self._world.stream(CHUNK_ROWS, reverse=self._chunks // PHASE_CHUNKS % 2 == 0)

    def _ask(self) -> None:
        changed_after = self._world.rows - 2 * CHUNK_ROWS
        asked = request(
            len(self.requested),
            rows=self._world.rows,
            version=self._world.registry.champion_version("fraud"),
            changed_after=changed_after,
        )
        self.requested.append(asked.retrain_id)
        settings = self._world.settings
        with closing(KafkaProducer(bootstrap_servers=settings.kafka)) as producer:
            producer.send(settings.topics.retrains.name, key=b"fraud", value=encode(asked)).get(timeout=30)

    def _written(self) -> tuple[int, ...]:
        """What changes with every write of the service."""
        root = self._world.registry.root
        files = [*root.glob("runs/*/run.json"), *root.glob("watches/*.json"), root / "audit.head"]
        files += [*root.glob("models/*/aliases.json"), root / "runs" / "progress.json"]
        return tuple(sorted(file.stat().st_mtime_ns for file in files if file.exists()))

    def _running(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        settings = self._world.settings
        told = environment(settings.kafka, settings.topic_prefix, settings.clickhouse, settings.registry)
        return running(told | {"DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "0"}, self._folder)
