"""What is wrong with an audit's file, in words that name the entry."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from driftline_retrain_service.audit.entry import GENESIS, Entry, Line


def faults(lines: Sequence[Line], last: Entry | None) -> list[str]:
    """Everything that is not as it was written; `last` is the entry that the signed head names, if there is one."""
    entries = [line.entry for line in lines if line.entry]
    return [
        *(f"line {line.number} is not an entry" for line in lines if not line.entry),
        *(f"entry {entry.sequence} was altered" for entry in entries if entry.digest() != entry.sha256),
        *_out_of_place(lines),
        *_removed(entries, last),
        *_broken(entries),
        *(_against_head(entries, last) if last else ()),
    ]


def _out_of_place(lines: Iterable[Line]) -> Iterator[str]:
    reached = 0
    for number, entry in lines:
        if entry is None:
            continue
        if entry.sequence <= reached:
            yield f"entry {entry.sequence} was moved or repeated: it stands on line {number}, behind entry {reached}"
        reached = max(reached, entry.sequence)


def _removed(entries: Iterable[Entry], last: Entry | None) -> Iterator[str]:
    present = sorted({entry.sequence for entry in entries})
    end = [last.sequence + 1] if last and last.sequence not in present else []
    for before, after in pairwise([0, *present, *end]):
        if after - before == 2:
            yield f"entry {before + 1} was removed"
        elif after - before > 2:
            yield f"entries {before + 1} to {after - 1} were removed"


def _broken(entries: Sequence[Entry]) -> Iterator[str]:
    """An entry that was altered and given a new hash does not fit the one behind it."""
    hashes = {0: GENESIS} | {entry.sequence: entry.sha256 for entry in reversed(entries)}
    for entry in entries:
        if entry.previous != hashes.get(entry.sequence - 1, entry.previous):
            yield f"entry {entry.sequence} does not follow entry {entry.sequence - 1}: one of them was replaced"


def _against_head(entries: Iterable[Entry], last: Entry) -> Iterator[str]:
    for entry in entries:
        if entry.sequence > last.sequence:
            yield f"entry {entry.sequence} was added: the signed head names entry {last.sequence} as the last one"
        elif entry.sequence == last.sequence and entry != last:
            yield f"entry {entry.sequence} was replaced: the signed head names another one"
