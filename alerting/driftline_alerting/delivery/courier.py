"""One channel: its thread, its place in the log, its tries."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from driftline_alerting.channels import DeliveryFailed, open_channel, without
from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery.dead_letters import dead_letter
from driftline_alerting.delivery.history import MOST_REMEMBERED, History, Tries
from driftline_alerting.delivery.inbox import Inbox
from driftline_alerting.delivery.log import DeliveryLog, Try, now_ms
from driftline_alerting.message import Notice, line
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.routes import channels_for
from driftline_alerting.stopping import Stopped, Stopping
from driftline_schemas.codec import decode_incident
from driftline_schemas.errors import DriftlineError, InvalidRecord
from driftline_schemas.events.incident import Incident
from driftline_schemas.retry import pauses
from driftline_schemas.settings import Settings

_REPEAT_SECONDS = 10.0
"""What is due by time and failed is tried again after so long."""

_LOOK_SECONDS = 0.1

_SETTLED = Tries(settled=True, attempts=0)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What all couriers share.

    Attributes:
        configuration: Channels and routes.
        settings: Where Kafka and ClickHouse are.
        log: Takes a row for each try.
        metrics: Is told of each try.
        stopping: Set when the program ends.
        may_send: Whether this process is the one that tells people.
    """

    configuration: Configuration
    settings: Settings
    log: DeliveryLog
    metrics: NotifierMetrics
    stopping: Stopping
    may_send: Callable[[], bool]


class Courier(threading.Thread):
    """Delivers to one channel whatever routes lead to it, in the order of the log, until the program ends.

    Attributes:
        ready: Set as soon as the channel has its place in the log: what is appended from then on it will not miss.
    """

    def __init__(self, name: str, parts: Parts) -> None:
        super().__init__(name=f"delivery-{name}", daemon=True)  # one that hangs does not hold the program
        self.ready = threading.Event()
        self._channel_name = name
        self._parts = parts
        self._stopping = parts.stopping
        self._retries = parts.configuration.channels[name].retry
        self._channel = open_channel(parts.configuration.channels[name], parts.configuration.dashboard)
        self._history = History(parts.settings.clickhouse, name)
        self._tries: dict[str, Tries] = {}
        self._is_resumed = False
        self._due_at = 0.0

    def run(self) -> None:
        """Deliver; begin anew after whatever goes wrong."""
        with suppress(Stopped):
            self._stopping.until_done(f"delivery to {self._channel_name}", self._serve)

    def _serve(self) -> None:
        group = f"{self._parts.settings.topic_prefix}delivery.{self._channel_name}"
        with closing(Inbox(self._parts.settings, group, self._history.reached_ms)) as inbox:
            self._remember()
            self.ready.set()
            while not self._stopping.is_set():
                passed: dict[int, Any] = {}
                for record in inbox.records():
                    if self._take(record, inbox):
                        passed.pop(record.partition, None)
                    else:
                        passed[record.partition] = record
                for record in passed.values():
                    self._settle(record, inbox)
                self._keep_up()

    def _remember(self) -> None:
        """Ask ClickHouse what was settled; without its answer the log itself says it for the newest records."""
        try:
            known: Mapping[str, Tries] = self._history.tries()
        except DriftlineError as error:
            logger.warning("%s: what was delivered before is not asked for: %s", self._channel_name, error)
            return
        self._tries = {**known, **self._tries}

    def _take(self, record: Any, inbox: Inbox) -> bool:
        """Deliver a record if it is meant for this channel; whether its place is committed."""
        incident = _incident(record)
        if incident is None:
            return inbox.is_settled(record)
        if inbox.is_settled(record):
            self._note(incident.notice_id, _SETTLED)
            return True
        known = self._tries.get(incident.notice_id, Tries(settled=False, attempts=0))
        if known.settled or not self._is_meant(incident):
            return False
        self._deliver(record, incident, known.attempts + 1)
        self._note(incident.notice_id, _SETTLED)
        self._settle(record, inbox)
        return True

    def _is_meant(self, incident: Incident) -> bool:
        told = incident.notify and self._channel_name in channels_for(incident, self._parts.configuration.routes)
        return told or self._channel.follows(incident)

    def _deliver(self, record: Any, incident: Incident, attempt: int) -> None:
        """Try until it is confirmed, or given up and kept as a dead letter."""
        notice = Notice(incident, self._parts.configuration.dashboard)
        last = attempt + self._retries.attempts - 1
        rests = pauses(self._retries.first_pause_seconds, self._retries.longest_pause_seconds)
        for number, pause in zip(range(attempt, last + 1), rests, strict=False):
            self._wait_until_allowed()
            failed = self._try(notice, number, last)
            if failed is None:
                return
            if failed.hopeless or number == last:
                self._give_up(record, self._said(failed))
                return
            self._stopping.pause(max(pause, min(failed.wait_seconds, self._retries.longest_pause_seconds)))

    def _try(self, notice: Notice, number: int, last: int) -> DeliveryFailed | None:
        """One try and its row; the failure, if it is one."""
        begun, failed = time.monotonic(), None
        try:
            self._channel.send(notice)
        except DeliveryFailed as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - whatever a channel meets, the others and the next notice go on
            failed = DeliveryFailed(f"{type(error).__name__}: {error}")
        is_last = failed is not None and (failed.hopeless or number == last)
        row = Try(
            notice_id=notice.incident.notice_id,
            incident_id=notice.incident.incident_id,
            model=notice.incident.model,
            channel=self._channel_name,
            status="delivered" if failed is None else "failed" if is_last else "retrying",
            attempt=number,
            error="" if failed is None else self._said(failed),
            milliseconds=(time.monotonic() - begun) * 1000,
            at=now_ms(),
        )
        self._parts.log.add(row)
        lag_seconds = (row.at - notice.incident.timestamp_ms) / 1000
        self._parts.metrics.tried(row.channel, row.status, row.milliseconds / 1000, lag_seconds)
        if failed is not None:
            logger.warning("%s: try %d of %d of %s: %s", self._channel_name, number, last, row.notice_id, row.error)
        return failed

    def _said(self, failed: DeliveryFailed) -> str:
        return f"{self._channel.place} {without(self._channel.secrets, line(str(failed)))}"

    def _give_up(self, record: Any, said: str) -> None:
        self._stopping.until_done(
            f"{self._channel_name}: dead letter",
            lambda: dead_letter(record, self._channel_name, said, self._parts.settings),
        )

    def _wait_until_allowed(self) -> None:
        while not self._parts.may_send():
            self._stopping.pause(_LOOK_SECONDS)

    def _settle(self, record: Any, inbox: Inbox) -> None:
        self._wait_until_allowed()  # the place may be another process's by now, and further on
        self._stopping.until_done(f"{self._channel_name}: committing", lambda: inbox.settle(record))

    def _note(self, notice_id: str, tries: Tries) -> None:
        self._tries[notice_id] = tries
        while len(self._tries) > MOST_REMEMBERED:
            del self._tries[next(iter(self._tries))]

    def _keep_up(self) -> None:
        """What is due by time; what fails is told and tried again, and holds no notice up."""
        if time.monotonic() < self._due_at:
            return
        try:
            if not self._is_resumed:
                self._channel.resume(self._history.open_incidents)
                self._is_resumed = True
            self._channel.keep_up()
        except (DeliveryFailed, DriftlineError) as error:
            self._due_at = time.monotonic() + _REPEAT_SECONDS
            logger.warning("%s: %s", self._channel_name, without(self._channel.secrets, line(str(error))))


def _incident(record: Any) -> Incident | None:
    """The incident that a record tells of; None of the other records of the topic."""
    type_name = dict(record.headers).get("type")
    try:
        decoded = decode_incident(
            None if type_name is None else type_name.decode("utf-8", "replace"), record.value or b""
        )
    except InvalidRecord as error:
        place = f"{record.topic}[{record.partition}]@{record.offset}"
        logger.warning("%s is passed over: %s", place, error)
        return None
    return decoded if isinstance(decoded, Incident) else None
