"""Promoted versions on probation: each is watched beside its predecessor, and may be taken back."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from driftline_registry.files import replace_atomically
from driftline_registry.names import folder_name
from driftline_retrain_service.proof.trial import Trial


class Watch(BaseModel):
    """One probation.

    Attributes:
        model: Name of the model.
        retrain_id: The retrain that promoted the version.
        refit: Number of the challenger in its retrain.
        partition: Partition of the model's log.
        trial: The promoted version beside its predecessor, which is the challenger now.
        decided_ms: When the trial was decided; 0 before.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    retrain_id: str
    refit: int
    partition: int
    trial: Trial
    decided_ms: int = 0


class Watches:
    """The probations that go on, at most one for each model, in `<registry>/watches/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        watches = (Watch.model_validate_json(file.read_bytes()) for file in sorted(root.glob("*.json")))
        self._watches = {watch.model: watch for watch in watches}

    def all(self) -> list[Watch]:
        """Every probation that goes on."""
        return list(self._watches.values())

    def of(self, model: str) -> Watch | None:
        """The probation of a model."""
        return self._watches.get(model)

    def put(self, watch: Watch) -> None:
        """Begin a probation, which ends the one before it, or note how it stands."""
        replace_atomically(self._file(watch.model), watch.model_dump_json(indent=1).encode())
        self._watches[watch.model] = watch

    def end(self, model: str) -> None:
        """End the probation of a model, if there is one."""
        self._file(model).unlink(missing_ok=True)
        self._watches.pop(model, None)

    def _file(self, model: str) -> Path:
        return self._root / f"{folder_name(model)}.json"
