"""The stream of incidents: live, filtered, and resumed exactly, also from a server that was started anew."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from driftline_dashboard.api.errors import told_as_problems
from driftline_dashboard.application import create
from driftline_dashboard.stream import PATH, stream_router
from driftline_dashboard.stream.places import Places
from driftline_schemas.events.silence import Silence
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topics
from tests.alerting.notices import append, incident, settings
from tests.stream_processors.harness import wait_for

SILENCE = Silence(silence_id="s", model="*", from_ms=0, until_ms=1, by="ana", timestamp_ms=0)


@pytest.fixture
def installation(kafka_address: str, topics: Topics) -> Settings:
    return settings(kafka_address, topics, ClickHouseAddress.parse("http://127.0.0.1:1/none"))


@contextmanager
def server(installation: Settings, **options: Any) -> Iterator[str]:
    """The address of an application with nothing but the stream, until the end."""
    app = FastAPI()
    told_as_problems(app)
    app.include_router(stream_router(installation, **options))
    with serving(app) as url:
        yield url


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of an application, on loopback, until the end."""
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_for("the server", lambda: running.started)
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()


class Stream:
    """A client, as a browser reads: what came last, and its id."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last_id = ""

    def next(self) -> tuple[str, str] | None:
        """The name of the next event and its data; a comment is an event without a name; None at the end."""
        event: dict[str, str] = {}
        for line in self._lines:
            if not line:
                self.last_id = event.get("id", self.last_id)
                return event.get("event", ""), event.get("data", "")
            name, _, value = line.partition(": ")
            event[name] = value
        return None

    def rest(self) -> Iterator[str]:
        """The ids of the next notices, until the end."""
        while (event := self.next()) is not None:
            if event[0] == "incident":
                yield json.loads(event[1])["notice_id"]

    def notices(self, count: int) -> list[str]:
        """The ids of the next notices."""
        return list(islice(self.rest(), count))


@contextmanager
def stream(url: str, last_id: str = "", receive_buffer_bytes: int = 1 << 20, **query: str) -> Iterator[Stream]:
    headers: Mapping[str, str] = {"last-event-id": last_id} if last_id else {}
    transport = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)])
    with (
        httpx.Client(transport=transport, timeout=30) as client,
        client.stream("GET", f"{url}{PATH}", headers=headers, params=query) as answer,
    ):
        assert answer.status_code == 200
        opened = Stream(answer.iter_lines())
        assert opened.next() == ("", "")  # its place
        yield opened


def told(installation: Settings, *numbers: int, **fields: Any) -> None:
    append(installation.kafka, installation.topics, [SILENCE, *(incident(number, **fields) for number in numbers)])


def test_steps_come_as_they_happen_whoever_is_told_of_them(installation: Settings) -> None:
    told(installation, 0)
    with serving(create(installation)) as url, stream(url) as first, stream(url) as second:
        told(installation, 1, notify=False)
        event = first.next()
        assert event is not None
        assert (event[0], json.loads(event[1])) == ("incident", incident(1, notify=False).model_dump())
        assert second.notices(1) == ["notice-1"]


def test_a_client_gets_what_it_asked_for(installation: Settings) -> None:
    with (
        server(installation) as url,
        stream(url, model="price") as one_model,
        stream(url, severity="critical") as critical,
    ):
        told(installation, 1)
        told(installation, 2, model="price")
        told(installation, 3, severity="critical")
        told(installation, 4, model="price", severity="critical")
        assert one_model.notices(2) == ["notice-2", "notice-4"]
        assert critical.notices(2) == ["notice-3", "notice-4"]


def test_a_client_resumes_exactly_also_at_a_server_that_was_started_anew(installation: Settings) -> None:
    with server(installation) as url:
        with stream(url) as before_anything:
            pass
        told(installation, *range(3))
        with stream(url, before_anything.last_id) as resumed:
            assert resumed.notices(2) == ["notice-0", "notice-1"]
        told(installation, *range(3, 5))
    with server(installation) as url, stream(url, resumed.last_id) as resumed:
        assert resumed.notices(3) == ["notice-2", "notice-3", "notice-4"]
        told(installation, 5)
        assert resumed.notices(1) == ["notice-5"]


def test_a_long_absence_is_made_up_while_more_comes(installation: Settings) -> None:
    told(installation, *range(2_500))
    with server(installation) as url, stream(url, str(Places({0: 0}))) as resumed:
        found = resumed.notices(10)
        told(installation, *range(2_500, 2_510))
        found += resumed.notices(2_500)
    assert found == [f"notice-{number}" for number in range(2_510)]


def test_a_slow_client_is_cut_off_and_resumes(installation: Settings) -> None:
    told_ids = [f"notice-{number}" for number in range(100)]
    with server(installation, most_waiting=5) as url:
        with stream(url, receive_buffer_bytes=1 << 17) as slow:
            told(installation, *range(100), evidence=["x" * 100_000])  # more than lies between server and client
            assert resumed_as_needed(url, "0:0", 100) == told_ids  # so the feed has them all
            found = list(slow.rest())
        assert len(found) < 100
        assert found + resumed_as_needed(url, slow.last_id, 100 - len(found)) == told_ids


def resumed_as_needed(url: str, last_id: str, count: int) -> list[str]:
    """The ids of the next notices, as a browser gets them that comes back when it is cut off."""
    found: list[str] = []
    while len(found) < count:
        with stream(url, last_id) as resumed:
            found += resumed.notices(count - len(found))
            last_id = resumed.last_id
    return found


def test_when_nothing_happens_there_are_comments(installation: Settings) -> None:
    with server(installation, heartbeat_seconds=0.05) as url, stream(url) as idle:
        assert idle.next() == ("", "")
        told(installation, 1)
        assert idle.notices(1) == ["notice-1"]


def test_a_wrong_id_is_told(installation: Settings) -> None:
    with server(installation) as url:
        for last_id in ("x", "0", "0:1,1:1", "0:-1", "0:1,", "²:1"):
            answer = httpx.get(f"{url}{PATH}", headers=[(b"last-event-id", last_id.encode())])
            assert (answer.status_code, "such as 0:0" in answer.json()["detail"]) == (422, True), last_id
