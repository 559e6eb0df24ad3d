"""Apache Kafka's jars: downloaded once, pinned by version and sha256, verified on each use.

`kafka-jars.sha256` lists every jar of the broker's class path by its path in a Maven repository, in the format of
`sha256sum`. The list was resolved from ``org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36``. A log4j
binding must not join it: its managed versions replace kafka-clients by an older one, and the broker does not start.
"""

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

import platformdirs
from jgo.maven import MavenContext, PythonResolver

from driftline.stack.errors import StackError
from driftline_schemas.errors import Unavailable

KAFKA_VERSION = "4.3.1"
DOWNLOADS_AT_ONCE = 4
DOWNLOAD_ATTEMPTS = 4

Progress = Callable[[str, int, int], None]
"""Called while jars are downloaded, from several threads: file name, bytes received so far, size in bytes."""


def default_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """Where downloads are kept: `DRIFTLINE_CACHE`, otherwise the user's cache folder."""
    chosen = environment.get("DRIFTLINE_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("driftline")


@cache
def pinned_jars() -> Mapping[PurePosixPath, str]:
    """Every jar of the broker with its sha256.

    >>> len(pinned_jars())
    46
    """
    lines = (files(__package__) / "kafka-jars.sha256").read_text("utf-8").splitlines()
    return {PurePosixPath(path): sha256 for sha256, path in (line.split() for line in lines)}


def class_path(cache: Path) -> list[Path]:
    """The broker's jars, whether they are there or not."""
    return [cache / "maven" / jar for jar in pinned_jars()]


def provide_jars(cache: Path, progress: Progress | None = None) -> None:
    """Download the jars that are missing, and verify all of them.

    Raises:
        StackError: A jar differs from its pinned sha256.
        Unavailable: A jar cannot be downloaded.
    """
    missing = [jar for jar in pinned_jars() if not (cache / "maven" / jar).exists()]
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as staging,
            ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as threads,
        ):
            maven = _maven(Path(staging), progress)
            list(threads.map(lambda jar: _download(maven, jar, cache / "maven" / jar), missing))
    for jar in broken_jars(cache):
        raise StackError(f"{jar} is not the pinned jar (its sha256 differs): delete it and run `driftline up`")


def broken_jars(cache: Path) -> Iterator[Path]:
    """Each jar in the cache that is not the pinned one; those that were never downloaded are fine."""
    for jar, sha256 in pinned_jars().items():
        path = cache / "maven" / jar
        if path.exists() and _sha256(path) != sha256:
            yield path


def _maven(staging: Path, progress: Progress | None) -> MavenContext:
    @contextmanager
    def report(name: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
        received_bytes = 0

        def advance(count: int) -> None:
            nonlocal received_bytes
            received_bytes += count
            if progress is not None:
                progress(name, received_bytes, total_bytes)

        yield advance

    return MavenContext(repo_cache=staging, resolver=PythonResolver(progress_callback=report), timeout=30)


def _download(maven: MavenContext, jar: PurePosixPath, target: Path) -> None:
    """Download into the staging folder and move: what lies at the target is always complete."""
    *group, name, version, _ = jar.parts
    artifact = maven.project(".".join(group), name).at_version(version).artifact()
    for attempt in range(1, DOWNLOAD_ATTEMPTS + 1):
        try:
            maven.resolver.download(artifact)
            break
        except (OSError, RuntimeError) as error:
            (maven.repo_cache / jar).unlink(missing_ok=True)
            if attempt == DOWNLOAD_ATTEMPTS:
                remedy = "check the network connection and run the command again; what is complete stays"
                raise Unavailable(f"cannot download {jar.name} ({error}): {remedy}") from error
            time.sleep(2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311 - jitter needs no cryptography
    target.parent.mkdir(parents=True, exist_ok=True)
    (maven.repo_cache / jar).replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
