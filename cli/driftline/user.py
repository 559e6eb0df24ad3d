"""Who decides."""

import getpass


def user() -> str:
    """The user of this shell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
