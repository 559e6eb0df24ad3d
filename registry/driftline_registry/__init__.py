"""Model versions, aliases, safely loaded artifacts, and `ModelFollower` for services that predict."""

from driftline_registry.aliases import AliasChange, Aliases
from driftline_registry.artifact import LoadedModel, load_artifact, save_artifact, save_onnx, save_sklearn
from driftline_registry.errors import (
    ArtifactRefused,
    ChampionChanged,
    InvalidName,
    NoChampion,
    RegistryAway,
    RegistryBusy,
    RegistryError,
    UnknownVersion,
)
from driftline_registry.flavours import Scored
from driftline_registry.follower import FollowerHealth, ModelFollower
from driftline_registry.local import LocalRegistry
from driftline_registry.manifest import Label, Manifest, Training
from driftline_registry.opening import open_registry, registry_folder
from driftline_registry.registry import Registry
from driftline_registry.version import Version

__all__ = [
    "AliasChange",
    "Aliases",
    "ArtifactRefused",
    "ChampionChanged",
    "FollowerHealth",
    "InvalidName",
    "Label",
    "LoadedModel",
    "LocalRegistry",
    "Manifest",
    "ModelFollower",
    "NoChampion",
    "Registry",
    "RegistryAway",
    "RegistryBusy",
    "RegistryError",
    "Scored",
    "Training",
    "UnknownVersion",
    "Version",
    "load_artifact",
    "open_registry",
    "registry_folder",
    "save_artifact",
    "save_onnx",
    "save_sklearn",
]
