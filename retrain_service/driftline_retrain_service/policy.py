"""Whether a model is retrained now. Every no says why, and what to do about it."""

from driftline_registry import Aliases
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.settings import RetrainSettings


def reason_against_version(request: RetrainRequest, aliases: Aliases, versions: list[str]) -> str | None:
    """Say why a retrain of this version makes no sense; None when it does. A request without a version means any."""
    if aliases.champion is None:
        return (
            f"no champion of {request.model!r} is registered: save the model with driftline_registry.save_sklearn, "
            "then LocalRegistry.register and .promote it"
        )
    if request.version in ("", aliases.champion):
        return None
    if request.version in versions:
        return f"version {request.version} was already replaced by {aliases.champion}"
    return (
        f"version {request.version!r} is not in the registry, whose champion is {aliases.champion}: "
        "emit predictions with the registry's version (ModelFollower.current.version)"
    )


def reason_against_time(
    request: RetrainRequest, last_requested_ms: int | None, settings: RetrainSettings
) -> str | None:
    """Say why it is too soon after the last retrain; None when it is not. Both times are the log's."""
    if last_requested_ms is None:
        return None
    passed_seconds = (request.requested.timestamp_ms - last_requested_ms) / 1000
    if passed_seconds >= settings.cooldown_seconds:
        return None
    return (
        f"the last retrain was asked for {passed_seconds:g} s before, the cooldown is {settings.cooldown_seconds:g} s "
        "(DRIFTLINE_RETRAIN_COOLDOWN_SECONDS)"
    )


def reason_against_rows(rows: int, settings: RetrainSettings) -> str | None:
    """Say why there are too few labelled rows; None when there are enough."""
    if rows >= settings.min_rows:
        return None
    return f"{rows} labelled rows, at least {settings.min_rows} are needed (DRIFTLINE_RETRAIN_MIN_ROWS)"
