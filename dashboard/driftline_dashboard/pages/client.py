"""Asks the API as the browser that a page was made for."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.requests import Request

from driftline_dashboard.access.guard import COOKIE
from driftline_dashboard.api import PREFIX

T = TypeVar("T")

BASE = "http://127.0.0.1"
"""Never looked up: the transport hands requests to the application itself."""


class Refused(Exception):
    """The API refuses; the text says why.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Api:
    """The API, asked with the session of one browser.

    Args:
        app: The application.
        request: Of the browser.
    """

    def __init__(self, app: FastAPI, request: Request) -> None:
        session = request.cookies.get(COOKIE)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=BASE + PREFIX,
            headers={"Origin": BASE},
            cookies={COOKIE: session} if session else None,
        )

    async def get(self, path: str, kind: type[T], **parameters: object) -> T:
        """The answer of a resource, as its type; parameters that are empty are left out.

        Raises:
            Refused: The API refuses.
        """
        asked = {name.rstrip("_"): str(value) for name, value in parameters.items() if value not in ("", None)}
        answer = await self._client.get(path, params=asked)
        _check(answer)
        return TypeAdapter(kind).validate_json(answer.content)

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Act.

        Raises:
            Refused: The API refuses.
        """
        _check(await self._client.post(path, json=dict(body)))


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        raise Refused(answer.status_code, answer.json().get("detail", answer.reason_phrase))
