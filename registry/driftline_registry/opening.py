"""From an address in a setting to a registry."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from driftline_registry.local import LocalRegistry
from driftline_registry.registry import Registry
from driftline_schemas.errors import ConfigurationError

_MLFLOW = ("mlflow+http://", "mlflow+https://")


def open_registry(address: str | Path) -> Registry:
    """Open the registry that an address names: a folder, or `mlflow+http[s]://host:port?folder=FOLDER`.

    The folder of an MLflow registry holds the signing key and copies of models; it is `registry` by default. Name
    and password, where the server wants them, come from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.

    Raises:
        ConfigurationError: the address is of another kind, or driftline-registry[mlflow] is not installed.

    >>> open_registry("/srv/registry").uri
    '/srv/registry'
    """
    text = str(address)
    if text.startswith(_MLFLOW):
        return _mlflow(text.removeprefix("mlflow+"))
    if "://" in text:
        raise ConfigurationError(f"registry {text!r} is not valid; expected a folder or mlflow+http://host:port")
    return LocalRegistry(Path(address))


def _mlflow(address: str) -> Registry:
    try:
        from driftline_registry.mlflow_registry import MlflowRegistry
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is missing; pip install 'driftline-registry[mlflow]'") from error
    parts = urlsplit(address)
    folder = parse_qs(parts.query).get("folder", ["registry"])[0]
    return MlflowRegistry(parts._replace(query="").geturl(), Path(folder))
