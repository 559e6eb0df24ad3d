"""A model that goes stale and is retrained, as its service would tell it."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from driftline_producers import InferenceLogger
from driftline_registry import ModelFollower, Registry, save_sklearn
from driftline_schemas import ModelSpec, log_writer
from driftline_schemas.settings import Settings
from tests.stream_processors.harness import wait_for

MODEL, OWNER = "fraud", "risk team"
FEATURES = ("amount", "age", "hour")
COUNTRIES = ("DE", "FR", "US", "AT")
BEFORE, STALE, AFTER = 1_600, 600, 300
"""Events before the change, from there until the retrain, and of the version that it makes."""
HOURS = 14 * 24
LABEL_ROWS = 60
"""Whether one was fraud is known so many transactions later: six hours or so."""
ROWS_AT_A_TIME = 50
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Events:
    """Transactions in their order; the last one is made now.

    From number `BEFORE` on amounts are higher, and it is the small ones that are fraud.
    """

    numbers: np.ndarray[Any, Any]
    countries: Sequence[str]
    labels: Sequence[str]
    times_ms: Sequence[int]
    latencies_ms: Sequence[float]

    def features(self, number: int) -> dict[str, Any]:
        """What the model sees of one."""
        amount, age, hour = self.numbers[number]
        return {"amount": float(amount), "age": float(age), "hour": float(hour), "country": self.countries[number]}


def make_events(seed: int = 7) -> Events:
    """The transactions of two weeks."""
    random = np.random.default_rng(seed)
    count = BEFORE + STALE + AFTER
    changed = np.arange(count) >= BEFORE
    amount = random.lognormal(np.where(changed, 3.0, 2.4), 0.5)
    numbers = np.column_stack((amount, random.normal(40, 11, count), random.integers(0, 24, count)))
    fraud = np.where(changed, amount < math.exp(3.0), amount > math.exp(2.4)) ^ (random.random(count) < 0.06)
    step_ms = HOURS * HOUR_MS // count
    now_ms = int(time.time() * 1000)
    return Events(
        numbers,
        [COUNTRIES[n] for n in random.choice(4, count, p=(0.5, 0.25, 0.15, 0.1))],
        ["fraud" if each else "ok" for each in fraud],
        [now_ms - (count - 1 - n) * step_ms for n in range(count)],
        random.gamma(4, 3, count).tolist(),
    )


def register_first(registry: Registry, events: Events, folder: Path) -> None:
    """Train on the first thousand transactions, and let that serve."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(events.numbers[:1000], events.labels[:1000])
    version = registry.register(MODEL, save_sklearn(model, folder, features=list(FEATURES))).version
    registry.promote(MODEL, version, expect=None)


def specify(settings: Settings, client: Client) -> None:
    """Say who answers for the model, and that a person approves its retrains; wait until the worker has heard it."""
    spec = ModelSpec.model_validate(
        {
            "model": MODEL,
            "owner": OWNER,
            "segments": ["country"],
            "features": {"country": {"kind": "category"}},
            "retrain": {"approval": True, "cooldown_minutes": 0},
            "timestamp_ms": int(time.time() * 1000),
        }
    )
    log_writer.append(settings, settings.topics.events, MODEL, spec)
    wait_for("the specification", lambda: bool(client.query("SELECT 1 FROM model_specs").result_rows))


def serve(settings: Settings, registry: Registry, events: Events, first: int, end: int) -> None:
    """Predict some transactions with the champion of the moment, a few at a time; outcomes follow later."""
    with (
        ModelFollower(registry, MODEL) as follower,
        InferenceLogger(MODEL, kafka=settings.kafka, topic_prefix=settings.topic_prefix, linger_ms=5) as logger,
    ):
        model = follower.current
        answers = model.predict_many([events.features(n) for n in range(first, end)])
        for n, answer in zip(range(first, end), answers, strict=True):
            logger.log(
                events.features(n),
                answer.prediction,
                score=answer.score,
                version=model.version,
                segment={"country": events.countries[n]},
                event_id=_event_id(n),
                timestamp_ms=events.times_ms[n],
                latency_ms=events.latencies_ms[n],
            )
            if (labelled := n - LABEL_ROWS) >= 0:
                logger.outcome(_event_id(labelled), events.labels[labelled], timestamp_ms=events.times_ms[n])
            if n % ROWS_AT_A_TIME == 0:
                assert logger.flush(30)
        assert logger.flush(30)


def _event_id(number: int) -> str:
    return f"t-{number:05d}"


def the_incident(client: Client) -> str:
    """Wait until the notifier has made an incident of the errors; its id."""
    sql = "SELECT incident_id FROM incidents WHERE model = {model:String} AND has(kinds, 'concept-drift')"
    wait_for("an incident", lambda: bool(client.query(sql, {"model": MODEL}).result_rows))
    return str(client.query(sql, {"model": MODEL}).result_rows[0][0])
