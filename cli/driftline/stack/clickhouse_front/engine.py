"""Runs statements on the embedded engine."""

import os
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import chdb
from chdb import ChdbError
from chdb.state.sqlitelike import StreamingResult

from driftline.stack.clickhouse_front.errors import EngineError
from driftline.stack.clickhouse_front.request import Query
from driftline.stack.clickhouse_front.sessions import Handle, Sessions
from driftline.stack.clickhouse_front.statement import Insert, is_streamable, output_format, split_insert, text

# The engine gives a query a thread for each GiB that it may use; of the little that `engine.xml` leaves it that is one.
THREAD_BYTES = 128 * 1024**2


@dataclass(frozen=True)
class Result:
    """What a statement returned.

    Attributes:
        data_format: of the chunks, None when there are none by nature (DDL, inserts).
        summary: counters for `X-ClickHouse-Summary`.
        output: all of it, or chunks that are made while they are read, once, with the handle held.
    """

    data_format: str | None
    summary: Mapping[str, str]
    output: bytes | Generator[bytes, None, None]


class Engine:
    """The engine on its folder; thread-safe.

    Args:
        folder: of the data; the engine locks it, a second process on it fails.

    Raises:
        EngineError: the folder is locked or cannot be read.
    """

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "config.xml"
        configuration.write_bytes((files(__package__) / "engine.xml").read_bytes())
        self._where = f"{folder}?config-file={configuration}&max_threads_min_free_memory_per_thread={THREAD_BYTES}"
        try:
            self._anchor = chdb.connect(self._where)  # the engine lives as long as its first handle
        except (ChdbError, RuntimeError) as error:
            raise EngineError(str(error)) from error
        self._sessions = Sessions(lambda: chdb.connect(self._where))
        self.timezone = self._scalar("SELECT timezone()")
        self.version = self._scalar("SELECT version()")

    def handle(self, query: Query) -> AbstractContextManager[Handle]:
        """The handle on which a query runs, its own or its session's, set up for it.

        Raises EngineError when a setting or the database is unknown, or the session is in use.
        """
        return self._sessions.handle(query)

    def run(self, handle: Handle, query: Query) -> Result:
        """Run a statement, or start it when its output comes in chunks. Raises EngineError."""
        insert = split_insert(query.statement)
        try:
            return _insert(handle, insert) if insert else _select(handle, query)
        except (ChdbError, RuntimeError) as error:
            raise EngineError(str(error)) from error

    def close(self) -> None:
        """Close every handle; the engine writes what it still holds."""
        self._sessions.close()
        self._anchor.close()

    def _scalar(self, statement: str) -> str:
        value: bytes = self._anchor.query(statement, "TSVRaw").bytes()
        return value.decode().strip()


def _insert(handle: Handle, insert: Insert) -> Result:
    """Insert from a file: the engine's streamed inserts end without an error when the disk is full."""
    started = time.monotonic_ns()
    with _file(insert.data) as path:
        statement = f"{insert.into} FROM INFILE '{path}' {insert.settings} FORMAT {insert.data_format}"
        done = handle.query(statement)
    summary = _summary(written_rows=done.rows_written(), written_bytes=done.bytes_written(), since_ns=started)
    return Result(None, summary, b"")


@contextmanager
def _file(data: memoryview) -> Iterator[str]:
    """A file of these bytes; in memory where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("insert"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield file.name


def _select(handle: Handle, query: Query) -> Result:
    started = time.monotonic_ns()
    data_format = output_format(query.statement, query.default_format)
    if not query.buffered and is_streamable(query.statement, data_format):
        stream = handle.send_query(text(query.statement), data_format, params=dict(query.parameters))
        return Result(data_format, _summary(since_ns=started), _chunks(stream))
    done = handle.query(text(query.statement), data_format, params=dict(query.parameters))
    body = done.bytes() or b""
    summary = _summary(
        read_rows=done.storage_rows_read(),
        read_bytes=done.storage_bytes_read(),
        written_rows=done.rows_written(),
        written_bytes=done.bytes_written(),
        since_ns=started,
    )
    return Result(data_format if body else None, summary, body)


def _chunks(stream: StreamingResult) -> Generator[bytes, None, None]:
    with stream:
        try:
            for chunk in stream:
                if data := chunk.bytes():
                    yield data
        except (ChdbError, RuntimeError) as error:
            raise EngineError(str(error)) from error


def _summary(*, since_ns: int, **counters: int) -> Mapping[str, str]:
    names = ("read_rows", "read_bytes", "written_rows", "written_bytes")
    elapsed_ns = time.monotonic_ns() - since_ns
    return {name: str(counters.get(name, 0)) for name in names} | {"elapsed_ns": str(elapsed_ns)}
