"""The steps of incidents as server-sent events, which a client resumes exactly where it was.

An event's id says how far the client has come in every partition of the log, so the browser's `Last-Event-ID` needs no
memory of the server's: what lies between is read from Kafka again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from driftline_dashboard.problems import bad_value
from driftline_dashboard.stream.feed import MOST_WAITING, Feed
from driftline_dashboard.stream.places import Places
from driftline_dashboard.stream.reading import Step, between
from driftline_schemas.events.base import MAX_NAME_CHARACTERS
from driftline_schemas.events.drift import Severity, at_least
from driftline_schemas.settings import Settings

PATH = "/api/v1/incidents/stream"
HEARTBEAT_SECONDS = 15.0
RETRY_MS = 2_000
"""After so long a browser comes back when the connection has ended."""

_SEND_TIMEOUT_SECONDS = 30.0
"""Who takes nothing for so long is cut off."""

Model = Annotated[str, Query(max_length=MAX_NAME_CHARACTERS, description="Only this model; all when empty.")]
Least = Annotated[Severity, Query(description="Only incidents of at least this severity.")]
LastEventId = Annotated[str | None, Header(description="Id of the last event that arrived; without it, from now on.")]


def stream_router(
    settings: Settings, *, heartbeat_seconds: float = HEARTBEAT_SECONDS, most_waiting: int = MOST_WAITING
) -> APIRouter:
    """The endpoint, with its reader as part of the application's life.

    Args:
        settings: Where Kafka is.
        heartbeat_seconds: A comment is sent so often when nothing happens.
        most_waiting: A client for whom so many steps wait is cut off.
    """
    feed = Feed(settings, most_waiting)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        async with feed:
            yield

    router = APIRouter(lifespan=lifespan)

    @router.get(PATH, response_class=EventSourceResponse, tags=["incidents"])
    async def incident_stream(
        model: Model = "", severity: Least = "info", last_event_id: LastEventId = None
    ) -> EventSourceResponse:
        """Every step of every incident as it happens: events `incident`, with the incident as JSON."""
        places = _places(last_event_id, settings)
        return EventSourceResponse(
            _events(feed, settings, places, lambda step: _is_wanted(step, model, severity)),
            ping=heartbeat_seconds,
            send_timeout=_SEND_TIMEOUT_SECONDS,
        )

    return router


def _places(last_event_id: str | None, settings: Settings) -> Places | None:
    if not last_event_id:
        return None
    partitions = range(settings.topics.incidents.partitions)
    try:
        places = Places.parse(last_event_id)
    except ValueError:
        places = Places()
    if places.keys() != set(partitions):
        valid = Places(dict.fromkeys(partitions, 0))
        raise bad_value("Last-Event-ID", last_event_id, f"the id of an event of this stream, such as {valid}")
    return places


async def _events(
    feed: Feed, settings: Settings, places: Places | None, is_wanted: Callable[[Step], bool]
) -> AsyncIterator[ServerSentEvent]:
    """First what the client has missed, as far as the feed has come; then what the feed brings."""
    await feed.begun.wait()
    with feed.follow() as follower:
        at = Places(follower.start if places is None else places)
        yield ServerSentEvent(id=str(at), retry=RETRY_MS)  # a client that leaves before the first event resumes, too
        while at.is_behind(follower.start):
            missed, reached = await asyncio.to_thread(between, settings, at, follower.start)
            for step in missed:
                at[step.partition] = step.offset + 1
                if is_wanted(step):
                    yield _event(step, at)
            at = reached
        async for step in follower.steps():
            if step.offset >= at[step.partition]:
                at[step.partition] = step.offset + 1
                if is_wanted(step):
                    yield _event(step, at)


def _is_wanted(step: Step, model: str, severity: Severity) -> bool:
    return model in ("", step.incident.model) and at_least(step.incident.severity, severity)


def _event(step: Step, at: Places) -> ServerSentEvent:
    return ServerSentEvent(step.json, event="incident", id=str(at))
