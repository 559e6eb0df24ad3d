from pathlib import Path

import pytest
from jgo.maven import PythonResolver

from driftline.stack.errors import StackError
from driftline.stack.jars import class_path, default_cache, provide_jars


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache like the user's, that a test may break."""
    provide_jars(default_cache())
    for original, copy in zip(class_path(default_cache()), class_path(tmp_path), strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(original)
    return tmp_path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(PythonResolver, "download", download)


def test_a_complete_cache_needs_no_network(cache: Path, no_network: None) -> None:
    provide_jars(cache)


def test_a_jar_that_is_not_the_pinned_one_is_refused(cache: Path, no_network: None) -> None:
    jar = class_path(cache)[0]
    jar.unlink()
    jar.write_bytes(b"not what was published")
    with pytest.raises(StackError, match=rf"{jar} is not the pinned jar .*: delete it"):
        provide_jars(cache)


def test_only_what_is_missing_is_downloaded(cache: Path) -> None:
    smallest = min(class_path(cache), key=lambda jar: jar.stat().st_size)
    smallest.unlink()
    seen: list[tuple[str, int, int]] = []
    provide_jars(cache, lambda *progress: seen.append(progress))
    assert smallest.exists()
    assert {name for name, _, _ in seen} == {smallest.name}
    assert seen[-1][1] == seen[-1][2] == smallest.stat().st_size
