"""Errors as problem details (RFC 9457)."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from driftline_dashboard.problems import MEDIA_TYPE, VALUE_CHARACTERS, Problem
from driftline_schemas.errors import ConfigurationError, DriftlineError, Unavailable


def told_as_problems(app: FastAPI) -> None:
    """Let every error of the application be answered as a problem."""

    @app.exception_handler(Problem)
    def _refused(_: Request, error: Problem) -> JSONResponse:
        return _answer(error.status, error.title, error.detail, error.valid)

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            f"{'.'.join(map(str, fault['loc'][1:]))}: {str(fault.get('input'))[:VALUE_CHARACTERS]!r}: {fault['msg']}"
            for fault in error.errors()[:3]
        ]
        return _answer(422, "Bad value", "; ".join(faults))

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> JSONResponse:
        return _answer(error.status_code, str(error.detail), str(error.detail))

    @app.exception_handler(DriftlineError)
    def _raised(_: Request, error: DriftlineError) -> JSONResponse:
        status = 503 if isinstance(error, Unavailable) else 500 if isinstance(error, ConfigurationError) else 422
        title = {503: "Not available", 500: "Wrong configuration"}.get(status, "Bad value")
        return _answer(status, title, " ".join(str(error).split()))


def _answer(status: int, title: str, detail: str, valid: Sequence[str] = ()) -> JSONResponse:
    document: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(document | ({"valid": list(valid)} if valid else {}), status, media_type=MEDIA_TYPE)
