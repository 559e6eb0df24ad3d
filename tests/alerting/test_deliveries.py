"""Notices on their way to real receivers, by real Kafka, with their rows in ClickHouse."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from driftline.stack.ports import draw_port
from driftline_alerting.channels.alertmanager import AlertmanagerSettings
from driftline_alerting.channels.interface import Retries
from driftline_alerting.channels.webhook import WebhookSettings
from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery import Deliveries
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.routes import Route
from driftline_schemas.clickhouse import connect
from driftline_schemas.events.silence import Silence
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topics
from tests.alerting.alertmanager import alertmanager
from tests.alerting.notices import append, incident, settings, store_step
from tests.alerting.receivers import OK, Receiver, Request, receiver
from tests.retrain_service.stored import messages
from tests.schemas.relay import relay
from tests.stream_processors.harness import wait_for

QUICK = Retries(attempts=3, first_pause_seconds=0.01, longest_pause_seconds=0.02)
SILENCE = Silence(silence_id="s", model="*", from_ms=0, until_ms=1, by="ana", timestamp_ms=0)


@pytest.fixture
def installation(kafka_address: str, topics: Topics, database: ClickHouseAddress) -> Settings:
    return settings(kafka_address, topics, database)


@pytest.fixture
def pager() -> Iterator[Receiver]:
    with receiver() as served:
        yield served


def configuration(**receivers: Receiver) -> Configuration:
    """A webhook to each receiver, which gets everything."""
    channels = {name: WebhookSettings(url=each.url, timeout_seconds=5, retry=QUICK) for name, each in receivers.items()}
    return Configuration(channels=channels, routes=(Route(channels=tuple(channels)),))


def deliveries(configured: Configuration, installation: Settings) -> Deliveries:
    return Deliveries(configured, installation, NotifierMetrics(configured.channels), lambda: True)


def rows(installation: Settings, columns: str, table: str = "delivery_log") -> list[tuple[object, ...]]:
    with connect(installation.clickhouse) as client:
        return [tuple(row) for row in client.query(f"SELECT {columns} FROM {table} ORDER BY at").result_rows]


def test_a_notice_goes_where_routes_lead_once_and_leaves_a_row(installation: Settings, pager: Receiver) -> None:
    told = [incident(1), incident(1), incident(2, notify=False), SILENCE, incident(3, severity="info"), incident(4)]
    configured = replace(configuration(pager=pager), routes=(Route(severity="warning", channels=("pager",)),))
    append(installation.kafka, installation.topics, [incident(0)])  # before there was the channel
    with deliveries(configured, installation):
        append(installation.kafka, installation.topics, told)
        wait_for("the last one", lambda: "notice-4" in pager.notice_ids)
    assert pager.notice_ids == ["notice-1", "notice-4"]
    assert rows(installation, "notice_id, incident_id, model, channel, status, attempt, error", "deliveries") == [
        ("notice-1", "incident-1", "fraud", "pager", "delivered", 1, ""),
        ("notice-4", "incident-4", "fraud", "pager", "delivered", 1, ""),
    ]


def test_a_receiver_that_hangs_delays_nobody_else(installation: Settings, pager: Receiver) -> None:
    release = threading.Event()

    def hang(_: Request) -> tuple[int, dict[str, str], bytes]:
        release.wait(60)
        return 204, {}, b""

    with receiver(hang) as hanging, deliveries(configuration(hanging=hanging, pager=pager), installation):
        append(installation.kafka, installation.topics, [incident(number) for number in range(5)])
        wait_for("all at the other one", lambda: len(pager.requests) == 5)
        assert len(hanging.requests) == 1
        release.set()
        wait_for("all at the slow one", lambda: len(hanging.requests) == 5)


def test_a_try_that_fails_is_repeated_and_what_is_given_up_is_a_dead_letter(
    installation: Settings, pager: Receiver
) -> None:
    answers = {
        "notice-1": iter([503, 429, 204]),
        "notice-2": iter([404]),
        "notice-3": iter([500, 302, 503]),
        "notice-4": iter([204]),
    }
    pager.answer = lambda request: (next(answers[request.notice_id]), {"location": "/other"}, b"sorry /T0/SECRET")
    hidden = replace(pager, url=f"{pager.url}/T0/SECRET")
    with deliveries(configuration(pager=hidden), installation):
        append(installation.kafka, installation.topics, [incident(number) for number in range(1, 5)])
        wait_for("the last one", lambda: "notice-4" in pager.notice_ids)
    assert [(name, status, attempt) for name, status, attempt in rows(installation, "notice_id, status, attempt")] == [
        ("notice-1", "retrying", 1),
        ("notice-1", "retrying", 2),
        ("notice-1", "delivered", 3),
        ("notice-2", "failed", 1),
        ("notice-3", "retrying", 1),
        ("notice-3", "retrying", 2),
        ("notice-3", "failed", 3),
        ("notice-4", "delivered", 1),
    ]
    errors = [error for (error,) in rows(installation, "error") if error]
    assert errors[0] == f"{pager.url} answered 503: sorry /T0/***"
    assert "redirects are not followed" in str(errors[4])
    letters = messages(installation.kafka, installation.topics.dead_letters.name)
    assert [dict(each.headers)["driftline-reason"] for each in letters] == [b"undeliverable"] * 2
    assert dict(letters[0].headers)["driftline-error"] == f"{pager.url} answered 404: sorry /T0/***".encode()
    assert dict(letters[0].headers)["driftline-channel"] == b"pager"
    assert b'"notice-2"' in letters[0].value


def test_what_was_confirmed_is_not_sent_again_even_without_its_place_in_kafka(
    installation: Settings, pager: Receiver
) -> None:
    with deliveries(configuration(pager=pager), installation):
        append(installation.kafka, installation.topics, [incident(1), incident(2)])
        wait_for("both", lambda: len(pager.requests) == 2)
    append(installation.kafka, installation.topics, [incident(2), incident(3)])
    with deliveries(configuration(pager=pager), installation):
        wait_for("the new one", lambda: len(pager.requests) == 3)
    store_step(installation, incident(3, timestamp_ms=time.time_ns() // 1_000_000))
    with closing(KafkaAdminClient(bootstrap_servers=installation.kafka)) as admin:
        admin.delete_groups([f"{installation.topic_prefix}delivery.pager"])
    append(installation.kafka, installation.topics, [incident(4)])
    with deliveries(configuration(pager=pager), installation):
        wait_for("the newest one", lambda: "notice-4" in pager.notice_ids)
    assert pager.notice_ids == ["notice-1", "notice-2", "notice-3", "notice-4"]


def test_deliveries_go_on_while_clickhouse_is_away_and_rows_come_later(installation: Settings, pager: Receiver) -> None:
    flowing = threading.Event()
    flowing.set()
    with (
        relay(installation.clickhouse, None, flowing) as relayed,
        deliveries(configuration(pager=pager), replace(installation, clickhouse=relayed)),
    ):
        flowing.clear()
        append(installation.kafka, installation.topics, [incident(1), incident(2)])
        wait_for("both", lambda: len(pager.requests) == 2)
        assert rows(installation, "notice_id") == []
        flowing.set()
        wait_for("their rows", lambda: len(rows(installation, "notice_id")) == 2)
    append(installation.kafka, installation.topics, [incident(3)])
    away = replace(installation.clickhouse, port=draw_port())
    with deliveries(configuration(pager=pager), replace(installation, clickhouse=away)):
        wait_for("one more", lambda: len(pager.requests) == 3)
    assert pager.notice_ids == ["notice-1", "notice-2", "notice-3"]


def test_tries_go_on_after_a_restart_where_they_ended(installation: Settings, pager: Receiver) -> None:
    pager.answer = lambda _: (503, {"retry-after": "600"}, b"")
    patient = replace(QUICK, longest_pause_seconds=600)
    channel = WebhookSettings(url=pager.url, retry=patient)
    configured = replace(configuration(pager=pager), channels={"pager": channel})
    with deliveries(configured, installation):
        append(installation.kafka, installation.topics, [incident(1)])
        wait_for("its row", lambda: len(rows(installation, "notice_id")) == 1)
    pager.answer = lambda _: OK
    with deliveries(configured, installation):
        wait_for("its end", lambda: len(rows(installation, "notice_id")) == 2)
    assert rows(installation, "status, attempt") == [("retrying", 1), ("delivered", 2)]
    assert rows(installation, "status, attempt", "deliveries") == [("delivered", 2)]


def test_alertmanager_is_told_the_end_of_what_fired_before_a_restart(installation: Settings, tmp_path: Path) -> None:
    first, others = incident(1), [incident(2), incident(3, severity="info")]
    ended = incident(1, notice_id="end", step="resolved", state="resolved", notify=False)
    with alertmanager(tmp_path) as served:
        configured = Configuration(
            channels={"am": AlertmanagerSettings(url=served.url)},
            routes=(Route(severity="warning", channels=("am",)),),
        )
        for each in (first, *others):
            store_step(installation, each)
        with deliveries(configured, installation):
            append(installation.kafka, installation.topics, [first, *others])
            wait_for("both", lambda: served.labels("incident_id") == ["incident-1", "incident-2"])
        with deliveries(configured, installation):
            append(installation.kafka, installation.topics, [ended])
            wait_for("the end of one", lambda: served.labels("incident_id") == ["incident-2"])
