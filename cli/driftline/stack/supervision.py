"""The supervisor: starts the parts, restarts what dies, keeps their logs small."""

import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy, Transport

from driftline.stack.errors import StackError
from driftline.stack.folder import StateFolder
from driftline.stack.health import wait_until
from driftline.stack.parts import SERVICES, Part
from driftline.stack.processes import MARK

START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 30  # for each part, then it is killed
ANSWER_TIMEOUT_SECONDS = 10
RESTARTS_IN_A_ROW = 10  # with 1, 2, 3, … seconds between them
LOG_SIZE, LOG_BACKUPS = "10MB", "3"
NO_ANSWER = (OSError, HTTPException, Fault)  # a fault: it is ending already
NOT_STARTED, RUNNING = "stopped", "running"
GROUP = "services"  # of those that end side by side, before what they need
START_SECONDS = 3  # what ends sooner counts as not started: the pauses between restarts grow


@dataclass(frozen=True)
class ProcessInfo:
    """What the supervisor knows about a part.

    Attributes:
        state: starting, running, backoff, stopping, stopped, exited, fatal or unknown.
        pid: None when it does not run.
        uptime_seconds: since its last start, 0 when it does not run.
    """

    state: str = NOT_STARTED
    pid: int | None = None
    uptime_seconds: int = 0


class Supervisor:
    """The supervisor of one state folder, which has to exist."""

    def __init__(self, folder: StateFolder):
        self._folder = folder

    def pid(self) -> int | None:
        """Of the running supervisor; None when there is none."""
        try:
            return int(self._call("getPID"))
        except NO_ANSWER:
            return None

    def start(self, parts: Sequence[Part], environment: Mapping[str, str]) -> None:
        """Start the supervisor in the background, and none of the parts yet.

        Raises:
            StackError: It does not come up.
        """
        self._folder.socket.unlink(missing_ok=True)
        with self._folder.supervisor_configuration.open("w", encoding="utf-8") as file:
            _configuration(self._folder, parts).write(file)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._folder.supervisor_configuration)]
        environment = {**environment, MARK: str(self._folder.path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START_TIMEOUT_SECONDS)
        if done.returncode or not wait_until(lambda: self.pid() is not None, START_TIMEOUT_SECONDS):
            reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
            raise StackError(f"the supervisor does not start ({reason[0]}): see {self._folder.logs}/supervisor.log")

    def start_part(self, name: str) -> None:
        """Start one part; its health is its own affair."""
        self._call("startProcess", f"{GROUP}:{name}" if name in SERVICES else name, False)

    def info(self) -> Mapping[str, ProcessInfo]:
        """Of each part, by its name; empty when no supervisor runs."""
        try:
            return {process["name"]: _info(process) for process in self._call("getAllProcessInfo")}
        except NO_ANSWER:
            return {}

    def shut_down(self) -> None:
        """Tell the supervisor to end the services, then what they need, and then itself."""
        self._call("shutdown")

    def _call(self, method: str, *arguments: object) -> Any:
        with ServerProxy("http://localhost", _UnixTransport(self._folder.socket)) as server:
            return getattr(server.supervisor, method)(*arguments)


class _UnixTransport(Transport):
    def __init__(self, path: Path):
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> HTTPConnection:
        connection = _UnixConnection(str(host), self._path)
        self._connection = host, connection  # what `close` closes
        return connection


class _UnixConnection(HTTPConnection):
    def __init__(self, host: str, path: Path):
        super().__init__(host, timeout=ANSWER_TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connected.settimeout(ANSWER_TIMEOUT_SECONDS)
            connected.connect(str(self._path))
        except OSError:
            connected.close()
            raise
        self.sock = connected


def _info(process: Mapping[str, Any]) -> ProcessInfo:
    state, pid = process["statename"].lower(), process["pid"]
    return ProcessInfo(state, pid, process["now"] - process["start"]) if pid else ProcessInfo(state)


def _configuration(folder: StateFolder, parts: Sequence[Part]) -> RawConfigParser:
    configuration = RawConfigParser(interpolation=None)
    sections: dict[str, dict[str, str]] = {
        "supervisord": {
            "logfile": f"{folder.logs}/supervisor.log",
            "pidfile": f"{folder.path}/supervisor.pid",
            "childlogdir": str(folder.logs),
            "logfile_maxbytes": LOG_SIZE,
            "logfile_backups": LOG_BACKUPS,
        },
        "unix_http_server": {"file": str(folder.socket), "chmod": "0600"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
        },
    }
    for order, part in enumerate(parts):
        sections[f"program:{part.name}"] = {
            "command": shlex.join(part.command),
            "directory": str(folder.path),
            "priority": str(order),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": str(START_SECONDS),
            "startretries": str(RESTARTS_IN_A_ROW),
            "stopwaitsecs": str(STOP_TIMEOUT_SECONDS),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"{folder.logs}/{part.name}.log",
            "stdout_logfile_maxbytes": LOG_SIZE,
            "stdout_logfile_backups": LOG_BACKUPS,
        }
    if services := [part.name for part in parts if part.name in SERVICES]:
        sections[f"group:{GROUP}"] = {"programs": ",".join(services)}
    for name, options in sections.items():
        configuration[name] = {option: value.replace("%", "%%") for option, value in options.items()}
    return configuration
