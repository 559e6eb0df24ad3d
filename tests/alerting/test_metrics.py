"""What the notifier says to Prometheus and to whoever keeps it running."""

import time

import pytest

from driftline.stack.ports import draw_port
from driftline_alerting.lease import Lease
from driftline_alerting.metrics import NotifierMetrics
from driftline_schemas import ConfigurationError
from driftline_schemas.pages import served
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topics
from tests.alerting.notices import settings
from tests.alerting.process import health
from tests.prometheus.exposition import metrics
from tests.stream_processors.harness import wait_for


@pytest.fixture
def installation(kafka_address: str, topics: Topics, database: ClickHouseAddress) -> Settings:
    return settings(kafka_address, topics, database)


def test_what_was_done_is_told(installation: Settings) -> None:
    notifier = NotifierMetrics(["hook", "chat"])
    port = draw_port()
    with served("127.0.0.1", port, notifier.pages(Lease(installation))):
        before = metrics(port)
        notifier.stepped("opened")
        notifier.tried("hook", "retrying", 0.5, 1.0)
        notifier.tried("hook", "delivered", 0.5, 7.0)
        notifier.passed()
        told = metrics(port)
    assert {name: told[name] - before.get(name, 0) for name in (
        "driftline_notifier_steps_total",
        "driftline_notifier_deliveries_total",
        "driftline_notifier_delivery_seconds_sum",
        "driftline_notifier_delivery_lag_seconds_sum",
        "driftline_notifier_incidents",
    )} == {
        "driftline_notifier_steps_total": 1,
        "driftline_notifier_deliveries_total": 2,
        "driftline_notifier_delivery_seconds_sum": 1.0,
        "driftline_notifier_delivery_lag_seconds_sum": 7.0,
        "driftline_notifier_incidents": 0,
    }  # fmt: skip


def test_its_health_is_what_it_does(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    notifier, port, lease = NotifierMetrics(), draw_port(), Lease(installation)
    with served("127.0.0.1", port, notifier.pages(lease)):
        assert health(port) == (503, {"status": "degraded", "last_pass": None, "error": "Kafka has not answered yet"})
        with lease:
            lease.wait()
            assert (health(port)[0], health(port)[1]["status"]) == (503, "starting")
            notifier.passed()
            assert (health(port)[0], health(port)[1]["status"]) == (200, "ok")
            later = time.time() + 90
            monkeypatch.setattr("driftline_alerting.metrics.time.time", lambda: later)
            status, document = health(port)
            assert (status, document["status"]) == (503, "degraded")
            assert "nothing was taken for 90 s" in document["error"]


def test_one_that_stands_by_is_healthy(installation: Settings) -> None:
    port = draw_port()
    with Lease(installation) as working:
        working.wait()
        with Lease(installation) as lease, served("127.0.0.1", port, NotifierMetrics().pages(lease)):
            wait_for("it to stand by", lambda: lease.stands_by)
            assert health(port) == (200, {"status": "standby", "last_pass": None, "error": ""})


def test_a_port_that_is_taken_is_said(installation: Settings) -> None:
    pages, port = NotifierMetrics().pages(Lease(installation)), draw_port()
    with (
        served("127.0.0.1", port, pages),
        pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"),
        served("127.0.0.1", port, pages),
    ):
        pass
