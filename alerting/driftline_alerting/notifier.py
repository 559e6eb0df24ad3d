"""Takes records and the passing of time, and tells what has become of the incidents: stored first, then published."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from driftline_alerting.drifts import Drifts
from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.policy import HOUR_MS, IncidentPolicy
from driftline_alerting.incidents.signal import Told
from driftline_alerting.incidents.steps.action import take_action
from driftline_alerting.incidents.steps.alert import take_alert
from driftline_alerting.incidents.steps.change import take_change
from driftline_alerting.incidents.steps.retrain import REMEDIED, take_retrain_step
from driftline_alerting.incidents.steps.time import pass_time
from driftline_alerting.intake import cause_of, decoded
from driftline_alerting.journal.read import (
    known_causes,
    newest_notices,
    owners,
    read_board,
    read_case,
    retrain_steps,
)
from driftline_alerting.journal.write import write_silence, write_steps
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.publisher import Publisher
from driftline_schemas.clickhouse import Reconnecting
from driftline_schemas.errors import InvalidRecord
from driftline_schemas.events.alert import Alert
from driftline_schemas.events.base import Record
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.model_change import ModelChange
from driftline_schemas.events.silence import Silence
from driftline_schemas.retry import until_done
from driftline_schemas.topics import Topics

_PASS_EVERY_MS = 1_000

logger = logging.getLogger(__name__)


class Taken(NamedTuple):
    """A record of Kafka, and what it means."""

    raw: Any
    record: Record


class Notifier:
    """One for an installation. Whatever it is killed in, the next one goes on from the journal.

    Args:
        policy: When incidents join, are told, escalate and end.
        topics: Of the installation.
        store: The connection to the journal.
        publisher: Writes to Kafka.
        drifts: Looks up what alerts are built on.
        clock: The time in epoch milliseconds.
        metrics: Is told of steps, and how the incidents stand.
    """

    def __init__(
        self,
        policy: IncidentPolicy,
        topics: Topics,
        store: Reconnecting,
        publisher: Publisher,
        drifts: Drifts,
        clock: Callable[[], int],
        metrics: NotifierMetrics,
    ) -> None:
        self._policy = policy
        self._topics = topics
        self._store = store
        self._publisher = publisher
        self._drifts = drifts
        self._clock = clock
        self._metrics = metrics
        self._board = Board(policy)
        self._passed_ms = 0

    def begin(self) -> None:
        """Read how the incidents stand, and publish what a predecessor stored and could not publish any more."""
        self._board = until_done(
            "reading the incidents",
            lambda: self._store(lambda client: read_board(client, self._policy, self._clock())),
        )
        self._metrics.stand(case.incident for case in self._board.open())
        newest = until_done("reading the newest steps", lambda: self._store(newest_notices))
        until_done("publishing", lambda: self._publisher.notices(self._publisher.unpublished(newest)))

    def take(self, raw_records: Iterable[Any]) -> None:
        """Take records of any of the topics; when this returns, all that they led to is stored and published."""
        taken = [each for raw in raw_records if (each := self._decoded(raw)) is not None]
        taken.sort(key=lambda each: (each.raw.timestamp, each.raw.topic, each.raw.partition, each.raw.offset))
        known = self._known([each.record for each in taken])
        owner = self._owners([each.record for each in taken])
        steps: list[Case] = []
        for each in taken:
            cause = cause_of(each.record)
            if cause and cause in known:
                continue
            known.add(cause)
            steps += self._steps(each, owner)
        self._tell(steps)

    def pass_time(self) -> None:
        """Take what the retrain service has done since, and what is due by the clock."""
        now_ms = self._clock()
        if now_ms < self._passed_ms + _PASS_EVERY_MS:
            return
        self._passed_ms = now_ms
        self._tell([*self._remedies(now_ms), *pass_time(now_ms, self._board)])
        self._board.forget(now_ms)

    def _decoded(self, raw: Any) -> Taken | None:
        try:
            return Taken(raw, decoded(raw, self._topics))
        except InvalidRecord as error:
            self._refuse(raw, error)
            return None

    def _refuse(self, raw: Any, error: InvalidRecord) -> None:
        place = f"{raw.topic}[{raw.partition}]@{raw.offset}"
        reason, message = error.reason, str(error)
        logger.warning("%s is a dead letter: %s", place, message)
        until_done(f"{place}: dead letter", lambda: self._publisher.dead_letter(raw, reason, message))

    def _known(self, records: Sequence[Record]) -> set[str]:
        causes = {cause: getattr(record, "model", "") for record in records if (cause := cause_of(record))}
        if not causes:
            return set()
        return until_done(
            "looking up what is known",
            lambda: self._store(lambda client: known_causes(client, set(causes.values()), causes)),
        )

    def _owners(self, records: Sequence[Record]) -> dict[str, str]:
        models = {record.model for record in records if isinstance(record, Alert)}
        if not models:
            return {}
        return until_done("looking up owners", lambda: self._store(lambda client: owners(client, models)))

    def _steps(self, taken: Taken, owner: dict[str, str]) -> Iterator[Case]:
        record, at_ms = taken.record, taken.raw.timestamp
        if isinstance(record, Alert):
            drifts = until_done("reading drifts", lambda: self._drifts.of(record, at_ms))
            late = self._clock() - at_ms > self._policy.resolve_after_hours * HOUR_MS
            yield from take_alert(Told(record, drifts, at_ms, owner.get(record.model, ""), late), self._board)
        elif isinstance(record, IncidentAction):
            yield from self._acted(record, taken.raw)
        elif isinstance(record, ModelChange):
            yield from take_change(record, at_ms, self._board)
        elif isinstance(record, Silence):
            until_done("storing a silence", lambda: self._store(lambda client: write_silence(client, record)))
            self._board.silences.put(record)

    def _acted(self, action: IncidentAction, raw: Any) -> Iterator[Case]:
        case = self._board.case(action.model, action.incident_id) or until_done(
            "looking up an incident",
            lambda: self._store(lambda client: read_case(client, action.model, action.incident_id)),
        )
        if case is None:
            named = f"model {action.model!r} has no incident {action.incident_id!r}"
            self._refuse(raw, InvalidRecord("unknown-incident", named))
        else:
            yield take_action(action, raw.timestamp, case, self._board)

    def _remedies(self, now_ms: int) -> Iterator[Case]:
        since = {
            case.incident.model: max(case.incident.opened_ms, case.memory.remedy_ms)
            for case in self._board.open()
            if REMEDIED & set(case.incident.kinds)
        }
        if since:
            found = until_done(
                "reading retrains",
                lambda: self._store(lambda client: retrain_steps(client, set(since), min(since.values()))),
            )
            for step in found:
                yield from take_retrain_step(step, now_ms, self._board)

    def _tell(self, steps: Sequence[Case]) -> None:
        if not steps:
            return
        until_done("storing", lambda: self._store(lambda client: write_steps(client, steps)))
        until_done("publishing", lambda: self._publisher.notices(case.incident for case in steps))
        self._metrics.stand(case.incident for case in self._board.open())
        for case in steps:
            told = case.incident
            self._metrics.stepped(told.step)
            logger.info("incident %s of %s: %s: %s", told.incident_id, told.model, told.step, told.headline)
