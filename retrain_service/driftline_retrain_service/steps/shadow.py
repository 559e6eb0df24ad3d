"""Let the challengers predict on what the champion served, and decide as soon as the outcomes do."""

from dataclasses import replace

from driftline_retrain_service.context import Round
from driftline_retrain_service.proof.guards import GuardSettings, veto
from driftline_retrain_service.proof.latency import latency_ms
from driftline_retrain_service.proof.trial import Trial
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Challenger, Promotion, Status, Step, now_ms
from driftline_retrain_service.trials import new_trial

_DAY_MS = 24 * 3600 * 1000


def advance(run: Run, now: Round) -> bool:
    """Take the next outcomes and carry out the earliest decision; say whether there is more to be done.

    Raises:
        RegistryError: A version is not what was registered.
    """
    before = run.state.challengers
    frontier = now.frontier(run)
    if not before or frontier is None or run.state.promotion:
        return False
    champion = now.registry.champion_version(run.request.model)
    if stray := next((each for each in before if each.trial.champion != champion), None):
        _challenge_anew(run, stray, champion, now)
        return True
    after = [each.model_copy(update={"trial": _taken(run, each.trial, now)}) for each in before]
    decided = [each for each in after if each.trial.decision]
    if decided:
        _decide(run, min(decided, key=lambda each: (each.trial.position, each.refit)), after, now)
        return True
    limit_ms = frontier.logged_at_ms - run.state.policy.shadow_days * _DAY_MS
    if late := next((each for each in after if each.trial.began_ms < limit_ms), None):
        refuse(run, late, f"not proved within {run.state.policy.shadow_days:g} days: {late.trial.summary}")
        return True
    moved = [each.trial.position for each in after] != [each.trial.position for each in before]
    if moved:
        run.change(challengers=tuple(after))
    return moved


def refuse(run: Run, challenger: Challenger, explanation: str) -> None:
    """End a challenger's time in shadow."""
    others = tuple(each for each in run.state.challengers if each.refit != challenger.refit)
    run.settle(outcome("refused", challenger, explanation), challengers=others)


def outcome(status: Status, challenger: Challenger, explanation: str) -> Step:
    """What became of a challenger."""
    trial = challenger.trial
    champion_metrics, challenger_metrics = trial.metrics
    return Step(
        status=status,
        explanation=explanation,
        at_ms=now_ms(),
        refit=challenger.refit,
        attempt=challenger.attempt,
        champion=trial.champion,
        challenger=trial.challenger,
        rows=challenger.rows,
        shadow_rows=trial.rows,
        evidence=trial.evidence,
        champion_metrics=champion_metrics,
        challenger_metrics=challenger_metrics,
    )


def _taken(run: Run, trial: Trial, now: Round) -> Trial:
    model = run.request.model
    rows = now.live.rows(model, run.request.requested.partition, trial.position)
    if not rows:
        return trial
    return trial.take(rows, now.load(model, trial.champion), now.load(model, trial.challenger))


def _decide(run: Run, first: Challenger, after: list[Challenger], now: Round) -> None:
    """Carry out the earliest decision; what another challenger's outcomes decide behind it is found again."""
    kept = [
        new if new.refit == first.refit or not new.trial.decision else old
        for old, new in zip(run.state.challengers, after, strict=True)
    ]
    trial = first.trial
    objection = None
    if trial.decision == "better":
        objection = _objection(run, first, now)
        if objection is None:
            step = outcome("promoted", first, f"proved better: {trial.summary}")
            run.change(promotion=Promotion(challenger=first, step=step))
            return
    words = {"better": f"better, but {objection}", "futile": "not worth a proof any more"}
    run.change(challengers=tuple(kept))
    refuse(run, first, f"{words.get(str(trial.decision), 'not proved in time')}: {trial.summary}")


def _objection(run: Run, challenger: Challenger, now: Round) -> str | None:
    """What speaks against a challenger that is better on the whole."""
    model, trial = run.request.model, challenger.trial
    (before,) = (each.trial.position for each in run.state.challengers if each.refit == challenger.refit)
    rows = now.live.rows(model, run.request.requested.partition, before)
    old = replace(trial.champion_figures, latency_ms=latency_ms(now.load(model, trial.champion), rows))
    new = replace(trial.challenger_figures, latency_ms=latency_ms(now.load(model, trial.challenger), rows))
    return veto(old, new, GuardSettings())


def _challenge_anew(run: Run, challenger: Challenger, champion: str, now: Round) -> None:
    """Another version has become the champion: the challenger must prove itself beside that one."""
    old = challenger.trial
    if old.challenger == champion:
        refuse(run, challenger, f"version {champion} has become the champion")
        return
    trial = new_trial(
        run, champion=champion, challenger=old.challenger, position=old.position, bound=old.bound, now=now
    )
    renewed = challenger.model_copy(update={"trial": trial})
    challengers = tuple(renewed if each.refit == challenger.refit else each for each in run.state.challengers)
    run.change(challengers=challengers, trials=run.state.trials + 1)
