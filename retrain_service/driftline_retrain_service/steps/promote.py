"""Carry out a promotion: intent, alias; the announcement and the outcome follow as the step is told (`telling.py`)."""

from driftline_registry import ChampionChanged
from driftline_retrain_service.context import Round
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Challenger
from driftline_retrain_service.runs.watches import Watch
from driftline_retrain_service.steps.shadow import outcome
from driftline_retrain_service.telling import SERVICE
from driftline_retrain_service.trials import new_trial, probation


def advance(run: Run, now: Round) -> bool:
    """Promote what was decided, if anything; say whether there was. Taken again, each part is found done.

    Raises:
        RegistryError: The version is not what was registered.
    """
    promotion = run.state.promotion
    if promotion is None:
        return False
    model, retrain_id, won = run.request.model, run.request.retrain_id, promotion.challenger
    now.audit.append(
        actor=SERVICE,
        action="promotion-intended",
        model=model,
        subject=won.trial.challenger,
        details={"retrain_id": retrain_id, "expects": won.trial.champion, "because": promotion.step.explanation},
        at_ms=promotion.step.at_ms,
        once=f"{retrain_id}:{won.refit}:intent",
    )
    others = tuple(each for each in run.state.challengers if each.refit != won.refit)
    try:
        # A version that was taken back may win again in the same retrain: its trials tell the promotions apart.
        promotion_id = f"{retrain_id}:{won.trial.position}"
        now.registry.promote(model, won.trial.challenger, expect=won.trial.champion, retrain_id=promotion_id)
    except ChampionChanged as error:
        run.settle(outcome("refused", won, str(error)), promotion=None, challengers=others)
        return True
    _watch(run, won, now)
    renewed = _challenging(run, won, others, now)
    run.settle(
        promotion.step,
        promotion=None,
        promoted=won.trial.challenger,
        challengers=renewed,
        trials=run.state.trials + len(renewed),
    )
    return True


def _watch(run: Run, won: Challenger, now: Round) -> None:
    """Begin the probation, which ends the one of the version before."""
    model = run.request.model
    if not run.state.policy.probation_rows:
        now.watches.end(model)
        return
    now.watches.put(
        Watch(
            model=model,
            retrain_id=run.request.retrain_id,
            refit=won.refit,
            partition=run.request.requested.partition,
            trial=probation(run, won.trial, now),
        )
    )


def _challenging(run: Run, won: Challenger, others: tuple[Challenger, ...], now: Round) -> tuple[Challenger, ...]:
    """Those that were trained later, and so know more, must now prove themselves beside the new champion."""
    later = [each for each in others if each.refit > won.refit and each.trial.challenger != won.trial.challenger]
    return tuple(
        each.model_copy(
            update={
                "trial": new_trial(
                    run,
                    champion=won.trial.challenger,
                    challenger=each.trial.challenger,
                    position=max(won.trial.position, each.trial.position),
                    bound=each.trial.bound,
                    now=now,
                    begun=number,
                )
            }
        )
        for number, each in enumerate(later)
    )
