"""What can go wrong with a registry.

RegistryError                the root; a `DriftlineError`
├── InvalidName              the model's name cannot be a folder's name: choose another
├── UnknownVersion           no such model or version: register it first
├── NoChampion               the model has versions, or none, but no champion yet: promote one
├── ChampionChanged          compare-and-set lost: look at the aliases again and decide anew
├── ArtifactRefused          unsigned, tampered with or not on the allow-list: do not use it
├── RegistryAway             also an `Unavailable`: the registry's server does not answer, try again
└── RegistryBusy             also an `Unavailable`: another process holds the model's lock, try again
"""

from driftline_schemas.errors import DriftlineError, Unavailable


class RegistryError(DriftlineError):
    """Root of everything this package raises on purpose."""


class InvalidName(RegistryError):
    """The model's name is empty or too long."""


class UnknownVersion(RegistryError):
    """There is no such model or version."""


class NoChampion(RegistryError):
    """No version of the model has been promoted yet."""


class ChampionChanged(RegistryError):
    """Somebody else changed the champion since the caller looked."""


class ArtifactRefused(RegistryError):
    """The artifact is not what was registered, or holds something that must not be loaded."""


class RegistryAway(RegistryError, Unavailable):
    """The server that keeps the registry does not answer."""


class RegistryBusy(RegistryError, Unavailable):
    """Another process has been holding the model's lock for too long."""
