"""What a job uses, as the kernel tells: its processes, their memory, the size of its folder."""

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LEAST_ENTRY_BYTES = 4096
"""An empty file takes room, too: a job could otherwise make any number of them."""


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that these have; empty where there is no /proc.

    What starts or ends meanwhile may be missing.
    """
    found: list[int] = []
    remaining = [pid]
    while remaining:
        children = list(_children(remaining.pop()))
        found += children
        remaining += children
    return found


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):  # it has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (thread / "children").read_text().split())


def resident_bytes(pid: int) -> int:
    """Return the memory of a process that is its own, in bytes; 0 when it has ended."""
    with suppress(OSError):
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
        return (resident - shared) * resource.getpagesize()
    return 0


def folder_bytes(folder: str | Path, enough: int) -> int:
    """Return what a folder takes on the disk, in bytes; looks no further once that is more than `enough`."""
    total = 0
    remaining = [str(folder)]
    while remaining and total <= enough:
        with suppress(OSError), os.scandir(remaining.pop()) as entries:  # a folder may vanish at any time
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        remaining.append(entry.path)
                    total += max(_LEAST_ENTRY_BYTES, 512 * entry.stat(follow_symlinks=False).st_blocks)
    return total
