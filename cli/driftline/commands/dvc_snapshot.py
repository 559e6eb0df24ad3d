"""``driftline dvc-snapshot``."""

from pathlib import Path
from typing import Annotated

import typer


def dvc_snapshot(
    retrain_id: Annotated[str, typer.Argument(help='Which retrain; see `driftline sql "FROM retrains"`.')],
    folder: Annotated[Path, typer.Argument(help="A folder in a DVC repository.", file_okay=False)],
    attempt: Annotated[int | None, typer.Option(min=1, help="Which training; by default the last one.")] = None,
) -> None:
    """Write the rows that a retrain was trained on as a file that DVC tracks, and print its `.dvc` file.

    DVC itself is not needed; `dvc status`, `dvc checkout` and `dvc push` take the file as if `dvc add` had written it.
    """
    from driftline.addresses import settings
    from driftline_registry import registry_folder
    from driftline_retrain_service.dvc import snapshot
    from driftline_retrain_service.errors import RunRefused
    from driftline_retrain_service.runs.run import Run, run_folder

    runs = registry_folder(settings().registry) / "runs"
    run = Run.read(run_folder(runs, retrain_id))
    if run is None:
        raise RunRefused(f'there is no retrain {retrain_id!r} in {runs}; see `driftline sql "FROM retrains"`')
    typer.echo(snapshot(run, folder, attempt))
