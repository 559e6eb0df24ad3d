"""Logging in and out, with a form: the token becomes a session's cookie, which scripts cannot read."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from driftline_dashboard.access.guard import COOKIE
from driftline_dashboard.access.sessions import SESSION_SECONDS
from driftline_dashboard.parts import PartsOf

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303


@router.post("/login")
def log_in(
    request: Request, parts: PartsOf, token: Annotated[str, Form(max_length=1000)], then: Annotated[str, Form()] = "/"
) -> Response:
    """Begin a session, and go on to where the person wanted to be."""
    account = parts.guard.accounts.find(token.strip())
    if account is None:
        return RedirectResponse("/login?wrong=1", SEE_OTHER)
    answer = RedirectResponse(own_path(then), SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        parts.guard.sessions.begin(account),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def log_out(request: Request, parts: PartsOf) -> Response:
    """End the session."""
    parts.guard.sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


def own_path(path: str) -> str:
    r"""A path of this address; "/" for anything that could lead elsewhere.

    >>> own_path("/models/fraud?from=7d"), own_path("//evil.example"), own_path("/\\evil.example")
    ('/models/fraud?from=7d', '/', '/')
    """
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"
