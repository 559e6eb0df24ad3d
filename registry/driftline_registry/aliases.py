"""Which version is the champion: one small file per model, replaced at once, and an append-only record of changes."""

import time
from collections.abc import Iterator
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from driftline_registry.errors import ChampionChanged, RegistryError, UnknownVersion
from driftline_registry.files import replace_atomically, sync


class AliasChange(BaseModel):
    """One line of `audit.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    revision: int
    action: str
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


class AliasFile:
    """The aliases of one model. Writers hold the model's lock; readers need none."""

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

    def promote(self, version: str, *, expect: str | None, retrain_id: str) -> Aliases:
        """Make `version` the champion if `expect` still is; nothing happens when `version` or this retrain did it."""
        now = self.read()
        self._complete_audit(now)
        if now.champion == version or (retrain_id and any(line.retrain_id == retrain_id for line in self.audit())):
            return now
        if now.champion != expect:
            raise ChampionChanged(
                f"the champion is {now.champion}, not {expect}; look again before promoting {version}"
            )
        return self._change(now, "promoted", version, retrain_id)

    def rollback(self, *, expect: str) -> Aliases:
        """Swap champion and previous champion if `expect` still is the champion."""
        now = self.read()
        self._complete_audit(now)
        if now.champion != expect:
            raise ChampionChanged(f"the champion is {now.champion}, not {expect}; look again before rolling back")
        if now.previous_champion is None:
            raise UnknownVersion(f"version {expect} is the first champion; there is none to roll back to")
        return self._change(now, "rolled-back", now.previous_champion, "")

    def audit(self) -> Iterator[AliasChange]:
        """Yield every change so far, oldest first."""
        if self._audit.exists():
            for line in self._audit.read_bytes().splitlines():
                yield AliasChange.model_validate_json(line)

    def _change(self, now: Aliases, action: str, champion: str, retrain_id: str) -> Aliases:
        change = AliasChange(
            revision=now.change.revision + 1 if now.change else 1,
            action=action,
            champion=champion,
            previous_champion=now.champion,
            retrain_id=retrain_id,
            at_ms=time.time_ns() // 1_000_000,
        )
        aliases = Aliases(champion=champion, previous_champion=now.champion, change=change)
        replace_atomically(self._file, aliases.model_dump_json().encode())
        self._complete_audit(aliases)
        return aliases

    def _complete_audit(self, aliases: Aliases) -> None:
        """Append the last change unless it is there: its writer may have been killed after changing the aliases."""
        if aliases.change is None or any(line.revision == aliases.change.revision for line in self.audit()):
            return
        with self._audit.open("ab") as file:
            file.write(orjson.dumps(aliases.change.model_dump()) + b"\n")
        sync(self._audit)
