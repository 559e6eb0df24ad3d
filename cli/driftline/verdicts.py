"""What a person decides about a retrain, and who that is."""

import getpass
import time

from driftline import log_writer, store
from driftline_schemas import RetrainVerdict
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.settings import Settings

_LAST_STEP = "SELECT model, status, final, explanation FROM retrains WHERE retrain_id = {retrain_id:String}"
_APPROVALS = """
SELECT count() AS asked FROM retrain_steps
WHERE retrain_id = {retrain_id:String} AND status = 'waiting' AND startsWith(explanation, 'a person must approve')
"""


def decide(settings: Settings, retrain_id: str, *, approved: bool, by: str, reason: str) -> str:
    """Send a verdict to the retrain service; return the model that it is about.

    Raises:
        ConfigurationError: There is no such retrain, or it needs no verdict any more.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    rows = store.rows(settings.clickhouse, _LAST_STEP, {"retrain_id": retrain_id})
    if not rows:
        raise ConfigurationError(f"there is no retrain {retrain_id!r}; `driftline retrains` lists them")
    step = rows[0]
    if step["final"]:
        raise ConfigurationError(f"retrain {retrain_id} has ended: {step['status']}, {step['explanation']}")
    if approved and not store.rows(settings.clickhouse, _APPROVALS, {"retrain_id": retrain_id})[0]["asked"]:
        raise ConfigurationError(f"retrain {retrain_id} needs no approval: {step['status']}, {step['explanation']}")
    model = str(step["model"])
    verdict = RetrainVerdict(
        retrain_id=retrain_id,
        model=model,
        approved=approved,
        by=by or user(),
        reason=reason,
        timestamp_ms=int(time.time() * 1000),
    )
    log_writer.append(settings, settings.topics.retrains, model, verdict)
    return model


def user() -> str:
    """The user of this shell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
