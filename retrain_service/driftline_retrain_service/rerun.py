"""Trains what a retrain has trained once more, in a scratch folder, and says whether the same came out."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from clickhouse_connect.driver.client import Client

from driftline_registry import Registry
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.job.environment import Environment
from driftline_retrain_service.job.files import (
    RESULT,
    ROWS,
    SPEC,
    JobResult,
    JobSpec,
    LabelledRow,
    read_result,
    read_rows,
)
from driftline_retrain_service.rows.training_window import WindowBounds, read_window


@dataclass(frozen=True)
class Rerun:
    """One training beside its repetition.

    Attributes:
        attempt: Name of the training's folder.
        rows: Rows that it was trained and judged on.
        chosen: The candidate that was chosen then.
        digest: What the challenger answered then, as a digest.
        digest_now: What the one that was trained now answers; empty when none could be trained.
        differences: Which inputs are not what they were, in words.
        failure: Why none could be trained now; empty when one was.
    """

    attempt: str
    rows: int
    chosen: str
    digest: str
    digest_now: str
    differences: tuple[str, ...]
    failure: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the same predictions came out."""
        return self.digest == self.digest_now

    @property
    def verdict(self) -> str:
        """What a person wants to know, in one sentence."""
        if self.is_same:
            return "the same digest"
        causes = (
            "; ".join(self.differences) or "although every input is the same: the trainer depends on chance or time"
        )
        return f"{self.failure or 'another digest'}: {causes}"


def trainings(run: Path) -> list[Path]:
    """The folders of a retrain's trainings that came to a result, in the order in which they were begun."""
    found = [file.parent for file in run.glob(f"*/{RESULT}")]
    return sorted(found, key=lambda folder: (len(folder.name), folder.name))


def rerun(folder: Path, registry: Registry, runner: JobRunner, client: Client | None) -> Rerun:
    """Repeat a training on the rows that were kept, with the models that the registry holds now.

    Args:
        folder: Of the training; nothing in it is changed.
        registry: Where the champion of that time and the older versions are.
        runner: Runs the job.
        client: For reading the window once more, to see whether the query still gives these rows; None: not looked at.
    """
    spec, result = JobSpec.read(folder / SPEC), JobResult.read(folder / RESULT)
    differences: list[str] = []
    with TemporaryDirectory(prefix="driftline-rerun-") as name:
        scratch = Path(name)
        shutil.copyfile(folder / ROWS, scratch / ROWS)
        spec.model_copy(update={"registry": registry.uri}).write(scratch / SPEC)
        try:
            rows = read_rows(scratch / ROWS, spec.data_sha256)
            if client is not None:
                differences += _of_rows(spec, rows, registry, client)
            runner.run(scratch)
            again = read_result(scratch)
        except (ValueError, RetrainFailed) as error:
            return Rerun(folder.name, spec.rows, result.chosen, result.prediction_digest, "", (), str(error))
    differences += _of_environments(result.environment, again.environment)
    changed = dict(result.command_sha256.items() - again.command_sha256.items())
    differences += [f"{part}, which the command names, has changed" for part in sorted(changed)]
    return Rerun(
        folder.name, spec.rows, result.chosen, result.prediction_digest, again.prediction_digest, tuple(differences)
    )


def _of_rows(spec: JobSpec, kept: list[LabelledRow], registry: Registry, client: Client) -> Iterator[str]:
    window = spec.window
    bounds = WindowBounds(
        str(window["model"]), *(int(str(window[name])) for name in ("partition", "last_offset", "limit"))
    )
    read = read_window(client, bounds, registry.get(spec.model, spec.champion).manifest).rows
    if read != kept:
        same = len({row.model_dump_json() for row in read} & {row.model_dump_json() for row in kept})
        yield (
            f"the query gives {len(read)} rows now, {same} of them among the {len(kept)} that were trained on "
            "(labels were corrected, or rows have expired); the kept rows were trained on"
        )


def _of_environments(before: Environment, now: Environment) -> Iterator[str]:
    for name in ("python", "platform", "commit"):
        if getattr(before, name) != getattr(now, name):
            yield f"{name} was {getattr(before, name) or 'unknown'}, is {getattr(now, name) or 'unknown'}"
    old, new = before.distributions, now.distributions
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name} was {old.get(name, 'not installed')}, is {new.get(name, 'not installed')}"
