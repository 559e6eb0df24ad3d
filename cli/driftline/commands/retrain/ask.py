"""``driftline retrain MODEL``."""

from typing import Annotated

import typer

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Reason = Annotated[str, typer.Option(help="Why, in your words; it stands in every record of the retrain.")]


def ask(model: Model, reason: Reason = "by hand") -> None:
    """Ask for a retrain of a model's champion on its newest labelled rows; the same as `driftline retrain MODEL`."""
    import uuid

    from driftline import log_writer
    from driftline.addresses import settings
    from driftline.stored_log import last_stored
    from driftline_schemas import RetrainRequest

    current = settings()
    request = RetrainRequest(
        retrain_id=uuid.uuid4().hex, model=model, reason=reason, requested=last_stored(current, model)
    )
    log_writer.append(current, current.topics.retrains, model, request)
    typer.echo(f"{request.retrain_id}: asked for; `driftline retrains {model}` shows what becomes of it")
