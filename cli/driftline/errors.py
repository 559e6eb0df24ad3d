"""What a command's end means to the shell, and how an error is told."""

import sys

from driftline_schemas.errors import ConfigurationError, DriftlineError, Unavailable

FAILED = 1
"""The command ran, and what it looked at is not as it should be."""
CONFIGURATION = 2
"""The command line, a setting or a query is wrong; nothing was changed."""
UNAVAILABLE = 3
"""Kafka, ClickHouse or a file does not answer; the same command may succeed later."""
INTERRUPTED = 130
"""Ctrl-C or SIGTERM."""


def exit_code(error: DriftlineError) -> int:
    """The exit code that tells a script what to do about an error.

    >>> exit_code(ConfigurationError("DRIFTLINE_KAFKA: 'x' is not valid; expected host:port"))
    2
    """
    if isinstance(error, ConfigurationError):
        return CONFIGURATION
    return UNAVAILABLE if isinstance(error, Unavailable) else FAILED


def tell(error: DriftlineError) -> None:
    """Write an error as one line to standard error."""
    line = " ".join(str(error).split())
    sys.stderr.write(f"driftline: {line}\n")
