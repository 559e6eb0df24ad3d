"""Who or what decided what: an append-only file in which each entry holds the hash of the one before.

A hash chain alone cannot see that its last entries are gone, and anybody can append to one. So `audit.head` holds the
last entry, where it stands in the file, and an HMAC of both under the registry's key. It is replaced before the line
is appended: after a crash in between the line is put in its place from the head, and nothing is lost or twice.

What stays hidden: whoever has the key (mode 0600) can write another history, and whoever puts back an older copy of
both files returns to the older history. Against that, keep the head's sequence and hash elsewhere from time to time;
`driftline audit verify` prints them.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from driftline_registry.errors import ArtifactRefused, RegistryError
from driftline_registry.files import exclusive_lock, replace_atomically, sync
from driftline_registry.signing import Signer
from driftline_retrain_service.audit.entry import GENESIS, Entry, Line, parsed
from driftline_retrain_service.audit.faults import faults


class AuditDamaged(RegistryError):
    """The head is missing or not what this registry's key has signed: nothing is appended until it is restored."""


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True)

    entry: Entry
    start_byte: int
    signature: str = ""

    def message(self) -> bytes:
        return orjson.dumps(self.model_dump(exclude={"signature"}), option=orjson.OPT_SORT_KEYS)


class Audit:
    """The record of decisions in `<registry>/audit.jsonl`; any number of processes may append.

    >>> import tempfile
    >>> audit = Audit(Path(tempfile.mkdtemp()))
    >>> facts = {"action": "promoted", "model": "fraud", "subject": "4", "details": {"evidence": 112.0}}
    >>> entry = audit.append(actor="retrain-service", at_ms=1763870160000, once="r-1", **facts)
    >>> entry.sequence, audit.append(actor="retrain-service", at_ms=1763870160000, once="r-1", **facts) == entry
    (1, True)
    >>> audit.verify()
    []
    """

    def __init__(self, root: Path) -> None:
        self._file = root / "audit.jsonl"
        self._head_file = root / "audit.head"
        self._lock = root / "audit.lock"
        self._signer = Signer(root / "signing.key")
        self._once: dict[str, Entry] = {}
        self._read_bytes = 0

    def append(
        self,
        *,
        actor: str,
        action: str,
        model: str,
        subject: str,
        details: Mapping[str, JsonValue],
        at_ms: int,
        once: str | None = None,
    ) -> Entry:
        """Add an entry and return it when it is on the disk; with a key that was used before, return that entry.

        Raises:
            AuditDamaged: The head is missing or forged.
            RegistryBusy: Another process has been appending for too long.
        """
        with exclusive_lock(self._lock):
            head = self._recover()
            if once is not None and (known := self._find(once)):
                return known
            entry = Entry(
                sequence=head.entry.sequence + 1 if head else 1,
                at_ms=at_ms,
                actor=actor,
                action=action,
                model=model,
                subject=subject,
                details=dict(details),
                once=once,
                previous=head.entry.sha256 if head else GENESIS,
            )
            entry = entry.model_copy(update={"sha256": entry.digest()})
            self._write(entry)
        return entry

    def entries(self) -> Iterator[Entry]:
        """Yield what the file holds, oldest first; `verify` says whether it is sound."""
        return (line.entry for line in self._lines() if line.entry)

    def head(self) -> Entry | None:
        """Return the last entry, as signed; None before the first.

        Raises:
            AuditDamaged: The head is missing or forged.
        """
        with exclusive_lock(self._lock):
            head = self._recover()
        return head.entry if head else None

    def verify(self) -> list[str]:
        """Say which entries were altered, removed, reordered or added; nothing when the record is sound."""
        with exclusive_lock(self._lock):
            try:
                head = self._recover()
            except (AuditDamaged, ArtifactRefused) as error:
                return [str(error), *faults(list(self._lines()), None)]
            return faults(list(self._lines()), head.entry if head else None)

    def _write(self, entry: Entry) -> None:
        head = _Head(entry=entry, start_byte=self._size())
        signed = head.model_copy(update={"signature": self._signer.sign(head.message())})
        replace_atomically(self._head_file, orjson.dumps(signed.model_dump()))
        self._put(head)

    def _put(self, head: _Head) -> None:
        """Write the head's line where it belongs; a torn one is overwritten."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.seek(head.start_byte)
            file.write(head.entry.line())
        sync(self._file)
        sync(self._file.parent)

    def _recover(self) -> _Head | None:
        """Return the head, after putting its line into the file if a crash kept it out."""
        head = self._read_head()
        if head and head.start_byte <= self._size() < head.start_byte + len(head.entry.line()):
            self._put(head)
        return head

    def _read_head(self) -> _Head | None:
        try:
            head = _Head.model_validate_json(self._head_file.read_bytes())
        except FileNotFoundError:
            if not self._size():
                return None
            raise AuditDamaged(f"{self._head_file} is missing; restore it") from None
        except ValidationError as error:
            raise AuditDamaged(f"{self._head_file} is damaged: {error.errors()[0]['msg']}; restore it") from error
        if not self._signer.is_valid(head.message(), head.signature):
            raise AuditDamaged(f"{self._head_file} is not signed with this registry's key; restore it")
        return head

    def _size(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def _lines(self) -> Iterator[Line]:
        content = self._file.read_bytes() if self._file.exists() else b""
        for number, line in enumerate(content.splitlines(), 1):
            yield Line(number, parsed(line))

    def _find(self, once: str) -> Entry | None:
        """Look for a key, in memory and in what others have appended since the last look."""
        with self._file.open("ab+") as file:
            file.seek(self._read_bytes)
            for line in file:
                entry = parsed(line)
                if entry and entry.once is not None:
                    self._once.setdefault(entry.once, entry)
            self._read_bytes = file.tell()
        return self._once.get(once)
