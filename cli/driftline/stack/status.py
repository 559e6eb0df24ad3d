"""What `driftline status` shows."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class PartStatus:
    """One part of the stack.

    Attributes:
        name: kafka, clickhouse, worker, retrain or dashboard.
        state: the supervisor's word: starting, running, backoff, stopping, stopped, exited, fatal or unknown.
        healthy: it runs and does its work.
        pid: None when it does not run.
        uptime_seconds: since its last start.
        address: for its clients, None when it has none.
        log: its output.
    """

    name: str
    state: str
    healthy: bool
    pid: int | None
    uptime_seconds: int
    address: str | None
    log: Path


@dataclass(frozen=True)
class StackStatus:
    """The whole stack.

    Attributes:
        state_folder: where everything is kept.
        running: its supervisor runs.
        pid: of the supervisor, None when it does not run.
        parts: in the order of their start.
        environment: the variables through which programs find it; empty before the first start.
    """

    state_folder: Path
    running: bool
    pid: int | None
    parts: tuple[PartStatus, ...]
    environment: dict[str, str]

    @property
    def healthy(self) -> bool:
        """Every part does its work."""
        return self.running and all(part.healthy for part in self.parts)

    def to_json(self) -> str:
        """One object with the attributes of this class, those of the parts, and `healthy`."""
        return json.dumps({"healthy": self.healthy, **asdict(self)}, default=str, indent=2)
