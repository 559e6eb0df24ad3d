"""A TCP relay in front of a server, so that a test can break the connection."""

import dataclasses
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from driftline_schemas.settings import ClickHouseAddress


@contextmanager
def relay(
    target: ClickHouseAddress, database: str | None, flowing: threading.Event | None = None
) -> Iterator[ClickHouseAddress]:
    """The target under another port, whose connections all break at the end; it answers only while `flowing` is set."""
    opened: list[socket.socket] = []
    if flowing is None:
        flowing = threading.Event()
        flowing.set()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, target, opened, flowing), daemon=True).start()
        port = server.getsockname()[1]
        yield dataclasses.replace(target, host="127.0.0.1", port=port, database=database or target.database)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    flowing.set()
    for connection in opened:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def _accept(
    server: socket.socket, target: ClickHouseAddress, opened: list[socket.socket], flowing: threading.Event
) -> None:
    with suppress(OSError):
        while True:
            near = server.accept()[0]
            far = socket.create_connection((target.host, target.port), timeout=30)
            far.settimeout(None)  # an idle connection stays
            opened += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink, flowing), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, flowing: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            flowing.wait()
            sink.sendall(data)
