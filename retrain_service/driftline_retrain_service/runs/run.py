"""What one retrain has come to, in a folder of its own; all that must survive a crash is in `run.json`.

A retrain is open until its last step is a final one. While it is open it waits for its next refit, trains it, or has
challengers in the shadow of the champion; several of these at the same time.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Self

from driftline_registry.files import replace_atomically
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.runs.state import FORMAT, RunState, Step, now_ms, promoted_before, upgraded
from driftline_schemas.events.model_spec import RetrainSpec
from driftline_schemas.events.retrain_request import RetrainRequest

FILE = "run.json"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Run:
    """One retrain: each change is on disk before anybody hears of it."""

    def __init__(self, folder: Path, state: RunState) -> None:
        self.folder = folder
        self.state = state

    @classmethod
    def open(cls, runs: Path, request: RetrainRequest) -> Self:
        """Return the run of this request as it stands; a request that comes again finds what is done already."""
        folder = run_folder(runs, request.retrain_id)
        folder.mkdir(parents=True, exist_ok=True)
        return cls.read(folder) or cls(folder, RunState(request=request))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return the run in a folder; None when it was not written yet.

        Raises:
            RunRefused: What is written there is not the state of a run.
        """
        file = folder / FILE
        try:
            document = json.loads(file.read_bytes())
            if document.get("format", 1) > FORMAT:
                raise RunRefused(f"{file} was written by a later version of Driftline; use that one, or move it away")
            return cls(folder, RunState.model_validate(upgraded(document)))
        except FileNotFoundError:
            return None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise RunRefused(f"{file} is not the state of a retrain ({error}); restore it, or move it away") from error

    @property
    def request(self) -> RetrainRequest:
        """What was asked for."""
        return self.state.request

    @property
    def is_new(self) -> bool:
        """Whether nothing of it is on disk yet."""
        return not (self.folder / FILE).exists()

    @property
    def change_offset(self) -> int | None:
        """The last offset before the change; None when no change is known."""
        change = self.request.change_point
        return change.offset if change else None

    @property
    def refit_rows(self) -> list[int]:
        """Labelled rows since the change point at which a challenger is trained; without one there is one refit."""
        policy = self.state.policy
        if self.change_offset is None:
            return [0]
        return [rows for rows in policy.refit_rows if rows >= policy.minimum_rows] or [policy.minimum_rows]

    @property
    def job(self) -> Path | None:
        """The folder in which a challenger is being trained; None when none is."""
        training, attempts = self.state.training, self.state.attempts
        return self._attempt(attempts) if training and not training.attempt and attempts else None

    def attempt(self, number: int) -> Path:
        """The folder of a training; what an attempt before it may still be writing to stays apart."""
        folder = self._attempt(number)
        folder.mkdir(exist_ok=True)
        return folder

    def _attempt(self, number: int) -> Path:
        return self.folder / f"attempt-{number}"

    def prepare(self, policy: RetrainSpec) -> None:
        """Be under a policy; nothing is on disk before what becomes of the request is decided."""
        self.state = self.state.model_copy(update={"policy": policy})

    def step(self, step: Step, **fields: object) -> None:
        """Add a step, and replace fields of the state with it."""
        self.change(steps=(*self.state.steps, step), ended=step.final, **fields)

    def settle(self, step: Step, **fields: object) -> None:
        """Add what became of a challenger; the retrain ends with it when no other one is left or to come."""
        after = self.state.model_copy(update=fields)
        if after.training or after.challengers or after.refits < len(self.refit_rows):
            self.step(step, **fields)
        elif step.status == "promoted" or not after.promoted:
            self.step(step.model_copy(update={"final": True}), **fields)
        else:
            end = promoted_before(after, "no later challenger was better")
            self.change(steps=(*self.state.steps, step, end), ended=True, **fields)

    def close(self, explanation: str) -> None:
        """End the retrain as it stands, because it makes no sense to go on."""
        state = self.state
        if state.promoted:
            step = promoted_before(state, explanation)
        else:
            step = Step(
                status="refused" if state.attempts else "skipped", explanation=explanation, at_ms=now_ms(), final=True
            )
        self.step(step, training=None, challengers=())

    def move_on(self, later: RetrainRequest) -> None:
        """Be about a later change: refits are counted from there, challengers stay in shadow."""
        drift_ids = [*self.request.drift_ids, *later.drift_ids]
        place = {"requested": later.requested, "change_point": later.change_point, "drift_ids": drift_ids}
        self.change(request=self.request.model_copy(update=place), refits=0, waiting_for="")

    def change(self, **fields: object) -> None:
        """Replace fields of the state, on disk and here."""
        self.state = self.state.model_copy(update=fields)
        replace_atomically(self.folder / FILE, self.state.model_dump_json(indent=1).encode())


def run_folder(runs: Path, retrain_id: str) -> Path:
    """Where a retrain lies among all of them."""
    plain = _PLAIN.fullmatch(retrain_id)
    return runs / (retrain_id if plain else hashlib.sha256(retrain_id.encode()).hexdigest())
