"""What people decide about retrains and versions."""

import time
import uuid

from driftline_dashboard.queries.retrains import WAITS_FOR_APPROVAL, retrain_steps
from driftline_dashboard.store import Store
from driftline_registry import RegistryError, open_registry
from driftline_schemas import LogPosition, RetrainRequest, RetrainVerdict, RollbackRequest, log_writer
from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.partitioner import partition_for
from driftline_schemas.settings import Settings

_LAST = """
SELECT max(last_offset) AS offset, max(toUnixTimestamp64Milli(last_logged_at)) AS at_ms
FROM block_log WHERE partition = {partition:UInt16} HAVING count() > 0
"""


def decide(settings: Settings, store: Store, retrain_id: str, *, approved: bool, by: str, reason: str) -> str:
    """Send a verdict to the retrain service; return the model that it is about.

    Raises:
        ConfigurationError: There is no such retrain, or it needs no verdict any more.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    steps = retrain_steps(store, retrain_id)
    if not steps:
        raise ConfigurationError(f"there is no retrain {retrain_id!r}; `driftline retrains` lists them")
    last = steps[-1]
    if last.final:
        raise ConfigurationError(f"retrain {retrain_id} has ended: {last.status}, {last.explanation}")
    asked = any(step.status == "waiting" and step.explanation.startswith(WAITS_FOR_APPROVAL) for step in steps)
    if approved and not asked:
        raise ConfigurationError(f"retrain {retrain_id} needs no approval: {last.status}, {last.explanation}")
    verdict = RetrainVerdict(
        retrain_id=retrain_id, model=last.model, approved=approved, by=by, reason=reason, timestamp_ms=_now_ms()
    )
    log_writer.append(settings, settings.topics.retrains, last.model, verdict)
    return last.model


def ask_for_retrain(settings: Settings, store: Store, model: str, reason: str) -> str:
    """Ask for a retrain of a model's champion on its newest labelled rows; return the retrain's id.

    Raises:
        ConfigurationError: Nothing of the model is stored.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    request = RetrainRequest(
        retrain_id=uuid.uuid4().hex, model=model, reason=reason, requested=_last_stored(settings, store, model)
    )
    log_writer.append(settings, settings.topics.retrains, model, request)
    return request.retrain_id


def roll_back(settings: Settings, model: str, *, by: str, reason: str) -> tuple[str, str]:
    """Ask the retrain service to take the champion back; return it, and the version that follows.

    Both are what the registry says now, whoever promoted them; nothing happens if the champion changes meanwhile.

    Raises:
        ConfigurationError: The registry has no champion of the model, or no version that could follow it.
        Unavailable: Kafka or the registry does not answer.
    """
    current, previous = _champions(settings, model)
    request = RollbackRequest(
        rollback_id=uuid.uuid4().hex, model=model, version=current, by=by, reason=reason, timestamp_ms=_now_ms()
    )
    log_writer.append(settings, settings.topics.retrains, model, request)
    return current, previous


def _champions(settings: Settings, model: str) -> tuple[str, str]:
    """The champion, and the one that a roll-back makes of it, by the registry's own rules."""
    registry = open_registry(settings.registry)
    try:
        aliases = registry.aliases(model)
        if aliases.champion is None:
            raise ConfigurationError(
                f"the registry {settings.registry} has no champion of {model!r}, so there is none to take back: "
                f"promote a version, or name the registry of the retrain service in DRIFTLINE_REGISTRY"
            )
        previous = aliases.rollback([], expect=aliases.champion, retrain_id="").champion
        registry.get(model, previous)
    except RegistryError as error:
        if isinstance(error, Unavailable):
            raise
        raise ConfigurationError(f"{error}; promote the version of {model!r} that is to serve") from error
    return aliases.champion, previous


def _last_stored(settings: Settings, store: Store, model: str) -> LogPosition:
    """The last stored record of the model's partition, at the broker's time."""
    partition = partition_for(model, settings.partitions)
    rows = store.rows(_LAST, partition=partition)
    if not rows:
        raise ConfigurationError(f"nothing of {model!r} is stored yet: emit predictions first, and run a worker")
    return LogPosition(partition=partition, offset=int(rows[0]["offset"]), timestamp_ms=int(rows[0]["at_ms"]))


def _now_ms() -> int:
    return int(time.time() * 1000)
