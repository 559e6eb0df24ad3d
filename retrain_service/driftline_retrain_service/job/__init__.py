"""One training: a specification and labelled rows in, an artifact and its figures out, all as files in one folder.

spec.json     what to do                rows.jsonl    `LabelledRow`, oldest first
result.json   written last, at once     artifact/     the challenger, unless an older version was chosen

Every candidate is trained on the rows before the validation rows and judged on these; so is the champion. The best one
is trained again on everything.
"""

from functools import partial
from pathlib import Path

from driftline_registry import ArtifactRefused, LoadedModel, Registry, UnknownVersion, open_registry
from driftline_registry.files import sha256_of
from driftline_retrain_service.job.candidates import Candidate
from driftline_retrain_service.job.environment import environment
from driftline_retrain_service.job.evaluation import evaluate, prediction_digest
from driftline_retrain_service.job.files import RESULT, ROWS, SPEC, JobResult, JobSpec, LabelledRow, read_rows
from driftline_retrain_service.job.selection import Figures, Unsuitable, select

PROBE_ROWS = 200
"""So many of the newest rows are the probe set of the digest."""


def run(folder: Path) -> None:
    """Train, judge and choose, train the chosen one again, save and reload it.

    Whatever is raised means that there is no challenger.
    """
    from driftline_retrain_service.job.fitting import Fitter  # the service reads jobs without the trainers' libraries

    spec = JobSpec.read(folder / SPEC)
    rows = read_rows(folder / ROWS, spec.data_sha256)
    if len(rows) < 2:
        raise Unsuitable(f"{len(rows)} labelled rows are too few to train on some and judge by the others")
    registry = open_registry(spec.registry)
    fitter = Fitter(spec, rows, folder)
    judge = partial(_judge, spec, rows)

    def judge_candidate(candidate: Candidate) -> Figures:
        if candidate.version is not None:
            return judge(_past_version(registry, spec, candidate.version))
        return judge(fitter.fit(candidate, len(rows) - spec.validation_rows))

    selection = select(spec.candidates, judge_candidate)
    chosen = selection.chosen
    challenger = fitter.fit_challenger(chosen) if chosen.version is None else registry.load(spec.model, chosen.version)
    JobResult(
        chosen=chosen.name,
        version=chosen.version,
        artifact_sha256="" if chosen.version else challenger.manifest.sha256,
        champion=judge(registry.load(spec.model, spec.champion)),
        figures=selection.figures,
        left_out=selection.left_out,
        rows_sha256=spec.data_sha256,
        prediction_digest=prediction_digest(challenger.predict_many([row.features for row in rows[-PROBE_ROWS:]])),
        environment=environment(),
        command_sha256={part: sha256_of(Path(part)) for part in spec.command if Path(part).is_file()},
    ).write(folder / RESULT)


def _past_version(registry: Registry, spec: JobSpec, version: str) -> LoadedModel:
    """Load an older version that may fit again; it has to take what the champion takes, and to answer the same."""
    try:
        model = registry.load(spec.model, version)
    except (ArtifactRefused, UnknownVersion) as error:
        raise Unsuitable(str(error)) from error
    manifest = model.manifest
    features = set(manifest.features)
    if not features <= set(spec.features) or manifest.categorical != spec.categorical & features:
        raise Unsuitable("it was trained on other features than the champion")
    if bool(manifest.classes) != spec.is_classification:
        raise Unsuitable("of it and the champion, one predicts classes and the other numbers")
    return model


def _judge(spec: JobSpec, rows: list[LabelledRow], model: LoadedModel) -> Figures:
    newest = rows[len(rows) - spec.validation_rows :]
    features, labels = [row.features for row in newest], [row.label for row in newest]
    return evaluate(model, features, labels, is_classification=spec.is_classification)
