"""What the notifier says to Prometheus and to whoever keeps it running."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from driftline.stack.ports import draw_port
from driftline_alerting.metrics import NotifierMetrics
from driftline_schemas import ConfigurationError
from driftline_schemas.pages import served
from tests.prometheus.exposition import metrics


def test_what_was_done_is_told() -> None:
    notifier = NotifierMetrics(["hook", "chat"])
    port = draw_port()
    with served("127.0.0.1", port, notifier.pages()):
        before = metrics(port)
        notifier.stepped("opened")
        notifier.tried("hook", "retrying", 0.5, 1.0)
        notifier.tried("hook", "delivered", 0.5, 7.0)
        notifier.passed()
        told = metrics(port)
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
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


def test_until_it_has_taken_what_had_come_it_is_not_healthy() -> None:
    port = draw_port()
    with served("127.0.0.1", port, NotifierMetrics().pages()):
        with pytest.raises(HTTPError) as raised, urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10):
            pass
        with raised.value as answer:
            assert (answer.code, json.load(answer)["status"]) == (503, "starting")


def test_a_port_that_is_taken_is_said() -> None:
    pages, port = NotifierMetrics().pages(), draw_port()
    with (
        served("127.0.0.1", port, pages),
        pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"),
        served("127.0.0.1", port, pages),
    ):
        pass
