"""A TCP relay between workers and ClickHouse that loses answers, cuts requests off, or is slow, when told to."""

import asyncio
import threading
from collections import Counter
from contextlib import suppress

CHUNK_BYTES = 1 << 16


class Relay:
    """Listens on a loopback port of its own; its loop runs in a thread.

    Attributes:
        port: Where it listens.
        lose_answers: So many of the next inserts reach the server, but their answers do not reach the worker.
        cut_requests: So many of the next inserts are cut off before the server has all of them.
        delay_seconds: How long each piece of an answer is held back.
        counts: How many answers were lost and requests cut.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.lose_answers = 0
        self.cut_requests = 0
        self.delay_seconds = 0.0
        self.counts: Counter[str] = Counter()
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def __enter__(self) -> "Relay":
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_out: asyncio.StreamWriter | None = None
        try:
            far, far_out = await asyncio.open_connection("127.0.0.1", self._target_port)
            connection = _Connection(self)
            pumps = [
                asyncio.create_task(connection.forward(near, far_out)),
                asyncio.create_task(connection.back(far, near_out)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # nobody listens there: the worker sees the connection end
        finally:
            for writer in (near_out, far_out):
                if writer is not None:
                    writer.transport.abort()

    def take(self, what: str) -> bool:
        """Whether the next insert is to be disturbed in this way; each order holds for one insert."""
        left: int = getattr(self, what)
        if left > 0:
            setattr(self, what, left - 1)
            self.counts[what] += 1
        return left > 0


class _Connection:
    """One connection; a pump that returns ends it."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._inserting = False

    async def forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if b"INSERT" in data:
                    self._inserting = True
                    if self._relay.take("cut_requests"):
                        sink.write(data[: len(data) // 2])
                        await sink.drain()
                        return
                sink.write(data)
                await sink.drain()

    async def back(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if self._inserting and self._relay.take("lose_answers"):
                    return
                self._inserting = False
                await asyncio.sleep(self._relay.delay_seconds)
                sink.write(data)
                await sink.drain()
