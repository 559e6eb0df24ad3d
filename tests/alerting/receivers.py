"""Subscribers: servers on loopback that keep what they get, and answer as they are told."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def notice_id(self) -> str:
        return str(json.loads(self.body)["incident"]["notice_id"])


Answer = tuple[int, Mapping[str, str], bytes]
OK: Answer = (204, {}, b"")


@dataclass
class Receiver:
    """An HTTP server.

    Attributes:
        url: Its address.
        requests: All that arrived, in their order.
        answer: What it answers to a request; called in the server's thread, may wait.
    """

    url: str
    answer: Callable[[Request], Answer] = lambda _: OK
    requests: list[Request] = field(default_factory=list)

    @property
    def notice_ids(self) -> list[str]:
        return [each.notice_id for each in self.requests]


@contextmanager
def receiver(answer: Callable[[Request], Answer] = lambda _: OK) -> Iterator[Receiver]:
    """Serve until the end."""
    served = Receiver("", answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            served.requests.append(request)
            status, headers, content = served.answer(request)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the client was killed
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
