"""How the trials of one retrain begin; together they keep its bound of error."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.proof.settings import ProofSettings, probation_settings, share_of_alpha
from driftline_retrain_service.proof.trial import Trial
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Challenger, Step


def new_trial(
    run: Run, *, champion: str, challenger: str, position: int, bound: float | None, now: Round, begun: int = 0
) -> Trial:
    """The next trial of a retrain: outcomes behind a position decide.

    Args:
        run: The retrain.
        champion: The version that serves.
        challenger: The version that is to be proved better.
        position: The last offset of which the challenger knows.
        bound: Error that counts as a whole one, of numbers; None for classes.
        now: The round.
        begun: Trials begun that the run does not count yet.
    """
    policy = run.state.policy
    alpha = share_of_alpha(policy.alpha, run.state.trials + begun + 1)
    return Trial(
        champion=champion,
        challenger=challenger,
        settings=ProofSettings(alpha=alpha, max_rows=policy.shadow_rows),
        bound=bound,
        position=position,
        began_ms=now.live.frontiers[run.request.requested.partition].logged_at_ms,
    )


def begin_shadow(run: Run, step: Step, *, position: int, bound: float | None, now: Round, **fields: object) -> None:
    """Let the challenger of a step predict in the shadow of its champion; see `new_trial`.

    Args:
        run: The retrain.
        step: What is told; it has status "shadow", and says who is compared and how the challenger was made.
        position: The last offset of which the challenger knows.
        bound: Error that counts as a whole one, of numbers; None for classes.
        now: The round.
        fields: Of the run's state, replaced at the same time.
    """
    trial = new_trial(run, champion=step.champion, challenger=step.challenger, position=position, bound=bound, now=now)
    challenger = Challenger(refit=step.refit, attempt=step.attempt, rows=step.rows, trial=trial)
    challengers = (*run.state.challengers, challenger)
    run.step(step, trials=run.state.trials + 1, challengers=challengers, **fields)


def probation(run: Run, won: Trial, now: Round) -> Trial:
    """The trial of a version that has just been promoted: its predecessor may prove to be better."""
    policy = run.state.policy
    return Trial(
        champion=won.challenger,
        challenger=won.champion,
        settings=probation_settings(policy.alpha, policy.probation_rows),
        bound=won.bound,
        position=won.position,
        began_ms=now.live.frontiers[run.request.requested.partition].logged_at_ms,
    )
