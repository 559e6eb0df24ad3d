"""The drifts that alerts are built on."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from driftline_alerting.clients import client_settings
from driftline_schemas.codec import parse, validate
from driftline_schemas.errors import InvalidRecord
from driftline_schemas.events.alert import Alert
from driftline_schemas.events.drift import Drift
from driftline_schemas.settings import Settings

_MOST_DRIFTS = 10_000
_EARLIER_MS = 60_000
_PATIENCE_MS = 3_000
"""A worker sends a drift before its alert, to another topic: it may arrive a little later."""


class Drifts:
    """Reads `driftline.drifts` as far as alerts want it; the newest 10,000 are kept.

    Args:
        settings: Of the installation.
        clock: The time in epoch milliseconds.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._topic = settings.topics.drifts.name
        self._consumer = KafkaConsumer(**client_settings(settings), group_id=None, enable_auto_commit=False)
        self._clock = clock
        self._known: OrderedDict[str, Drift] = OrderedDict()
        self._read_until_ms = 0

    def of(self, alert: Alert, at_ms: int) -> list[Drift]:
        """The drifts of an alert whose record has that broker's time; one that cannot be found is left out."""
        if not self._consumer.assignment():
            self._begin(at_ms - _EARLIER_MS)
        while any(drift_id not in self._known for drift_id in alert.drift_ids) and self._read(at_ms):
            pass
        return [self._known[drift_id] for drift_id in alert.drift_ids if drift_id in self._known]

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close(autocommit=False)

    def _begin(self, since_ms: int) -> None:
        partitions = [
            TopicPartition(self._topic, number) for number in self._consumer.partitions_for_topic(self._topic) or ()
        ]
        starts = self._consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
        ends = self._consumer.end_offsets(partitions)
        self._consumer.assign(partitions)  # not before Kafka has said where to begin: it may go away in between
        for partition in partitions:
            found = starts.get(partition)
            self._consumer.seek(partition, found.offset if found else ends[partition])

    def _read(self, at_ms: int) -> bool:
        """Read on; False when nothing more comes that an alert of that time can be built on."""
        waits = self._read_until_ms < at_ms + _PATIENCE_MS
        records = [record for batch in self._consumer.poll(_PATIENCE_MS if waits else 0).values() for record in batch]
        for record in records:
            self._remember(record)
        if not records:
            self._read_until_ms = max(self._read_until_ms, self._clock())
        return bool(records)

    def _remember(self, record: Any) -> None:
        try:
            drift = validate(Drift, parse(record.value or b""))
        except InvalidRecord:
            return  # whoever watches that topic tells of it; an alert does without
        self._known[drift.drift_id] = drift
        while len(self._known) > _MOST_DRIFTS:
            self._known.popitem(last=False)
