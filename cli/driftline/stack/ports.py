"""Ports for the parts of the stack."""

import random
import socket
from collections.abc import Collection

LOWEST, HIGHEST = (
    15_000,
    30_000,
)  # below the ephemeral range: no client's socket can take one before its server binds it


def draw_port(taken: Collection[int] = ()) -> int:
    """A port on loopback that is free now and is not among `taken`."""
    while True:
        port = random.randrange(LOWEST, HIGHEST)  # noqa: S311 - a port is no secret
        if port not in taken and is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
