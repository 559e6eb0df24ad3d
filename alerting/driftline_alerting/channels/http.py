"""One POST to a stranger's server: bounded in time, in what is read, and never redirected."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from functools import cache

import httpx

from driftline_alerting.channels.interface import DeliveryFailed

_MOST_ANSWER_BYTES = 4096
_SHOWN_CHARACTERS = 200
_TRY_AGAIN = frozenset({408, 429})
_CLIENT_ERRORS = range(400, 500)

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they write addresses, which hold secrets


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> None:
    """Send; a status of 2xx confirms.

    Raises:
        DeliveryFailed: Of a status 4xx other than 408 and 429 hopeless: the same request will be refused again.
    """
    try:
        asyncio.run(_post(url, body, headers, timeout_seconds))
    except (TimeoutError, httpx.TimeoutException):
        raise DeliveryFailed(f"no answer within {timeout_seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from None


async def _post(url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> None:
    async with (
        asyncio.timeout(timeout_seconds),  # of all: one that answers a byte now and then ends, too
        httpx.AsyncClient(verify=_tls(), follow_redirects=False, timeout=timeout_seconds) as client,
        client.stream("POST", url, content=body, headers={"accept-encoding": "identity", **headers}) as answer,
    ):
        if not answer.is_success:
            raise _refusal(answer, await _beginning(answer))


async def _beginning(answer: httpx.Response) -> str:
    """The beginning of an answer as it came: what is compressed may unpack to anything."""
    received = b""
    async for piece in answer.aiter_raw():
        received += piece
        if len(received) >= _MOST_ANSWER_BYTES:
            break
    return received[:_MOST_ANSWER_BYTES].decode("utf-8", "replace")


def _refusal(answer: httpx.Response, said: str) -> DeliveryFailed:
    status = answer.status_code
    said = " ".join(said.split())[:_SHOWN_CHARACTERS]
    hint = "; redirects are not followed: correct the address" if answer.is_redirect else ""
    wait = answer.headers.get("retry-after", "")
    return DeliveryFailed(
        f"answered {status}{hint}" + (f": {said}" if said else ""),
        hopeless=status in _CLIENT_ERRORS and status not in _TRY_AGAIN,
        wait_seconds=float(wait) if wait.isascii() and wait.isdecimal() else 0.0,
    )


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
