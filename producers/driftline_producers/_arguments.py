"""Checks of what a service's programmer types: wrong arguments are told at once, before the first event."""

import os

from driftline_producers._limits import Limits
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.events.base import MAX_NAME_CHARACTERS
from driftline_schemas.settings import Settings


def settings_for(kafka: str | None, topic_prefix: str | None) -> Settings:
    """The settings, with the environment's values where an argument is None.

    Raises:
        ConfigurationError: An address or a prefix is not valid.
    """
    for name, value in (("kafka", kafka), ("topic_prefix", topic_prefix)):
        if not isinstance(value, str | None):
            raise ConfigurationError(f"{name}={value!r}: expected a string")
    given = {"DRIFTLINE_KAFKA": kafka, "DRIFTLINE_TOPIC_PREFIX": topic_prefix}
    return Settings.from_environment({name: os.environ.get(name, "") if v is None else v for name, v in given.items()})


def require_text(name: str, value: object, least: int) -> None:
    """Raise `ConfigurationError` unless `value` is a string of `least` to 256 characters."""
    if not isinstance(value, str) or not least <= len(value) <= MAX_NAME_CHARACTERS:
        raise ConfigurationError(f"{name}={value!r}: expected a string of {least} to {MAX_NAME_CHARACTERS} characters")


def limits_for(queue_events: int, queue_bytes: int, batch_events: int, linger_ms: int) -> Limits:
    """The limits, or `ConfigurationError` unless all are whole numbers of 1 or more."""
    for name, value in list(locals().items()):
        if not isinstance(value, int) or value < 1:
            raise ConfigurationError(f"{name}={value!r}: expected a whole number of 1 or more")
    return Limits(queue_events, queue_bytes, batch_events, linger_ms / 1000)
