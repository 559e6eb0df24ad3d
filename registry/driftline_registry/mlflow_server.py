"""The calls of MLflow's client that the registry makes, in its own terms and with its own errors."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # by default it retries for four minutes
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from mlflow.exceptions import MlflowException
from requests import RequestException

from driftline_registry.errors import RegistryAway, RegistryError, UnknownVersion

EXPERIMENT = "driftline"
_ARTIFACT_FOLDER = "artifact"
_MISSING = frozenset({"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"})
_AWAY = frozenset({"INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED"})
_PAGE = 200


class MlflowServer:
    """One MLflow server; every call asks it anew.

    Raises (each method):
        RegistryAway: it does not answer.
        RegistryError: it says no.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = MlflowClient(address, registry_uri=address)

    def models(self, tag: str) -> list[RegisteredModel]:
        """Return all registered models with this tag."""
        found: list[RegisteredModel] = []
        token = None
        with self._answering("the models"):
            while True:
                page = self._client.search_registered_models(max_results=_PAGE, page_token=token)
                found += page
                if not (token := page.token):
                    break
        return [model for model in found if tag in model.tags]

    def model(self, name: str) -> RegisteredModel | None:
        """Return a registered model with its aliases and tags, as they are at one moment; None when there is none."""
        try:
            with self._answering(f"model {name!r}"):
                return self._client.get_registered_model(name)
        except UnknownVersion:
            return None

    def create_model(self, name: str, tags: Mapping[str, str]) -> None:
        """Create a registered model unless it is there; its tags are set in any case."""
        with self._answering(f"model {name!r}"):
            try:
                self._client.create_registered_model(name, dict(tags))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
                for key, value in tags.items():
                    self._client.set_registered_model_tag(name, key, value)

    def tag_model(self, name: str, key: str, value: str) -> None:
        """Set a registered model's tag."""
        with self._answering(f"model {name!r}"):
            self._client.set_registered_model_tag(name, key, value)

    def set_alias(self, name: str, alias: str, version: str | None) -> None:
        """Point an alias at a version, or delete it."""
        with self._answering(f"version {version} of {name!r}"):
            if version is None:
                self._client.delete_registered_model_alias(name, alias)
            else:
                self._client.set_registered_model_alias(name, alias, version)

    def versions(self, name: str) -> list[ModelVersion]:
        """Return all versions, oldest first."""
        found: list[ModelVersion] = []
        token = None
        with self._answering(f"the versions of {name!r}"):
            while True:
                page = self._client.search_model_versions(f"name = '{name}'", max_results=_PAGE, page_token=token)
                found += page
                if not (token := page.token):
                    break
        return sorted(found, key=lambda version: int(version.version))

    def version(self, name: str, version: str) -> ModelVersion | None:
        """Return a version; None when there is none."""
        try:
            with self._answering(f"version {version} of {name!r}"):
                return self._client.get_model_version(name, version)
        except UnknownVersion:
            return None

    def create_version(self, name: str, files: list[Path], tags: Mapping[str, str]) -> ModelVersion:
        """Log files as the artifacts of a run of its own, and create a version of them."""
        with self._answering(f"a new version of {name!r}"):
            experiment = self._client.get_experiment_by_name(EXPERIMENT)
            experiment_id = experiment.experiment_id if experiment else self._client.create_experiment(EXPERIMENT)
            run = self._client.create_run(experiment_id, run_name=name, tags=dict(tags)).info
            for file in files:
                self._client.log_artifact(run.run_id, str(file), _ARTIFACT_FOLDER)
            self._client.set_terminated(run.run_id)
            source = f"{run.artifact_uri}/{_ARTIFACT_FOLDER}"
            return self._client.create_model_version(name, source, run.run_id, dict(tags), await_creation_for=0)

    def tag_version(self, name: str, version: str, key: str, value: str) -> None:
        """Set a version's tag."""
        with self._answering(f"version {version} of {name!r}"):
            self._client.set_model_version_tag(name, version, key, value)

    def download(self, version: ModelVersion, file: str, folder: Path) -> None:
        """Bring one file of a version's artifacts into a folder."""
        with self._answering(f"{file} of version {version.version} of {version.name!r}"):
            download_artifacts(artifact_uri=f"{version.source}/{file}", dst_path=str(folder), tracking_uri=self.address)

    @contextmanager
    def _answering(self, what: str) -> Iterator[None]:
        try:
            yield
        except MlflowException as error:
            if error.error_code in _MISSING:
                raise UnknownVersion(f"MLflow at {self.address} has not got {what}: {error.message}") from error
            if error.error_code in _AWAY:
                raise self._away(what, error) from error
            raise RegistryError(f"MLflow at {self.address}, {what}: {error.message}") from error
        except (RequestException, OSError) as error:
            raise self._away(what, error) from error

    def _away(self, what: str, error: Exception) -> RegistryAway:
        return RegistryAway(f"MLflow at {self.address} does not answer for {what}; start it, or try again: {error}")
