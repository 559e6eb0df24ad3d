"""A broken feed withholds retrains, since it is the feed that is to be mended; values that are new do not."""

import asyncio
import json
import random
from typing import Any

import pytest

from driftline_stream_processors.memory.limits import BlockLimits
from tests.stream_processors.made import TOPICS, Empty, event, pipeline

CHANGE, ROWS = 6_000, 8_000


def sent(country: str | None, *, is_declared: bool = False) -> tuple[list[dict[str, Any]], int]:
    """Alerts and the number of requests to retrain, where half of the countries become this one and errors rise."""
    around, chance = Empty(), random.Random(1)
    log: list[Any] = []
    if is_declared:
        log.append(event(0, "model-spec", model="m", timestamp_ms=1, features={"country": {"values": ["DE", "AT"]}}))
    for start in range(0, ROWS, 500):
        is_changed, rows = start >= CHANGE, range(start, start + 500)
        countries = [country if is_changed and chance.random() < 0.5 else chance.choice(["DE", "AT"]) for _ in rows]
        ids: dict[str, Any] = {"model": "m", "event_id": [str(row) for row in rows], "timestamp_ms": list(rows)}
        labels = ["no" if chance.random() < (0.5 if is_changed else 0.1) else "ok" for _ in rows]
        log.append(event(len(log), "prediction-batch", **ids, features={"country": countries}, prediction="ok"))
        log.append(event(len(log), "outcome-batch", **ids, label=labels))
    asyncio.run(pipeline(around, BlockLimits(10**9, 1 << 60)).process(log))
    alerts = [json.loads(message.value or b"") for message in around.sent if message.topic == TOPICS.alerts.name]
    return alerts, sum(message.topic == TOPICS.retrains.name for message in around.sent)


def test_a_feed_without_values_is_mended_first() -> None:
    alerts, retrains = sent(None)
    assert retrains == 0
    assert {(alert["kind"], alert["feature"]) for alert in alerts} == {("quality", "country"), ("concept-drift", None)}
    assert "no retrain is asked for: country is broken" in alerts[-1]["message"]


@pytest.mark.parametrize(
    ("is_declared", "told"), [(False, "XX, which it never was"), (True, "missing or none of its categories")]
)
def test_a_new_value_is_told_as_quality_and_a_retrain_is_asked_for(is_declared: bool, told: str) -> None:
    (quality, *others), retrains = sent("XX", is_declared=is_declared)
    assert (quality["kind"], quality["feature"]) == ("quality", "country")
    assert quality["message"].startswith(f"m: country is {told}")
    assert [alert["kind"] for alert in others] == ["concept-drift"]
    assert "no retrain" not in others[0]["message"]
    assert retrains == 1
