"""Files that are either the old ones or the new ones, whatever is killed in between."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftline_registry.errors import RegistryBusy

_LOCK_POLL_SECONDS = 0.01


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the kernel write a file or a folder's entries to the disk before returning."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers, and a crash, see either the old content or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


@contextmanager
def exclusive_lock(path: Path, timeout_seconds: float = 30.0) -> Iterator[None]:
    """Hold a lock between processes and threads; the kernel releases it when its holder dies.

    Raises:
        RegistryBusy: somebody else held it for the whole of `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    with path.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"{path} is locked by another process for {timeout_seconds:g} s; end it or try again"
                    raise RegistryBusy(message) from None
                time.sleep(_LOCK_POLL_SECONDS)
        yield
