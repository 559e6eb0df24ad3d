"""All retrains of a registry: which are open, and when the others began."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.runs.run import FILE, Run, run_folder
from driftline_schemas.events.retrain_request import RetrainRequest

logger = logging.getLogger(__name__)


class Past(NamedTuple):
    """What policies ask of a retrain that has been opened.

    Attributes:
        began_ms: When its training began, in the log's time; 0 when it never did.
        requested_ms: When it was asked for, in the log's time.
        requested_offset: Where it was asked for.
    """

    began_ms: int
    requested_ms: int
    requested_offset: int


class Runs:
    """The retrains in `<registry>/runs/`, each in a folder of its own; read once, then kept in memory.

    Attributes:
        root: The folder.
        told: Steps that everybody was told since the service started, by their status.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: Counter[str] = Counter()
        self._open: dict[str, Run] = {}
        self._past: dict[str, dict[str, Past]] = {}
        for file in sorted(root.glob(f"*/{FILE}")):
            try:
                run = Run.read(file.parent)
            except RunRefused as error:
                logger.error("%s", error)  # noqa: TRY400 - the message says all
                continue
            if run:
                self.note(run)

    def open(self, request: RetrainRequest) -> Run:
        """The run of a request, wherever it stands."""
        return self._open.get(request.retrain_id) or Run.open(self.root, request)

    def find(self, retrain_id: str) -> Run | None:
        """The run of this id, wherever it stands; None when there is none."""
        return self._open.get(retrain_id) or Run.read(run_folder(self.root, retrain_id))

    def note(self, run: Run) -> None:
        """Take notice of how a run stands now."""
        request, state = run.request, run.state
        past = Past(state.began_ms, request.requested.timestamp_ms, request.requested.offset)
        self._past.setdefault(request.model, {})[request.retrain_id] = past
        if state.ended and state.told == len(state.steps):
            self._open.pop(request.retrain_id, None)
        else:
            self._open[request.retrain_id] = run

    def unfinished(self) -> list[Run]:
        """The runs that have not ended, or whose end was not told yet; in the order in which they were asked for."""
        return sorted(self._open.values(), key=lambda run: (run.request.requested.offset, run.request.retrain_id))

    def in_flight(self, model: str) -> Run | None:
        """The one retrain of a model that has not ended."""
        return next((run for run in self._open.values() if run.request.model == model and not run.state.ended), None)

    def past(self, model: str, besides: str = "") -> Iterator[Past]:
        """What is known of a model's retrains, one left out."""
        return (past for identity, past in self._past.get(model, {}).items() if identity != besides)
