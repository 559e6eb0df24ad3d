"""Where the ``driftline`` command begins: it imports nothing before it can be interrupted in peace."""

import sys

INTERRUPTED = 130


def run() -> None:
    """Run the command; Ctrl-C while Python still imports it ends it without a traceback."""
    try:
        from driftline.main import app

        app(prog_name="driftline")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
