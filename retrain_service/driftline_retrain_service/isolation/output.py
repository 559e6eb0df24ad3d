"""The output of a job, kept in a file: its beginning and its end, however much it prints."""

import os
from contextlib import suppress
from pathlib import Path

_READ_BYTES = 1 << 16


class Output:
    """Copies what arrives at a pipe into a file; of more than `limit_bytes` the middle is left out."""

    def __init__(self, descriptor: int, file: Path, limit_bytes: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._file = file.open("wb", buffering=0)
        self._room = limit_bytes // 2
        self._tail_bytes = limit_bytes - self._room
        self._tail = b""
        self._left_out = 0

    def read(self) -> bool:
        """Take what there is; False at its end."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return True
        head, rest = data[: self._room], data[self._room :]
        self._write(head)
        self._room -= len(head)
        tail = self._tail + rest
        self._tail = tail[-self._tail_bytes :]
        self._left_out += len(tail) - len(self._tail)
        return bool(data)

    def close(self) -> None:
        """Take the rest, and write down the end; nobody may be writing any more."""
        while self.read():
            pass
        if self._left_out:
            self._write(f"\n... {self._left_out} bytes are left out here ...\n".encode())
        self._write(self._tail)
        self._file.close()
        os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # a full disk must not end who watches the job that has filled it
            self._file.write(data)
