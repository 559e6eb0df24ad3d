"""What the application works with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from driftline_dashboard.access.guard import Guard
from driftline_dashboard.access.tokens import Account, Role
from driftline_dashboard.log_ends import LogEnds
from driftline_dashboard.store import Store
from driftline_schemas.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Everything that a request may need.

    Attributes:
        settings: Where Kafka is.
        store: Questions to ClickHouse.
        guard: Who may what.
        log_ends: Where the events topic ends.
    """

    settings: Settings
    store: Store
    guard: Guard
    log_ends: LogEnds


def of(request: Request) -> Parts:
    """The parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts


def _store(request: Request) -> Store:
    return of(request).store


def _reader(request: Request) -> Account:
    return of(request).guard.reader(request)


class _Acts:
    def __init__(self, least: Role) -> None:
        self._least = least

    def __call__(self, request: Request) -> Account:
        return of(request).guard.actor(request, self._least)


StoreOf = Annotated[Store, Depends(_store)]
PartsOf = Annotated[Parts, Depends(of)]
Reader = Depends(_reader)
Operator = Annotated[Account, Depends(_Acts("operator"))]
Admin = Annotated[Account, Depends(_Acts("admin"))]
