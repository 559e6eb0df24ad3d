"""The parts of a stack: what runs them and how one sees that they work."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from driftline.stack.folder import Ports, StateFolder
from driftline.stack.health import clickhouse_answers, http_answers, kafka_answers
from driftline.stack.jars import class_path, default_cache
from driftline.stack.kafka import Kafka

KAFKA, CLICKHOUSE = "kafka", "clickhouse"
WORKER, RETRAIN, NOTIFY, DASHBOARD = "worker", "retrain", "notify", "dashboard"
INFRASTRUCTURE = (KAFKA, CLICKHOUSE)
SERVICES = (WORKER, RETRAIN, NOTIFY, DASHBOARD)  # they want topics and tables
ALL_PARTS = (*INFRASTRUCTURE, *SERVICES)


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    Attributes:
        name: what users call it.
        command: runs it in the foreground; SIGTERM ends it cleanly.
        ports: it listens on, on loopback.
        address: for its clients, None when it has none.
        healthy: asks it whether it does its work.
    """

    name: str
    command: Sequence[str]
    ports: Sequence[int]
    address: str | None
    healthy: Callable[[], bool]


def broker(folder: StateFolder, ports: Ports) -> Kafka:
    """The stack's Kafka."""
    return Kafka(folder.kafka, ports.kafka, ports.kafka_controller, class_path(default_cache()))


def build_part(name: str, folder: StateFolder, ports: Ports) -> Part:
    """The part of this name.

    Raises:
        ValueError: There is no such part.
    """
    if name not in _BUILDERS:
        raise ValueError(f"{name!r} is no part of the stack; the parts are {', '.join(_BUILDERS)}")
    return _BUILDERS[name](folder, ports)


def _kafka(folder: StateFolder, ports: Ports) -> Part:
    kafka = broker(folder, ports)
    listening = (ports.kafka, ports.kafka_controller)
    return Part(KAFKA, kafka.command(), listening, kafka.address, lambda: kafka_answers(ports.kafka))


def _clickhouse(folder: StateFolder, ports: Ports) -> Part:
    url = f"http://127.0.0.1:{ports.clickhouse}"
    data = ("--data", str(folder.clickhouse), "--port", str(ports.clickhouse))
    command = (sys.executable, "-m", "driftline.stack.clickhouse_front", *data)
    return Part(CLICKHOUSE, command, (ports.clickhouse,), url, lambda: clickhouse_answers(ports.clickhouse))


def _service(name: str, port: int) -> Part:
    """One of our own, which says on its port how it is."""
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "driftline", name)
    return Part(name, command, (port,), url, lambda: http_answers(f"{url}/healthz"))


_BUILDERS: Mapping[str, Callable[[StateFolder, Ports], Part]] = {
    KAFKA: _kafka,
    CLICKHOUSE: _clickhouse,
    WORKER: lambda _, ports: _service(WORKER, ports.worker),
    RETRAIN: lambda _, ports: _service(RETRAIN, ports.retrain),
    NOTIFY: lambda _, ports: _service(NOTIFY, ports.notify),
    DASHBOARD: lambda _, ports: _service(DASHBOARD, ports.dashboard),
}


def addresses(folder: StateFolder, ports: Ports) -> Mapping[str, str]:
    """The variables through which every program finds this stack."""
    return {
        "DRIFTLINE_STATE": str(folder.path),
        "DRIFTLINE_KAFKA": f"127.0.0.1:{ports.kafka}",
        "DRIFTLINE_CLICKHOUSE": f"http://default@127.0.0.1:{ports.clickhouse}/driftline",
        "DRIFTLINE_REGISTRY": str(folder.registry),
        "DRIFTLINE_WORKER_HOST": "127.0.0.1",
        "DRIFTLINE_WORKER_PORT": str(ports.worker),
        "DRIFTLINE_RETRAIN_HOST": "127.0.0.1",
        "DRIFTLINE_RETRAIN_PORT": str(ports.retrain),
        "DRIFTLINE_NOTIFY_HOST": "127.0.0.1",
        "DRIFTLINE_NOTIFY_PORT": str(ports.notify),
        "DRIFTLINE_DASHBOARD_HOST": "127.0.0.1",
        "DRIFTLINE_DASHBOARD_PORT": str(ports.dashboard),
    }
