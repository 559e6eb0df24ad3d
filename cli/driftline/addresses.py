"""Where Kafka, ClickHouse and the registry are."""

import os

from driftline.stack.folder import default_state_folder
from driftline.stack.stack import running_environment
from driftline_schemas.settings import Settings


def settings() -> Settings:
    """The settings of the environment; what it leaves open comes from the running embedded stack, else the defaults.

    Raises:
        ConfigurationError: A variable has a bad value.
    """
    return Settings.from_environment({**running_environment(default_state_folder()), **os.environ})
