"""Watch a promoted version beside its predecessor, and take the promotion back when that proves to be better."""

import logging

from driftline_registry import ChampionChanged, UnknownVersion
from driftline_retrain_service.context import Round
from driftline_retrain_service.reversal import Reversal, take_back
from driftline_retrain_service.runs.state import now_ms
from driftline_retrain_service.runs.watches import Watch
from driftline_retrain_service.telling import SERVICE

logger = logging.getLogger(__name__)


def advance(watch: Watch, now: Round) -> bool:
    """Take the next outcomes of a probation; say whether there is more to be done."""
    trial = watch.trial
    if trial.decision == "better":
        _take_back(watch, now)
        return True
    if now.registry.aliases(watch.model).champion != trial.champion:
        now.watches.end(watch.model)
        return False
    rows = now.live.rows(watch.model, watch.partition, trial.position)
    if not rows:
        return False
    served = rows.served_by(trial.champion)
    if served:
        trial = trial.take(served, now.load(watch.model, trial.champion), now.load(watch.model, trial.challenger))
    if not trial.decision:
        trial = trial.model_copy(update={"position": rows.position[-1]})
    watch = watch.model_copy(update={"trial": trial, "decided_ms": now_ms() if trial.decision else 0})
    if trial.decision == "timed-out":
        _passed(watch, now)
    else:
        now.watches.put(watch)
    return True


def _passed(watch: Watch, now: Round) -> None:
    trial = watch.trial
    now.audit.append(
        actor=SERVICE,
        action="probation-passed",
        model=watch.model,
        subject=trial.champion,
        details={"retrain_id": watch.retrain_id, "predecessor": trial.summary},
        at_ms=now_ms(),
        once=f"{watch.retrain_id}:{watch.refit}:probation",
    )
    now.watches.end(watch.model)


def _take_back(watch: Watch, now: Round) -> None:
    trial = watch.trial
    reversal = Reversal(
        reversal_id=f"{watch.retrain_id}:{trial.position}",
        model=watch.model,
        version=trial.champion,
        actor=SERVICE,
        reason=f"its predecessor proved better: {trial.summary}",
        at_ms=watch.decided_ms,
    )
    try:
        take_back(reversal, now)
    except (ChampionChanged, UnknownVersion) as error:
        logger.warning("version %s of %s is not taken back: %s", trial.champion, watch.model, error)
    now.watches.end(watch.model)
