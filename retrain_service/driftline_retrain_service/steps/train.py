"""Train a challenger in a process of its own, register it, and let it predict in the shadow of the champion."""

from pathlib import Path

from driftline_registry import Version
from driftline_retrain_service.context import Round
from driftline_retrain_service.job.candidates import candidates, validation_rows
from driftline_retrain_service.job.files import ARTIFACT, ROWS, SPEC, JobSpec, read_result, read_rows, write_rows
from driftline_retrain_service.proof.losses import error_bound
from driftline_retrain_service.rows.training_window import QUERY, WindowBounds, read_window
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Refit, Step, now_ms
from driftline_retrain_service.steps.recall import former_champions
from driftline_retrain_service.trials import begin_shadow

_BOUND_ROWS = 500


def advance(run: Run, now: Round) -> bool:
    """Go on with what is to be trained, if anything; say whether that brought it further.

    The job runs beside the service, one at a time: what is to be trained waits for its turn, then for its end.

    Raises:
        RetrainFailed: The job came to nothing.
        RegistryError: The champion or the challenger is not what was registered.
    """
    refit = run.state.training
    if refit is None:
        return False
    if refit.attempt:
        _shadow(run, refit, now)
        return True
    if is_under_way(run, now):
        return _has_ended(run, refit, now)
    if now.runner.running is None:
        _start(run, refit, now)
    return False


def is_under_way(run: Run, now: Round) -> bool:
    """Whether the job of a retrain runs."""
    return now.runner.running is not None and now.runner.running == run.job


def _start(run: Run, refit: Refit, now: Round) -> None:
    """Train in a new folder: what an attempt before it may still be writing to stays apart."""
    run.change(attempts=run.state.attempts + 1)
    folder = run.attempt(run.state.attempts)
    _write_job(run, refit, folder, now)
    now.runner.start(folder)


def _has_ended(run: Run, refit: Refit, now: Round) -> bool:
    if not now.runner.has_ended():
        return False
    read_result(run.attempt(run.state.attempts))
    run.change(training=refit.model_copy(update={"attempt": run.state.attempts}))
    return True


def _write_job(run: Run, refit: Refit, folder: Path, now: Round) -> None:
    request, settings = run.request, now.settings
    champion = now.registry.get(request.model, refit.champion).manifest
    limit = max(settings.window_rows, refit.rows_since_change or 0)
    bounds = WindowBounds(request.model, request.requested.partition, refit.upto, limit, run.change_offset)
    window = read_window(now.client, bounds, champion)
    rows = len(window.rows)
    spec = JobSpec(
        retrain_id=request.retrain_id,
        model=request.model,
        trainer=settings.trainer,
        command=settings.command,
        registry=now.registry.uri,
        champion=refit.champion,
        candidates=tuple(candidates(rows, window.change_row, former_champions(request.model, refit.champion, now))),
        features=champion.features,
        categorical=champion.categorical,
        is_classification=bool(champion.classes),
        query=QUERY,
        window=dict(window.record),
        rows=rows,
        validation_rows=validation_rows(rows, window.change_row),
        data_sha256=write_rows(folder / ROWS, window.rows),
    )
    spec.write(folder / SPEC)


def _shadow(run: Run, refit: Refit, now: Round) -> None:
    """Register the challenger and begin its trial; a crash finds it registered already."""
    folder = run.attempt(refit.attempt)
    spec, result = JobSpec.read(folder / SPEC), read_result(folder)
    version = result.version or _registered(run, folder, now).version
    step = Step(
        status="shadow",
        explanation=f"{result.chosen} is the best of {len(result.figures)} candidates",
        at_ms=now_ms(),
        refit=refit.number,
        attempt=refit.attempt,
        champion=refit.champion,
        challenger=version,
        rows=spec.rows,
    )
    if version == refit.champion:
        said = f"{step.explanation}, and it is the champion"
        run.settle(step.model_copy(update={"status": "refused", "explanation": said, "challenger": ""}), training=None)
        return
    bound = None if spec.is_classification else _error_bound(spec, folder, now)
    begin_shadow(run, step, position=refit.upto, bound=bound, now=now, training=None)


def _registered(run: Run, folder: Path, now: Round) -> Version:
    return now.registry.register(run.request.model, folder / ARTIFACT, retrain_id=run.request.retrain_id)


def _error_bound(spec: JobSpec, folder: Path, now: Round) -> float:
    """The error that counts as a whole one, learned from the champion's on the newest rows before the proof."""
    newest = read_rows(folder / ROWS, spec.data_sha256)[-_BOUND_ROWS:]
    answers = now.load(spec.model, spec.champion).predict_many([row.features for row in newest])
    return error_bound([answer.prediction for answer in answers], [row.label for row in newest])
