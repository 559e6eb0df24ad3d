"""Follows, over Kafka, what Driftline says about the model while the replay runs."""

import time

from driftline.store import Store
from driftline.subscription import Subscription
from driftline_schemas import ModelChange, RetrainRequest
from driftline_schemas.settings import Settings

ASK_SECONDS = 0.2

_ENDED = """
SELECT DISTINCT retrain_id FROM retrain_log WHERE retrain_id IN {under_way:Array(String)} AND final
"""


class Watch:
    """Counts drifts, alerts, retrain requests and promotions as they are published.

    Args:
        settings: Where Kafka and ClickHouse are.

    Attributes:
        drifts: Drifts published so far.
        alerts: Alerts published so far.
        requests: Retrains asked for so far.
        promotions: Versions promoted so far.
    """

    def __init__(self, settings: Settings) -> None:
        self.drifts = self.alerts = self.requests = self.promotions = 0
        self._store = Store(settings.clickhouse)
        self._topics = topics = settings.topics
        self._subscription = Subscription(
            settings.kafka, topics.drifts.name, topics.alerts.name, topics.retrains.name, topics.models.name
        )
        self._under_way: set[str] = set()
        self._asked_at = -ASK_SECONDS

    def close(self) -> None:
        """Leave Kafka and ClickHouse."""
        self._subscription.close()
        self._store.close()

    def retrains_under_way(self) -> frozenset[str]:
        """The retrains that were asked for and have not ended yet."""
        for topic, value in self._subscription.poll():
            self._note(topic, value)
        if self._under_way and time.monotonic() - self._asked_at >= ASK_SECONDS:
            self._asked_at = time.monotonic()
            ended = self._store.rows(_ENDED, {"under_way": sorted(self._under_way)})
            self._under_way -= {str(row["retrain_id"]) for row in ended}
        return frozenset(self._under_way)

    def _note(self, topic: str, value: bytes) -> None:
        if topic == self._topics.drifts.name:
            self.drifts += 1
        elif topic == self._topics.alerts.name:
            self.alerts += 1
        elif topic == self._topics.models.name:
            change = ModelChange.model_validate_json(value)
            self.promotions += change.action == "promoted"
        else:
            self.requests += 1
            self._under_way.add(RetrainRequest.model_validate_json(value).retrain_id)
