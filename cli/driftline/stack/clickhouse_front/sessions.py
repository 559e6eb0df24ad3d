"""Handles on the engine: one for each session, and one for each statement outside a session."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chdb import ChdbError

from driftline.stack.clickhouse_front.errors import SESSION_IS_LOCKED, EngineError
from driftline.stack.clickhouse_front.request import Query

MAX_SESSIONS = 256
LOCK_TIMEOUT_SECONDS = 2  # for a client that has just left its last result unread

Handle: TypeAlias = Any  # chdb.state.sqlitelike.Connection, which has no type hints


@dataclass
class _Session:
    handle: Handle
    ends_at: float
    lock: threading.Lock = field(default_factory=threading.Lock)


class Sessions:
    """Opens handles and keeps those of sessions: a session has its own temporary tables and settings.

    Args:
        connect: opens a handle.
    """

    def __init__(self, connect: Callable[[], Handle]):
        self._connect = connect
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()

    @contextmanager
    def handle(self, query: Query) -> Iterator[Handle]:
        """A handle in the query's database and with its settings, for one thread at a time."""
        if query.session is None:
            handle = self._connect()
            try:
                _set_up(handle, query)
                yield handle
            finally:
                handle.close()
            return
        with self._held(query.session, query.session_seconds) as handle:
            try:
                _set_up(handle, query)
                yield handle
            finally:
                _reset(handle, query.settings)

    def close(self) -> None:
        """Close the handles of all sessions."""
        for session in self._sessions.values():
            session.handle.close()
        self._sessions.clear()

    @contextmanager
    def _held(self, name: str, seconds: float) -> Iterator[Handle]:
        with self._lock:
            self._end_old_sessions()
            session = self._sessions.pop(name, None) or _Session(self._connect(), 0.0)
            self._sessions[name] = session  # moved to the end: the first is the one that was idle longest
            session.ends_at = time.monotonic() + seconds
        if not session.lock.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise EngineError(
                f"Session {name} is locked by a concurrent client. (SESSION_IS_LOCKED)", SESSION_IS_LOCKED
            )
        try:
            yield session.handle
        finally:
            session.ends_at = time.monotonic() + seconds
            session.lock.release()

    def _end_old_sessions(self) -> None:
        now = time.monotonic()
        surplus = len(self._sessions) - MAX_SESSIONS
        for position, (name, session) in enumerate(list(self._sessions.items())):
            if (session.ends_at < now or position < surplus) and not session.lock.locked():
                self._sessions.pop(name).handle.close()


def _set_up(handle: Handle, query: Query) -> None:
    try:
        if query.database:
            handle.query(f"USE {_quoted(query.database, '`')}", "Null")
        if query.settings:
            pairs = ", ".join(f"{name} = {_quoted(value, chr(39))}" for name, value in query.settings.items())
            handle.query(f"SET {pairs}", "Null")
    except ChdbError as error:
        raise EngineError(str(error)) from error


def _reset(handle: Handle, settings: Mapping[str, str]) -> None:
    """Settings of one statement do not outlive it."""
    for name in settings:
        with suppress(ChdbError):  # it was never accepted
            handle.query(f"SET {name} = DEFAULT", "Null")


def _quoted(value: str, quote: str) -> str:
    return quote + value.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
