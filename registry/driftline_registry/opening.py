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
    folder, server = _parsed(address)
    if server is None:
        return LocalRegistry(folder)
    try:
        from driftline_registry.mlflow_registry import MlflowRegistry
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is missing; pip install 'driftline-registry[mlflow]'") from error
    return MlflowRegistry(server, folder)


def registry_folder(address: str | Path) -> Path:
    """Return the local folder of a registry, which is `Registry.root`, without opening it.

    Raises:
        ConfigurationError: the address is of another kind.

    >>> registry_folder("mlflow+http://127.0.0.1:5000?folder=/srv/driftline")
    PosixPath('/srv/driftline')
    """
    return _parsed(address)[0]


def _parsed(address: str | Path) -> tuple[Path, str | None]:
    """The local folder, and the server's address if there is a server."""
    text = str(address)
    if "://" not in text:
        return Path(address), None
    if not text.startswith(_MLFLOW):
        raise ConfigurationError(f"registry {text!r} is not valid; expected a folder or mlflow+http://host:port")
    parts = urlsplit(text.removeprefix("mlflow+"))
    if "@" in parts.netloc:
        raise ConfigurationError(
            f"the address of the registry at {parts.netloc.rpartition('@')[2]} holds an account, which messages and "
            "records would show; give MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead"
        )
    folder = parse_qs(parts.query).get("folder", ["registry"])[0]
    return Path(folder), parts._replace(query="").geturl()
