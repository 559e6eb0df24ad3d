"""``driftline retrain rerun``."""

from typing import Annotated

import typer

from driftline.output import AsJson, show

RetrainId = Annotated[str, typer.Argument(metavar="ID", help="Id of the retrain; `driftline retrains` lists them.")]

_COLUMNS = ("training", "rows", "chosen", "digest", "digest_now", "verdict")


def rerun(retrain_id: RetrainId, as_json: AsJson = False) -> None:
    """Train again what a retrain has trained, in a scratch folder; exit code 1 when something else comes out."""
    from contextlib import closing

    from driftline.addresses import settings
    from driftline.errors import FAILED
    from driftline_registry import open_registry
    from driftline_retrain_service import rerun as reruns
    from driftline_retrain_service.isolation.runner import JobRunner
    from driftline_retrain_service.runs.run import run_folder
    from driftline_schemas.clickhouse import connect
    from driftline_schemas.errors import ConfigurationError

    current = settings()
    registry = open_registry(current.registry)
    folders = reruns.trainings(run_folder(registry.root.resolve() / "runs", retrain_id))
    if not folders:
        raise ConfigurationError(f"no training of a retrain {retrain_id!r} is kept in {registry.root / 'runs'}")
    with closing(connect(current.clickhouse)) as client, JobRunner([]) as runner:
        done = [reruns.rerun(folder, registry, runner, client) for folder in folders]
    rows = [
        {"training": each.attempt, "rows": each.rows, "chosen": each.chosen, "verdict": each.verdict}
        | {"digest": each.digest, "digest_now": each.digest_now, "differences": list(each.differences)}
        for each in done
    ]
    show(rows, empty="", as_json=as_json, columns=_COLUMNS)
    if not all(each.is_same for each in done):
        raise typer.Exit(FAILED)
