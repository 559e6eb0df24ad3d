"""``driftline retrain`` without a sub-command."""

import typer


def serve(context: typer.Context) -> None:
    """Run the retrain service in the foreground: train, compare, promote, announce."""
    if context.invoked_subcommand is not None:
        return
    from driftline.addresses import settings
    from driftline_retrain_service.main import run

    run(settings())
