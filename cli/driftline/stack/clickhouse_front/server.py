"""The HTTP server: reads requests, runs them on a few threads, streams what they return."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

from aiohttp import web

from driftline.stack.clickhouse_front.answer import common_headers, error_headers, error_trailer, result_headers
from driftline.stack.clickhouse_front.engine import Engine, Result
from driftline.stack.clickhouse_front.errors import EngineError
from driftline.stack.clickhouse_front.request import Query, read_query

THREADS = 8
REQUESTS_AT_ONCE = 16  # further ones wait unread, so that memory stays bounded
MAX_REQUEST_BYTES = 256 * 1024 * 1024
WRITE_TIMEOUT_SECONDS = 60  # a reader that stopped reading must not hold its session for ever

T = TypeVar("T")


def application(engine: Engine) -> web.Application:
    """The web application; the engine stays its caller's."""
    front = _Front(engine)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[refuse_web_pages])
    app.add_routes([web.get("/ping", _ok), web.route("*", "/", front.answer)])
    return app


@web.middleware
async def refuse_web_pages(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A page in a browser on this machine can reach loopback too; only it states an origin."""
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        return web.Response(status=403, text="The embedded engine does not serve web pages.\n")
    return await handler(request)


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


class _Front:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="query")
        self._slots = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one request when its turn has come."""
        async with self._slots:
            return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one request; every failure is answered in ClickHouse's form."""
        tag = uuid.uuid4().hex[:16]
        try:
            query = await read_query(request)
        except EngineError as error:
            base = common_headers("", self._engine.timezone, tag)
            return web.Response(status=error.status, text=f"{error}\n", headers=base | error_headers(error))
        response = web.StreamResponse(headers=common_headers(query.query_id, self._engine.timezone, tag))
        if not query.statement.strip():
            return await _ok(request)
        try:
            await self._run(request, query, response)
        except EngineError as error:
            await _tell(request, response, error, tag)
        await response.write_eof()
        return response

    async def _run(self, request: web.Request, query: Query, response: web.StreamResponse) -> None:
        result, held = await self._in_thread(lambda: self._start(query))
        try:
            response.headers.update(result_headers(result))
            await self._send(request, result.output, response)
        finally:
            if held is not None:
                await self._in_thread(held.close)

    def _start(self, query: Query) -> tuple[Result, ExitStack | None]:
        """Run a statement; if its output comes in several chunks, the second is what to close after the last."""
        with ExitStack() as held:
            handle = held.enter_context(self._engine.handle(query))
            result = self._engine.run(handle, query)
            if isinstance(result.output, bytes):
                return result, None
            first, second = next(result.output, b""), next(result.output, b"")
            if not second:
                return replace(result, output=first), None  # changing threads costs more than most statements
            held.callback(result.output.close)
            return replace(result, output=_joined(first, second, result.output)), held.pop_all()

    async def _send(
        self, request: web.Request, output: bytes | Generator[bytes, None, None], response: web.StreamResponse
    ) -> None:
        """Send the output; of chunks the next is asked for when the reader has taken the one before."""
        chunk = output if isinstance(output, bytes) else await self._next(output)
        await response.prepare(request)  # from here on an error has no status of its own
        while chunk:
            await asyncio.wait_for(response.write(chunk), WRITE_TIMEOUT_SECONDS)
            chunk = b"" if isinstance(output, bytes) else await self._next(output)

    async def _next(self, chunks: Generator[bytes, None, None]) -> bytes:
        return await self._in_thread(lambda: next(chunks, b""))

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _joined(first: bytes, second: bytes, rest: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    yield from (first, second)
    yield from rest


async def _tell(request: web.Request, response: web.StreamResponse, error: EngineError, tag: str) -> None:
    if response.prepared:
        await response.write(error_trailer(error, tag))
        return
    response.set_status(error.status)
    response.headers.update(error_headers(error))
    await response.prepare(request)
    await response.write(f"{error}\n".encode())
