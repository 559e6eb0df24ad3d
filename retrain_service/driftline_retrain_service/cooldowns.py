"""When each model was last retrained, in the log's time."""

from pathlib import Path

from pydantic import BaseModel, Field

from driftline_registry.files import replace_atomically
from driftline_schemas.events.retrain_request import RetrainRequest


class _Last(BaseModel):
    retrain_id: str
    requested_ms: int


class _Cooldowns(BaseModel):
    models: dict[str, _Last] = Field(default_factory=dict)


class Cooldowns:
    """Remembers the last retrain of each model that was accepted, in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def last_requested_ms(self, request: RetrainRequest) -> int | None:
        """Return when the model's last accepted retrain was asked for; None when that was this one, or none was."""
        last = self._read().models.get(request.model)
        return None if last is None or last.retrain_id == request.retrain_id else last.requested_ms

    def accept(self, request: RetrainRequest) -> None:
        """Start the model's cooldown."""
        cooldowns = self._read()
        last = _Last(retrain_id=request.retrain_id, requested_ms=request.requested.timestamp_ms)
        cooldowns.models[request.model] = last
        replace_atomically(self._file, cooldowns.model_dump_json().encode())

    def _read(self) -> _Cooldowns:
        try:
            return _Cooldowns.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return _Cooldowns()
