"""A broker and a ClickHouse front as plain processes, so that nobody but the driver starts them again."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from driftline.stack.folder import StateFolder
from driftline.stack.jars import default_cache, provide_jars
from driftline.stack.parts import CLICKHOUSE, KAFKA, broker, build_part
from tests.chaos.processes import Process, wait_for
from tests.chaos.relay import Relay

START_SECONDS = 90


@dataclass(frozen=True)
class ChaosStack:
    """What the workers talk to."""

    kafka: Process
    clickhouse: Process
    relay: Relay
    kafka_address: str
    clickhouse_port: int


@contextmanager
def running_stack(path: Path) -> Iterator[ChaosStack]:
    """Start both, and the relay in front of ClickHouse; end them at the end."""
    folder = StateFolder(path)
    folder.create()
    ports = folder.drawn_ports()
    provide_jars(default_cache())
    broker(folder, ports).prepare()
    processes = []
    for name in (KAFKA, CLICKHOUSE):
        part = build_part(name, folder, ports)
        processes.append(Process(name, part.command, os.environ, part.healthy, folder.logs / f"{name}.log"))
    with ExitStack() as cleanup:
        for process in processes:
            cleanup.callback(process.kill)
            process.start()
        for process in processes:
            wait_for(f"{process.name} answers", process.healthy, START_SECONDS)
        relay = cleanup.enter_context(Relay(ports.clickhouse))
        yield ChaosStack(processes[0], processes[1], relay, f"127.0.0.1:{ports.kafka}", ports.clickhouse)
