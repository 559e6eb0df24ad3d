"""Where Kafka, ClickHouse and the registry are."""

import os

from driftline_schemas.settings import Settings


def settings() -> Settings:
    """The settings of the environment; what it leaves open comes from the embedded stack, else from the defaults.

    Raises:
        ConfigurationError: A variable has a bad value.
    """
    return Settings.from_environment(os.environ)
