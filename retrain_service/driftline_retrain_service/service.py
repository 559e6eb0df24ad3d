"""The retrain service: it takes records, and in each round brings everything that is open as far as the log goes."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TypeVar

from clickhouse_connect.driver.client import Client

from driftline_registry import RegistryError
from driftline_retrain_service.context import Parts, Round
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.intake import take_request, take_rollback, take_verdict
from driftline_retrain_service.rows.live import Frontier, LiveLog, frontiers
from driftline_retrain_service.runs.progress import Progress
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Step, now_ms
from driftline_retrain_service.steps import promote, recall, shadow, train, wait, watch
from driftline_retrain_service.telling import tell
from driftline_retrain_service.triggers import due_requests
from driftline_schemas.errors import Unavailable
from driftline_schemas.events.base import Record
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.events.retrain_verdict import RetrainVerdict
from driftline_schemas.events.rollback_request import RollbackRequest

_STEPS: tuple[Callable[[Run, Round], bool], ...] = (
    promote.advance,
    shadow.advance,
    recall.advance,
    wait.advance,
    train.advance,
)
"""What is decided is carried out first; outcomes count before something new is trained."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class RetrainService:
    """One writer for all models of a registry; whatever it is killed in, it goes on from the files."""

    def __init__(self, parts: Parts) -> None:
        self._parts = {field.name: getattr(parts, field.name) for field in fields(parts)}
        self._runs = parts.runs
        self._watches = parts.watches
        self._progress = Progress(parts.runs.root)
        self._triggered: Mapping[int, Frontier] = {}
        self._seen: dict[object, Frontier | None] = {}
        """How far the log was stored when a retrain or a probation had nothing more to do."""

    def take(self, record: Record, client: Client) -> None:
        """Take a record of `driftline.retrains`; when this returns, it is on the disk and need not come again.

        Raises:
            Exception: Something is away (ClickHouse, Kafka, the registry): call again later.
        """
        self._seen.clear()
        now = self._round(client)
        model = getattr(record, "model", "")
        _catch_up(model, now)
        if isinstance(record, RetrainRequest):
            take_request(record, now)
        elif isinstance(record, RetrainVerdict):
            take_verdict(record, now)
        elif isinstance(record, RollbackRequest):
            take_rollback(record, now)

    def advance(self, client: Client) -> None:
        """Bring every open retrain and every probation as far as the stored log goes.

        Raises:
            Exception: The first that any of them met; the others have gone on.
        """
        now = self._round(client)
        _end_what_nobody_wants(now)
        if now.live.frontiers != self._triggered:
            for request in due_requests(now):
                take_request(request, now)
            self._triggered = now.live.frontiers
        errors = [
            *self._each(now, {each.model: each.partition for each in self._watches.all()}, _watch),
            *self._each(now, {run: run.request.requested.partition for run in self._runs.unfinished()}, self._advance),
        ]
        if errors:
            raise errors[0]
        if now.runner.running is None:  # until it has ended, something that follows from the log is not done
            self._progress.note(now.live.frontiers)

    def _each(self, now: Round, what: Mapping[T, int], advance: Callable[[T, Round], bool]) -> Iterator[Exception]:
        """Advance each whose log has grown, or that waits for something else; yield the errors.

        One model's trouble is not the others'.
        """
        for each, partition in what.items():
            stored = now.live.frontiers.get(partition)
            if stored is not None and self._seen.get(each) == stored:
                continue
            try:
                if advance(each, now):
                    self._seen[each] = stored
            except Exception as error:  # noqa: BLE001
                yield error

    def _round(self, client: Client) -> Round:
        return Round(**self._parts, client=client, live=LiveLog(client, frontiers(client)))

    def _advance(self, run: Run, now: Round) -> bool:
        """Bring a retrain as far as it goes; say whether it then waits for the log alone.

        While its job runs it stands still, and all others go on. So how long its job takes decides nothing.
        """
        tell(run, now)
        if train.is_under_way(run, now):
            if not _attempted(train.advance, run, now):
                return False
            self._seen.clear()  # others may have waited for their turn
        while not run.state.ended and any(_attempted(step, run, now) for step in _STEPS):
            tell(run, now)
        tell(run, now)
        return not train.is_under_way(run, now)


def _attempted(step: Callable[[Run, Round], bool], run: Run, now: Round) -> bool:
    """Take a step; what cannot be helped by waiting ends the retrain, or what was being trained."""
    try:
        return step(run, now)
    except (RetrainFailed, RegistryError) as error:
        if isinstance(error, Unavailable):
            raise
        _fail(run, str(error))
        return True


def _fail(run: Run, explanation: str) -> None:
    """Give up what was being trained, or else everything; nothing more is trained after it."""
    training = run.state.training
    step = Step(
        status="failed",
        explanation=explanation,
        at_ms=now_ms(),
        refit=training.number if training else 0,
        champion=training.champion if training else "",
    )
    challengers = run.state.challengers if training else ()
    run.settle(step, training=None, promotion=None, challengers=challengers, refits=len(run.refit_rows))


def _catch_up(model: str, now: Round) -> None:
    """Carry out and tell what was decided about a model before a crash, ahead of all that is decided now.

    Who hears of a promotion after the roll-back that undid it takes the wrong version for the champion.
    """
    for run in now.runs.unfinished():
        if run.request.model == model:
            tell(run, now)
            if run.state.promotion and _attempted(promote.advance, run, now):
                tell(run, now)


def _watch(model: str, now: Round) -> bool:
    _catch_up(model, now)
    try:
        while (probation := now.watches.of(model)) and watch.advance(probation, now):
            pass
    except RegistryError as error:
        if isinstance(error, Unavailable):
            raise
        logger.error("the probation of %s ends: %s", model, error)  # noqa: TRY400 - the message says all
        now.watches.end(model)
    return True


def _end_what_nobody_wants(now: Round) -> None:
    """End the job of a retrain that was ended meanwhile."""
    if now.runner.running is not None and not any(train.is_under_way(run, now) for run in now.runs.unfinished()):
        now.runner.close()
