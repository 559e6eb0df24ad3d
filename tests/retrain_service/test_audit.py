"""What was decided stays as it was written, or `verify` names the entry that is not."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest
from pydantic import JsonValue

from driftline_retrain_service.audit import Audit, AuditDamaged
from driftline_retrain_service.audit.entry import Entry

APPEND = """
import sys
from pathlib import Path
from driftline_retrain_service.audit import Audit
audit, name, count = Audit(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for n in range(count):
    audit.append(actor=name, action="promoted", model="m", subject=str(n), details={}, at_ms=n, once=f"{name}:{n}")
    print(n, flush=True)
"""


def append(audit: Audit, number: int, once: str | None = None) -> Entry:
    details: dict[str, JsonValue] = {"evidence": number / 3, "why": "Größer, weil\nbesser"}
    return audit.append(
        actor="ana", action="approved", model="fraud", subject=f"r-{number}", details=details, at_ms=number, once=once
    )


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    audit = Audit(tmp_path)
    for number in range(1, 8):
        append(audit, number)
    return audit


def lines(folder: Path) -> list[bytes]:
    return (folder / "audit.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, content: list[bytes]) -> None:
    (folder / "audit.jsonl").write_bytes(b"".join(content))


def test_a_sound_record_has_no_faults(audit: Audit, tmp_path: Path) -> None:
    assert audit.verify() == []
    entries = list(Audit(tmp_path).entries())
    assert [entry.sequence for entry in entries] == [*range(1, 8)]
    assert entries[2].details == {"evidence": 1.0, "why": "Größer, weil\nbesser"}
    assert audit.head() == entries[-1]


def test_an_altered_entry_is_named(audit: Audit, tmp_path: Path) -> None:
    rewrite(tmp_path, [line.replace(b'"r-4"', b'"r-9"') for line in lines(tmp_path)])
    assert audit.verify() == ["entry 4 was altered"]


def test_an_altered_entry_with_a_new_hash_does_not_fit(audit: Audit, tmp_path: Path) -> None:
    content = lines(tmp_path)
    for at in (3, 6):
        forged = Entry.model_validate_json(content[at]).model_copy(update={"actor": "eve"})
        content[at] = forged.model_copy(update={"sha256": forged.digest()}).line()
    rewrite(tmp_path, content)
    assert audit.verify() == [
        "entry 5 does not follow entry 4: one of them was replaced",
        "entry 7 was replaced: the signed head names another one",
    ]


def test_removed_entries_are_named(audit: Audit, tmp_path: Path) -> None:
    content = lines(tmp_path)
    rewrite(tmp_path, [*content[:1], content[2], *content[5:]])
    assert audit.verify() == ["entry 2 was removed", "entries 4 to 5 were removed"]


def test_reordered_and_repeated_entries_are_named(audit: Audit, tmp_path: Path) -> None:
    content = lines(tmp_path)
    rewrite(tmp_path, [*content[:2], content[3], content[2], *content[4:], content[0]])
    assert audit.verify() == [
        "entry 3 was moved or repeated: it stands on line 4, behind entry 4",
        "entry 1 was moved or repeated: it stands on line 8, behind entry 7",
    ]


def test_a_cut_off_end_is_named_also_after_later_entries(audit: Audit, tmp_path: Path) -> None:
    rewrite(tmp_path, lines(tmp_path)[:4])
    assert audit.verify() == ["entries 5 to 7 were removed"]
    append(audit, 8)
    assert audit.verify() == ["entries 5 to 7 were removed"]


def test_an_added_entry_is_named(audit: Audit, tmp_path: Path) -> None:
    last = list(audit.entries())[-1]
    added = last.model_copy(update={"sequence": 8, "previous": last.sha256})
    rewrite(tmp_path, [*lines(tmp_path), added.model_copy(update={"sha256": added.digest()}).line(), b"{}\n"])
    told = "entry 8 was added: the signed head names entry 7 as the last one"
    assert audit.verify() == ["line 9 is not an entry", told]


def test_a_forged_or_missing_head_is_told_and_nothing_is_appended(audit: Audit, tmp_path: Path) -> None:
    head = tmp_path / "audit.head"
    document = orjson.loads(head.read_bytes())
    document["entry"]["sequence"] = 4
    for content, told in ((orjson.dumps(document), "not signed"), (b"{", "damaged"), (None, "missing")):
        head.unlink()
        if content is not None:
            head.write_bytes(content)
        assert [told in fault for fault in audit.verify()] == [True]
        with pytest.raises(AuditDamaged, match=told):
            append(audit, 8)


@pytest.mark.parametrize("torn_bytes", [0, 1, 40])
def test_what_a_crash_kept_out_is_put_in_its_place(audit: Audit, tmp_path: Path, torn_bytes: int) -> None:
    """The head is written first: so the files look when the process dies before or in the middle of the line."""
    whole = lines(tmp_path)
    rewrite(tmp_path, [*whole[:-1], whole[-1][:torn_bytes]])
    assert audit.verify() == []
    assert lines(tmp_path) == whole
    rewrite(tmp_path, [*whole[:-1], whole[-1][:torn_bytes]])
    assert append(audit, 8).sequence == 8
    assert audit.verify() == []


def test_a_key_appends_once(audit: Audit, tmp_path: Path) -> None:
    first = append(audit, 8, once="r-8:promoted")
    assert append(audit, 9, once="r-8:promoted") == first
    assert append(Audit(tmp_path), 9, once="r-8:promoted") == first
    other = append(Audit(tmp_path), 9, once="r-9:promoted")
    assert append(audit, 9, once="r-9:promoted") == other
    assert len(lines(tmp_path)) == 9


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", APPEND, str(tmp_path)]
    both = [subprocess.Popen([*command, name, "30"], stdout=subprocess.PIPE) for name in ("a", "b")]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [len(output.split()) for output in outputs] == [30, 30]
    audit = Audit(tmp_path)
    assert audit.verify() == []
    keys = [str(entry.once) for entry in audit.entries()]
    assert sorted(keys) == sorted(f"{name}:{n}" for name in "ab" for n in range(30))


def test_two_threads_append_at_once(audit: Audit) -> None:
    threads = [threading.Thread(target=append, args=(audit, number)) for number in range(8, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify() == []
    assert len(list(audit.entries())) == 15


def test_kill_9_leaves_a_sound_record_with_all_that_was_confirmed(tmp_path: Path) -> None:
    confirmed = 0
    for round_ in range(4):
        command = [sys.executable, "-c", APPEND, str(tmp_path), str(round_), "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            for _ in range(10 + 3 * round_):
                process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
        confirmed += 10 + 3 * round_
        audit = Audit(tmp_path)
        assert audit.verify() == []
        assert len(list(audit.entries())) >= confirmed
