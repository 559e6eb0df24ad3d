"""``python -m driftline`` is the ``driftline`` command."""

from driftline.main import app

app(prog_name="driftline")
