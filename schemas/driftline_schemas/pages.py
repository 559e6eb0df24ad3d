"""The pages of a service without a web framework: `/healthz`, and `/metrics` for Prometheus."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import orjson

from driftline_schemas.errors import ConfigurationError

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format."""

_REQUEST_SECONDS = 10.0


class Page(NamedTuple):
    """An answer.

    Attributes:
        body: Its bytes.
        content_type: What they are.
        status: Of HTTP.
    """

    body: bytes
    content_type: str
    status: int = 200


def document(content: Mapping[str, Any], status: int = 200) -> Page:
    """A page of JSON."""
    return Page(orjson.dumps(content), "application/json", status)


@contextmanager
def served(host: str, port: int, pages: Mapping[str, Callable[[], Page]]) -> Iterator[None]:
    """Answer GET requests, in threads of its own, until the end of the context.

    Args:
        host: Where to listen.
        port: Its port; 0 where nobody is to be answered.
        pages: By path. Each is called in another thread than the service's, so it may only read.

    Raises:
        ConfigurationError: It cannot listen there.
    """
    if not port:
        yield
        return
    try:
        server = _Server((host, port), _handler(pages))
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}:{port} ({error}); choose another port") from error
    thread = threading.Thread(target=server.serve_forever, name="pages", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _handler(pages: Mapping[str, Callable[[], Page]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_SECONDS

        def do_GET(self) -> None:
            make = pages.get(self.path.partition("?")[0])
            page = make() if make else document({"pages": sorted(pages)}, 404)
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, *_: Any) -> None:
            """Nothing: a scrape every few seconds would fill the log."""

    return Handler
