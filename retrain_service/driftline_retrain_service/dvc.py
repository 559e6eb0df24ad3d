"""The rows that a challenger was trained on as a file that DVC tracks, written without DVC.

`dvc status`, `dvc checkout` and `dvc push` take it as if `dvc add` had written it: the rows, a `.dvc` file that names
their MD5, and the rows once more in the repository's cache.
"""

import configparser
import hashlib
import json
from pathlib import Path

from driftline_registry.files import replace_atomically
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.job.files import ROWS, SPEC, JobSpec
from driftline_retrain_service.runs.run import Run
from driftline_schemas.errors import ConfigurationError

_READ_ONLY = 0o444  # as DVC leaves it: a cached file must not change


def snapshot(run: Run, folder: Path, attempt: int | None = None) -> Path:
    """Write the rows of a training of a retrain into a folder of a DVC repository; return the `.dvc` file.

    Args:
        run: the retrain.
        folder: a folder inside the repository; made if need be.
        attempt: number of the training (`attempt` in the retrain's steps); None for the last one.

    Raises:
        RunRefused: there was no such training, or its rows are not what it was trained on.
        ConfigurationError: the folder is in no DVC repository.
    """
    number = attempt if attempt is not None else run.state.attempts
    job = run.folder / f"attempt-{number}"
    cache = _cache(_repository(folder))
    try:
        spec, rows = JobSpec.read(job / SPEC), (job / ROWS).read_bytes()
    except (OSError, ValueError) as error:
        valid = f"1 to {run.state.attempts}" if run.state.attempts else "none: nothing was trained"
        raise RunRefused(f"retrain {run.request.retrain_id} has no training {number}; valid are {valid}") from error
    if hashlib.sha256(rows).hexdigest() != spec.data_sha256:
        raise RunRefused(f"{job / ROWS} is not what was trained on: it has changed since; restore it")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run.folder.name}-{number}.jsonl"
    digest = _keep(rows, cache)
    replace_atomically(file, rows)
    _ignore(file)
    tracked = file.with_name(f"{file.name}.dvc")
    replace_atomically(tracked, _described(file.name, digest, rows, spec).encode())
    return tracked


def _repository(folder: Path) -> Path:
    for parent in (folder.resolve(), *folder.resolve().parents):
        if (parent / ".dvc").is_dir():
            return parent
    raise ConfigurationError(f"{folder} is in no DVC repository; run `dvc init` there, or name another folder")


def _cache(repository: Path) -> Path:
    """The repository's cache, where its configuration puts it."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read([repository / ".dvc" / "config", repository / ".dvc" / "config.local"])
    return repository / ".dvc" / config.get("cache", "dir", fallback="cache")


def _keep(rows: bytes, cache: Path) -> str:
    """Put the rows into the cache unless they are there; return their MD5."""
    digest = hashlib.md5(rows, usedforsecurity=False).hexdigest()
    entry = cache / "files" / "md5" / digest[:2] / digest[2:]
    if not entry.exists():
        entry.parent.mkdir(parents=True, exist_ok=True)
        replace_atomically(entry, rows)
        entry.chmod(_READ_ONLY)
    return digest


def _ignore(file: Path) -> None:
    """Keep the rows themselves out of Git, as `dvc add` does."""
    ignored = file.with_name(".gitignore")
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if f"/{file.name}" not in lines:
        replace_atomically(ignored, "".join(f"{line}\n" for line in [*lines, f"/{file.name}"]).encode())


def _described(name: str, digest: str, rows: bytes, spec: JobSpec) -> str:
    """The content of the `.dvc` file: YAML, of which JSON is a part."""
    meta = {
        "retrain_id": spec.retrain_id,
        "model": spec.model,
        "rows": spec.rows,
        "sha256": spec.data_sha256,
        "query": spec.query,
        "window": dict(spec.window),
    }
    described = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in meta.items())
    return f"outs:\n- md5: {digest}\n  size: {len(rows)}\n  hash: md5\n  path: {name}\nmeta:\n{described}"
