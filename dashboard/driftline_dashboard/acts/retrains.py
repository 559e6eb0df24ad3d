"""What people decide about retrains and versions."""

import time
import uuid

from driftline_dashboard.queries.retrains import WAITS_FOR_APPROVAL, retrain_steps
from driftline_dashboard.queries.versions import version_changes
from driftline_dashboard.store import Store
from driftline_schemas import LogPosition, RetrainRequest, RetrainVerdict, RollbackRequest, log_writer
from driftline_schemas.errors import ConfigurationError
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


def roll_back(settings: Settings, store: Store, model: str, *, by: str, reason: str) -> tuple[str, str]:
    """Take the last promotion back; return the version that is taken back, and the one that follows.

    Raises:
        ConfigurationError: No promotion of the model is known.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    changes = [change for change in version_changes(store, model) if change.action != "refused"]
    if not changes:
        raise ConfigurationError(f"no promotion of {model!r} is known, so there is none to take back")
    current, previous = changes[0].version, changes[0].previous_version
    take_back(settings, model, current, by=by, reason=reason)
    return current, previous


def take_back(settings: Settings, model: str, version: str, *, by: str, reason: str) -> None:
    """Ask the retrain service to take back a champion.

    Raises:
        Unavailable: Kafka does not answer.
    """
    request = RollbackRequest(
        rollback_id=uuid.uuid4().hex, model=model, version=version, by=by, reason=reason, timestamp_ms=_now_ms()
    )
    log_writer.append(settings, settings.topics.retrains, model, request)


def _last_stored(settings: Settings, store: Store, model: str) -> LogPosition:
    """The last stored record of the model's partition, at the broker's time."""
    partition = partition_for(model, settings.partitions)
    rows = store.rows(_LAST, partition=partition)
    if not rows:
        raise ConfigurationError(f"nothing of {model!r} is stored yet: emit predictions first, and run a worker")
    return LogPosition(partition=partition, offset=int(rows[0]["offset"]), timestamp_ms=int(rows[0]["at_ms"]))


def _now_ms() -> int:
    return int(time.time() * 1000)
