"""Try former champions as soon as some labels have come since the change: a world that they knew may have returned.

Nothing has to be trained for that, so it comes long before the first refit.
"""

from contextlib import suppress
from itertools import takewhile

from driftline_retrain_service.context import Round
from driftline_retrain_service.policy import reason_to_wait
from driftline_retrain_service.proof.losses import error_bound
from driftline_retrain_service.proof.settings import ProofSettings
from driftline_retrain_service.proof.trial import Trial
from driftline_retrain_service.rows.live import LiveRows
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Step, now_ms
from driftline_retrain_service.trials import begin_shadow

RECALL_ROWS = 30
"""Labelled rows since the change on which former champions are compared with the present one."""

MOST_FORMER = 5

_NO_DECISION = ProofSettings(alpha=1e-300, futility=0.0, max_rows=1_000_000)


def advance(run: Run, now: Round) -> bool:
    """Let the best former champion predict in shadow, if one was better since the change; say whether one was.

    Raises:
        RegistryError: A former champion is not what was registered.
    """
    change, frontier = run.change_offset, now.frontier(run)
    if run.state.recalled or change is None or frontier is None or run.state.training:
        return False
    waits = reason_to_wait(run, now, frontier)
    model, partition = run.request.model, run.request.requested.partition
    if (waits and waits.policy != "rows") or now.live.count(model, partition, change) < RECALL_ROWS:
        return False
    last = now.live.position_of(RECALL_ROWS, model, partition, change)
    champion = now.registry.champion_version(model)
    rows = _until(now.live.rows(model, partition, change), last)
    looks = [_look(run, champion, version, rows, now) for version in former_champions(model, champion, now)]
    better = [look for look in looks if look.challenger_error < look.champion_error]
    if not better:
        run.change(recalled=True)
        return False
    _shadow(run, min(better, key=lambda look: look.challenger_error), last, now)
    return True


def former_champions(model: str, champion: str, now: Round) -> list[str]:
    """Versions that were champions before, the last first."""
    former = [change.champion for change in reversed(now.registry.audit(model))]
    return [version for version in dict.fromkeys(former) if version != champion][:MOST_FORMER]


def _until(rows: LiveRows, position: int) -> LiveRows:
    count = sum(1 for _ in takewhile(lambda each: each <= position, rows.position))
    return rows.first(count)


def _look(run: Run, champion: str, version: str, rows: LiveRows, now: Round) -> Trial:
    """How both did on these rows."""
    present = now.load(run.request.model, champion)
    trial = Trial(
        champion=champion,
        challenger=version,
        settings=_NO_DECISION,
        bound=None if present.manifest.classes else _error_bound(rows),
        position=rows.position[0],
        began_ms=0,
    )
    return trial.take(rows, present, now.load(run.request.model, version))


def _error_bound(rows: LiveRows) -> float:
    """The error that counts as a whole one, learned from what was served; what is no number says nothing."""
    pairs: list[tuple[float, float]] = []
    for said, came in zip(rows.prediction, rows.label, strict=True):
        with suppress(ValueError):
            pairs.append((float(said), float(came)))
    return error_bound([said for said, _ in pairs], [came for _, came in pairs])


def _figures(look: Trial) -> str:
    """Without evidence: it was chosen on these rows, so they prove nothing."""
    champion, challenger = look.metrics
    ((name, old),) = champion.items()
    return f"{name} {challenger[name]:.4f} against {old:.4f} of version {look.champion} on {look.rows} outcomes"


def _shadow(run: Run, look: Trial, position: int, now: Round) -> None:
    """Only outcomes that come behind the rows it was chosen on can prove it better."""
    step = Step(
        status="shadow",
        explanation=f"a former champion may fit again: {_figures(look)}",
        at_ms=now_ms(),
        champion=look.champion,
        challenger=look.challenger,
    )
    begin_shadow(run, step, position=position, bound=look.bound, now=now, recalled=True)
