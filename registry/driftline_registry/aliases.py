"""Which version is the champion, how that may change, and the files in which a local registry keeps it."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from driftline_registry.errors import ChampionChanged, RegistryError, UnknownVersion
from driftline_registry.files import replace_atomically, sync

Action = Literal["promoted", "rolled-back"]


class AliasChange(BaseModel):
    """One change of a model's aliases; revisions count from 1."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    revision: int
    action: Action
    champion: str
    previous_champion: str | None
    retrain_id: str
    at_ms: int


class Aliases(BaseModel):
    """The champion serves; the previous champion is what `rollback` returns to. Both change together."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    champion: str | None = None
    previous_champion: str | None = None
    change: AliasChange | None = None

    def promotion(
        self, version: str, past: Sequence[AliasChange], *, expect: str | None, retrain_id: str
    ) -> AliasChange | None:
        """Return the change that makes `version` the champion; None when it is, or when this retrain did it before.

        Raises:
            ChampionChanged: the champion is not `expect`.
        """
        done = ("promoted", version, expect, retrain_id)
        before = retrain_id and any((c.action, c.champion, c.previous_champion, c.retrain_id) == done for c in past)
        if self.champion == version or before:
            return None
        if self.champion != expect:
            raise ChampionChanged(
                f"the champion is {self.champion}, not {expect}; look again before promoting {version}"
            )
        return self._changed("promoted", version, retrain_id)

    def rollback(self, past: Sequence[AliasChange], *, expect: str, retrain_id: str) -> AliasChange:
        """Return the change that swaps both, or the one of `past` by which this retrain has taken `expect` back.

        Raises:
            ChampionChanged: the champion is not `expect`.
            UnknownVersion: there is no previous champion.
        """
        done = ("rolled-back", expect, retrain_id)
        for change in past if retrain_id else ():
            if (change.action, change.previous_champion, change.retrain_id) == done:
                return change
        if self.champion != expect:
            raise ChampionChanged(f"the champion is {self.champion}, not {expect}; look again before rolling back")
        if self.previous_champion in (None, expect):
            raise UnknownVersion(f"version {expect} is the first champion; there is none to roll back to")
        return self._changed("rolled-back", self.previous_champion, retrain_id)

    def is_new(self, change: AliasChange) -> bool:
        """Whether a change comes after the last one."""
        return self.change is None or change.revision > self.change.revision

    def _changed(self, action: Action, champion: str, retrain_id: str) -> AliasChange:
        return AliasChange(
            revision=self.change.revision + 1 if self.change else 1,
            action=action,
            champion=champion,
            previous_champion=self.champion,
            retrain_id=retrain_id,
            at_ms=time.time_ns() // 1_000_000,
        )


class AliasFile:
    """The aliases of one model: `aliases.json`, replaced at once, and one line of `audit.jsonl` per change.

    Writers hold the model's lock; readers need none.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "aliases.json"
        self._audit = folder / "audit.jsonl"

    def read(self) -> Aliases:
        """Return the aliases now; none are set before the first promotion."""
        try:
            return Aliases.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return Aliases()
        except ValidationError as error:
            raise RegistryError(f"{self._file} is damaged: {error.errors()[0]['msg']}; restore it") from error

    def completed(self) -> Aliases:
        """Return the aliases, their last change audited: its writer may have been killed before that."""
        aliases = self.read()
        self._complete_audit(aliases)
        return aliases

    def write(self, change: AliasChange) -> Aliases:
        """Replace the aliases by what a change makes of them."""
        aliases = Aliases(champion=change.champion, previous_champion=change.previous_champion, change=change)
        replace_atomically(self._file, aliases.model_dump_json().encode())
        self._complete_audit(aliases)
        return aliases

    def audit(self) -> Iterator[AliasChange]:
        """Yield every change so far, oldest first."""
        if self._audit.exists():
            for line in self._audit.read_bytes().splitlines():
                yield AliasChange.model_validate_json(line)

    def _complete_audit(self, aliases: Aliases) -> None:
        """Append the last change unless it is there."""
        if aliases.change is None or any(line.revision == aliases.change.revision for line in self.audit()):
            return
        with self._audit.open("ab") as file:
            file.write(orjson.dumps(aliases.change.model_dump()) + b"\n")
        sync(self._audit)
