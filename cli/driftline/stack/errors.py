"""The errors of the embedded stack."""

from driftline_schemas.errors import DriftlineError


class StackError(DriftlineError):
    """The stack cannot do what was asked. The message is one line: what, where, remedy."""
