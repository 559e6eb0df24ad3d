"""Whether the version that a retrain is asked for can be retrained at all."""

from driftline_registry import Registry
from driftline_schemas.events.retrain_request import RetrainRequest


def reason_against(request: RetrainRequest, registry: Registry) -> str | None:
    """Say why a retrain of this version makes no sense; None when it does. A request without a version means any.

    Raises:
        RegistryError: The name of the model cannot be one of the registry.
    """
    champion = registry.aliases(request.model).champion
    if champion is None:
        return (
            f"no champion of {request.model!r} is registered: save the model with driftline_registry.save_sklearn, "
            "then LocalRegistry.register and .promote it"
        )
    if request.version in ("", champion):
        return None
    if request.version in [version.version for version in registry.versions(request.model)]:
        return f"version {request.version} was already replaced by {champion}"
    return (
        f"version {request.version!r} is not in the registry, whose champion is {champion}: "
        "emit predictions with the registry's version (ModelFollower.current.version)"
    )
