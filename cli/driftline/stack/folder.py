"""The state folder: everything that one stack keeps.

====================  ==================================================
stack.json            the ports that were drawn; kept from start to start
kafka/                the broker's configuration and data
clickhouse/           the engine's data
registry/             model versions
logs/                 one log for each part, and the supervisor's
supervisor.conf       written at every start
supervisor.sock       where the supervisor answers
====================  ==================================================
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import platformdirs

from driftline.stack.errors import StackError
from driftline.stack.ports import draw_port

LEAST_FREE_BYTES = 100 << 20  # with less, a broker that starts fails in ways that do not name the disk
MAX_SOCKET_PATH_BYTES = 90  # the kernel's limit is 104 to 108, and the supervisor appends its id while it binds


@dataclass(frozen=True)
class Ports:
    """On loopback; drawn once, kept in the state folder."""

    kafka: int
    kafka_controller: int
    clickhouse: int
    worker: int
    retrain: int
    notify: int
    dashboard: int


@dataclass(frozen=True)
class StateFolder:
    """Where the files of one stack are.

    Args:
        path: absolute.
    """

    path: Path

    @property
    def kafka(self) -> Path:
        """The broker's folder."""
        return self.path / "kafka"

    @property
    def clickhouse(self) -> Path:
        """The engine's data."""
        return self.path / "clickhouse"

    @property
    def registry(self) -> Path:
        """Model versions."""
        return self.path / "registry"

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.path / "logs"

    @property
    def supervisor_configuration(self) -> Path:
        """Written at every start."""
        return self.path / "supervisor.conf"

    @property
    def socket(self) -> Path:
        """Where the supervisor answers; elsewhere when the state folder's path is too long for a socket."""
        near = self.path / "supervisor.sock"
        if len(os.fsencode(near)) <= MAX_SOCKET_PATH_BYTES:
            return near
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"driftline-{os.getuid()}" / f"{name}.sock"

    def create(self) -> None:
        """Make the folder, for its owner only.

        Raises:
            StackError: It cannot be written, or its disk is full.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.registry, self.socket.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        if (free_bytes := shutil.disk_usage(self.path).free) < LEAST_FREE_BYTES:
            raise StackError(
                f"{free_bytes >> 20} MiB are free on the disk of the state folder {self.path}: free 1 GiB or more, "
                f"or choose another with --state"
            )

    def ports(self) -> Ports | None:
        """The ports that were drawn; None before the first start, also of a version that has one more.

        Raises:
            StackError: stack.json was changed by hand and cannot be read.
        """
        kept = self._kept_ports()
        return Ports(**kept) if len(kept) == len(fields(Ports)) else None

    def drawn_ports(self) -> Ports:
        """The ports of this folder; those that it does not have yet are drawn and kept."""
        if (ports := self.ports()) is not None:
            return ports
        drawn = self._kept_ports()
        for name in (field.name for field in fields(Ports)):
            if name not in drawn:
                drawn[name] = draw_port(drawn.values())
        ports = Ports(**drawn)
        draft = self._ports_file.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(ports), indent=2) + "\n", "utf-8")
        draft.replace(self._ports_file)
        return ports

    def _kept_ports(self) -> dict[str, int]:
        try:
            kept = {name: int(port) for name, port in json.loads(self._ports_file.read_text("utf-8")).items()}
            Ports(**{field.name: 0 for field in fields(Ports)} | kept)  # refuses names that no port has
        except FileNotFoundError:
            return {}
        except (OSError, AttributeError, TypeError, ValueError) as error:
            remedy = "delete it and run `driftline up`; new ports are drawn and the data stays"
            raise StackError(f"cannot read {self._ports_file} ({error}): {remedy}") from error
        return kept

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time starts or ends this stack.

        Raises:
            StackError: Another one is at it, or the folder cannot be written.
        """
        try:
            lock = (self.path / "lock").open("w")
        except OSError as error:
            raise self._unwritable(error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StackError(f"another command starts or ends the stack in {self.path}: wait for it") from error
            yield

    def _unwritable(self, error: OSError) -> StackError:
        return StackError(
            f"cannot write to the state folder {self.path} ({error.strerror}): choose another with --state"
        )

    @property
    def _ports_file(self) -> Path:
        return self.path / "stack.json"


def default_state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`DRIFTLINE_STATE`, otherwise the user's data folder."""
    chosen = environment.get("DRIFTLINE_STATE")
    return Path(chosen) if chosen else platformdirs.user_data_path("driftline")
