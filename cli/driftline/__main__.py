"""``python -m driftline`` is the ``driftline`` command."""

from driftline.entry import run

run()
