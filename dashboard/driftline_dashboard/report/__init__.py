"""A period of a model as one HTML file: for people who have no access, who print it, or who open it years later."""

import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from driftline_dashboard.problems import Problem
from driftline_dashboard.queries.versions import extent, served
from driftline_dashboard.report.material import gather
from driftline_dashboard.report.page import page
from driftline_dashboard.store import Store
from driftline_dashboard.windows import read_window
from driftline_schemas.errors import ConfigurationError, Unavailable


def write_report(store: Store, model: str, since: str, until: str, out: Path) -> None:
    """Write the report of a model; a file that is there is replaced at once, or not at all.

    Args:
        store: Where to ask.
        model: Its name.
        since: When the period begins: a time, a length before its end such as `7d`, or `all`.
        until: When it ends; with the model's last prediction when empty.
        out: The file.

    Raises:
        ConfigurationError: There is no such model, or the period cannot be read.
        Unavailable: ClickHouse does not answer, or the file cannot be written.
    """
    versions = served(store, model)
    if not versions:
        raise ConfigurationError(
            f"nothing is stored of a model {model!r}: `driftline models list` shows those that are"
        )
    try:
        window = read_window(since, until, extent(versions))
    except Problem as refused:
        raise ConfigurationError(refused.detail.replace("from:", "--since:").replace("until:", "--until:")) from None
    _replace(out, page(gather(store, model, window, versions), datetime.now(UTC)))


def _replace(out: Path, text: str) -> None:
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            file.write(text)
        Path(file.name).chmod(0o666 & ~_umask())
        Path(file.name).replace(out)
    except OSError as error:
        raise Unavailable(f"cannot write {out} ({error.strerror}): choose another file with --out") from error


def _umask() -> int:
    os.umask(mask := os.umask(0))
    return mask
