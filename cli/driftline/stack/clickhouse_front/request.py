"""What an HTTP request asks ClickHouse for."""

import asyncio
import base64
import binascii
import io
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import lz4.frame
from aiohttp import web

from driftline.stack.clickhouse_front.errors import (
    AUTHENTICATION_FAILED,
    CANNOT_DECOMPRESS,
    NOT_SUPPORTED,
    UNKNOWN_SETTING,
    EngineError,
)

USER = "default"
DEFAULT_SESSION_SECONDS = 60.0
MAX_SESSION_SECONDS = 3600.0

# Parameters of the HTTP interface itself; every other one is a setting of the engine.
INTERFACE = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    }
)


@dataclass(frozen=True)
class Query:
    """One statement with all that belongs to it.

    Attributes:
        statement: SQL, followed by the data of an insert.
        database: the current database, "" for the session's.
        settings: the engine's settings for this statement.
        parameters: values of `{name:Type}` in the statement, in ClickHouse's escaped text form.
        default_format: of the output when the statement names none.
        query_id: returned to the client.
        session: its name, None for a statement on its own.
        session_seconds: how long an idle session is kept.
        buffered: answer only when the statement has ended, so that an error has its own status.
    """

    statement: bytes
    database: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    default_format: str
    query_id: str
    session: str | None
    session_seconds: float
    buffered: bool


async def read_query(request: web.Request) -> Query:
    """Read a request to its end. Raises EngineError when it is not one that this front serves."""
    values = dict(request.query)
    if request.content_type == "multipart/form-data":
        values |= await _form(request)
        body = b""
    else:
        body = await _body(request)
    _authenticate(request, values)
    return Query(
        statement=_statement(values.get("query", "").encode(), body),
        database=values.get("database") or request.headers.get("X-ClickHouse-Database") or "",
        settings={name: values[name] for name in values if _is_setting(name)},
        parameters={name[6:]: text for name, text in values.items() if name.startswith("param_")},
        default_format=values.get("default_format") or request.headers.get("X-ClickHouse-Format") or "TabSeparated",
        query_id=values.get("query_id") or str(uuid.uuid4()),
        session=values.get("session_id"),
        session_seconds=_session_seconds(values.get("session_timeout", "")),
        buffered=values.get("wait_end_of_query") == "1",
    )


def _statement(query: bytes, body: bytes) -> bytes:
    return query + b"\n" + body if query and body else query or body


async def _body(request: web.Request) -> bytes:
    body = await request.read()  # gzip, deflate, br and zstd are undone by now
    if request.headers.get("Content-Encoding") != "lz4":
        return body
    try:
        return await asyncio.to_thread(_lz4_frames, body)
    except (RuntimeError, EOFError) as error:
        raise EngineError(f"Cannot decompress the request: {error} (CANNOT_DECOMPRESS)", CANNOT_DECOMPRESS) from error


def _lz4_frames(body: bytes) -> bytes:
    """All frames of the body: clients make one for each block of rows, and `lz4.frame.decompress` reads only one."""
    with lz4.frame.LZ4FrameFile(io.BytesIO(body)) as frames:
        data: bytes = frames.read()
        return data


async def _form(request: web.Request) -> dict[str, str]:
    fields = await request.post()
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    if len(texts) < len(fields):
        raise EngineError("The embedded engine takes no external data. (NOT_IMPLEMENTED)", NOT_SUPPORTED)
    return texts


def _is_setting(name: str) -> bool:
    if name in INTERFACE or name.startswith("param_"):
        return False
    if not re.fullmatch(r"\w+", name, re.ASCII):
        raise EngineError(f"{name!r} is not the name of a setting. (UNKNOWN_SETTING)", UNKNOWN_SETTING)
    return True


def _session_seconds(text: str) -> float:
    return min(float(text), MAX_SESSION_SECONDS) if text.isdecimal() else DEFAULT_SESSION_SECONDS


def _authenticate(request: web.Request, values: Mapping[str, str]) -> None:
    headers = request.headers
    user = values.get("user") or headers.get("X-ClickHouse-User", "")
    password = values.get("password") or headers.get("X-ClickHouse-Key", "")
    if not user and headers.get("Authorization", "").startswith("Basic "):
        user, password = _basic(headers["Authorization"].removeprefix("Basic "))
    if (user or USER, password) != (USER, ""):
        text = f"{user}: Authentication failed: the embedded engine knows the user {USER} without a password."
        raise EngineError(f"{text} (AUTHENTICATION_FAILED)", AUTHENTICATION_FAILED)


def _basic(credentials: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise EngineError("Malformed credentials. (AUTHENTICATION_FAILED)", AUTHENTICATION_FAILED) from error
    return user, password
