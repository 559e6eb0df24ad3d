"""Killed at random points, the notifier loses no notice and sends none again that was confirmed."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery import Deliveries
from driftline_alerting.metrics import NotifierMetrics
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.alerting.notices import append, incident, settings
from tests.alerting.receivers import OK, Answer, Request, receiver
from tests.stream_processors.harness import wait_for

PROGRAM = """
import os, signal
from pathlib import Path
from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery import Deliveries
from driftline_alerting.metrics import NotifierMetrics
from driftline_schemas.settings import Settings
settings = Settings.from_environment(os.environ)
with Deliveries(Configuration.read(Path(settings.alerting), os.environ), settings, NotifierMetrics(), lambda: True):
    signal.pause()
"""
MOST_NOTICES = 8
"""Between two kills."""


class Killed:
    """A notifier that its own receiver kills: before it answers a request, or right after."""

    def __init__(self, kafka: str, topics: Topics, database: ClickHouseAddress, folder: Path, seed: int) -> None:
        self.topics, self.kafka, self._folder = topics, kafka, folder
        self._random = random.Random(seed)
        self._database = database
        self._left = 0
        self._before_the_answer = False
        self._process: subprocess.Popen[bytes] | None = None
        self.killed = threading.Event()
        self.received: list[str] = []
        self.again: list[str] = []
        """What arrived although Kafka had its confirmation."""
        self.confirmed: set[str] = set()
        self.log: list[str] = []
        """The notice of each record, by offset."""

    def answer(self, request: Request) -> Answer:
        notice_id = request.notice_id
        if notice_id in self.confirmed:
            self.again.append(notice_id)
        self.received.append(notice_id)
        self._left -= 1
        if self._left == 0:
            if not self._before_the_answer:
                threading.Timer(self._random.uniform(0, 0.02), self._kill).start()
            else:
                self._kill()
        return OK

    def tell_and_kill(self) -> None:
        """Let it deliver some notices until its receiver has killed it; note what was confirmed by then.

        Whoever writes the log may be killed, too: its last step comes again.
        """
        requests, first = self._random.randint(1, MOST_NOTICES), len(set(self.log))
        told = [incident(number) for number in range(max(0, first - 1), first + requests)]
        append(self.kafka, self.topics, told)
        self.log += [each.notice_id for each in told]
        self.killed.clear()
        self._before_the_answer = self._random.random() < 0.5
        self._left = requests
        with self._running():
            assert self.killed.wait(60), (self._folder / "log").read_text()
        self.confirmed = set(self.log[: self._place()])

    def finish(self) -> None:
        """Let a notifier that nobody kills deliver what is left."""
        self._left = 0
        configuration = Configuration.read(self._folder / "alerting.yaml", {})
        with Deliveries(
            configuration, settings(self.kafka, self.topics, self._database), NotifierMetrics(), lambda: True
        ):
            wait_for("every notice", lambda: set(self.received) == set(self.log))

    def begin(self) -> None:
        """Give the channel the beginning of the log for its place."""
        with closing(self._consumer()) as consumer:
            consumer.commit({TopicPartition(self.topics.incidents.name, 0): OffsetAndMetadata(0, "", -1)})

    def _kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.killed.set()

    def _place(self) -> int:
        with closing(self._consumer()) as consumer:
            place: int = consumer.committed(TopicPartition(self.topics.incidents.name, 0))
            return place

    def _consumer(self) -> KafkaConsumer:
        group = f"{self.topics.prefix}delivery.pager"
        return KafkaConsumer(bootstrap_servers=self.kafka, group_id=group, enable_auto_commit=False)

    @contextmanager
    def _running(self) -> Iterator[subprocess.Popen[bytes]]:
        database = self._database
        environment = {
            "DRIFTLINE_KAFKA": self.kafka,
            "DRIFTLINE_CLICKHOUSE": f"http://{database.username}@{database.host}:{database.port}/{database.database}",
            "DRIFTLINE_TOPIC_PREFIX": self.topics.prefix,
            "DRIFTLINE_ALERTING": str(self._folder / "alerting.yaml"),
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM], env=os.environ | environment, stdout=log, stderr=log
            )
        try:
            yield self._process
        finally:
            self._process.kill()
            self._process.wait()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.long)])
def test_killed_at_random_points(
    kills: int, kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
) -> None:
    killed = Killed(kafka_address, topics, database, tmp_path, seed=kills)
    with receiver(killed.answer) as served:
        (tmp_path / "alerting.yaml").write_text(
            f"channels: {{pager: {{type: webhook, url: '{served.url}'}}}}\nroutes: [{{channels: [pager]}}]\n"
        )
        killed.begin()
        for _ in range(kills):
            killed.tell_and_kill()
        killed.finish()
    assert set(killed.received) == set(killed.log)
    assert killed.again == []
    assert len(killed.received) - len(set(killed.log)) <= kills
