"""One retrain from request to announcement, readable from top to bottom in `RetrainService.process`."""

import logging
from pathlib import Path

from clickhouse_connect.driver.client import Client

from driftline_registry import LocalRegistry, Manifest, RegistryError
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.candidates import candidates, validation_rows
from driftline_retrain_service.cooldowns import Cooldowns
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.job import ROWS, SPEC, JobSpec, read_result, write_rows
from driftline_retrain_service.policy import reason_against_rows, reason_against_time, reason_against_version
from driftline_retrain_service.promotion import conclude, model_change
from driftline_retrain_service.records import record_steps, record_version
from driftline_retrain_service.run import Run
from driftline_retrain_service.runner import JobRunner
from driftline_retrain_service.training_window import QUERY, TrainingWindow, read_window, wait_until_stored
from driftline_schemas.errors import Unavailable
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.settings import RetrainSettings

_STORED_TIMEOUT_SECONDS = 15.0

logger = logging.getLogger(__name__)


class RetrainService:
    """Handles requests one after the other; each may come any number of times and ends once.

    Everything is kept in `<registry>/runs/<retrain id>/`: the request, the rows, the trainer's output, the figures.
    """

    def __init__(
        self,
        settings: RetrainSettings,
        registry: LocalRegistry,
        runner: JobRunner,
        announcements: Announcements,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._runner = runner
        self._announcements = announcements
        self._runs = registry.root.resolve() / "runs"
        self._cooldowns = Cooldowns(self._runs / "cooldowns.json")

    def process(self, request: RetrainRequest, client: Client) -> None:
        """Bring a retrain to its end, from wherever it was cut off; then tell everybody.

        Raises:
            Exception: Something is away (ClickHouse, Kafka, the registry's folder): call again later.
        """
        run = Run.open(self._runs, request)
        if not run.ended:
            self._pursue(run, client)
        self._tell(run, client)

    def _pursue(self, run: Run, client: Client) -> None:
        """Decide, train, compare, promote; what cannot be helped by waiting ends the retrain as failed."""
        try:
            if run.state.result is None and not self._train(run, client):
                return
            if run.state.spec and run.state.result:
                conclude(self._registry, run, run.state.spec, run.state.result)
        except (RetrainFailed, RegistryError) as error:
            if isinstance(error, Unavailable):
                raise
            run.fail(str(error))

    def _train(self, run: Run, client: Client) -> bool:
        """Train a challenger, unless there is a reason not to; say whether there is one now."""
        request, settings = run.request, self._settings
        aliases = self._registry.aliases(request.model)
        versions = [version.version for version in self._registry.versions(request.model)]
        refusal = reason_against_version(request, aliases, versions) or reason_against_time(
            request, self._cooldowns.last_requested_ms(request), settings
        )
        if refusal or aliases.champion is None:
            run.step("skipped", refusal or "", champion=aliases.champion or "")
            return False
        if not wait_until_stored(client, request, _STORED_TIMEOUT_SECONDS):
            logger.warning("retrain %s: ClickHouse does not hold the log up to the request", request.retrain_id)
        champion = self._registry.get(request.model, aliases.champion).manifest
        window = read_window(client, request, champion, settings.window_rows)
        rows = len(window.rows)
        if refusal := reason_against_rows(rows, settings):
            run.step("skipped", refusal, champion=aliases.champion, rows=rows)
            return False
        self._cooldowns.accept(request)
        run.step("accepted", f"because of {request.reason}", champion=aliases.champion, rows=rows)
        run.step("training", f"{settings.trainer} on {rows} labelled rows", champion=aliases.champion, rows=rows)
        record_steps(client, run)
        self._run_job(run, run.next_attempt(), window, aliases.champion, champion)
        return True

    def _run_job(self, run: Run, folder: Path, window: TrainingWindow, version: str, champion: Manifest) -> None:
        rows = len(window.rows)
        spec = JobSpec(
            retrain_id=run.request.retrain_id,
            model=run.request.model,
            trainer=self._settings.trainer,
            command=self._settings.command,
            registry=self._registry.root.resolve(),
            champion=version,
            features=champion.features,
            categorical=champion.categorical,
            is_classification=bool(champion.classes),
            query=QUERY,
            window=dict(window.parameters),
            candidates=tuple(candidates(rows, None)),
            rows=rows,
            validation_rows=validation_rows(rows, None),
            data_sha256=write_rows(folder / ROWS, window.rows),
        )
        spec.write(folder / SPEC)
        self._runner.run(folder)
        run.change(spec=spec, result=read_result(folder))

    def _tell(self, run: Run, client: Client) -> None:
        """Announce and record the end; all of it may be repeated."""
        step = run.state.steps[-1]
        logger.info(
            "retrain %s of %s: %s: %s", run.request.retrain_id, run.request.model, step.status, step.explanation
        )
        change = model_change(self._registry, run)
        if change and not run.state.announced:
            self._announcements.change(change)
            run.change(announced=True)
        if change:
            record_version(client, change)
        record_steps(client, run)
