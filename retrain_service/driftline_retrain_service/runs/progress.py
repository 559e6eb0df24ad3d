"""How far the service has gone, for whoever wants to wait for it: a file beside the runs."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from driftline_registry.files import replace_atomically
from driftline_retrain_service.rows.live import Frontier

_FILE = "progress.json"


class Progress:
    """By partition, the offset up to which everything has been done that follows from the log."""

    def __init__(self, root: Path) -> None:
        self._file = root / _FILE
        self._noted: Mapping[str, int] = {}

    def note(self, reached: Mapping[int, Frontier]) -> None:
        """Write how far the service has gone, if that has changed."""
        offsets = {str(partition): stored.offset for partition, stored in reached.items()}
        if offsets != self._noted:
            replace_atomically(self._file, orjson.dumps(offsets))
            self._noted = offsets

    def read(self) -> dict[int, int]:
        """How far the service has gone; nothing before its first round."""
        try:
            return {int(partition): offset for partition, offset in orjson.loads(self._file.read_bytes()).items()}
        except FileNotFoundError:
            return {}
