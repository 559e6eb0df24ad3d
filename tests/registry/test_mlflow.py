"""The registry on a real MLflow server."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaProducer

from driftline.stack.ports import draw_port
from driftline_registry import ArtifactRefused, ChampionChanged, RegistryAway, open_registry
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.job.files import RESULT, SPEC, JobResult, JobSpec
from driftline_schemas import ModelChange
from driftline_schemas.codec import encode
from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.registry.contract import RegistryContract
from tests.registry.following import FollowerContract
from tests.registry.mlflow_process import MlflowProcess
from tests.registry.models import artifact
from tests.registry.tampering import FILES, TamperingContract
from tests.registry.vaults import MlflowVault
from tests.retrain_service.jobs import champion_registry, job_folder, labelled_rows
from tests.retrain_service.process import environment, running, wait_until
from tests.retrain_service.stored import messages, request, store

pytestmark = pytest.mark.timeout(300)  # the server's start is most of it


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowProcess]:
    server = MlflowProcess(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def vault(server: MlflowProcess, tmp_path: Path) -> Iterator[MlflowVault]:
    vault = MlflowVault(server, tmp_path / "registry")
    yield vault
    vault.clear()


class TestRegistry(RegistryContract):
    def test_the_lineage_is_in_tags(self, vault: MlflowVault, tmp_path: Path) -> None:
        version = vault.registry.register("fraud", artifact(tmp_path / "a"), retrain_id="r1")
        tags = vault.client.get_model_version("fraud", "1").tags
        assert (tags["driftline.retrain_id"], tags["driftline.sha256"]) == ("r1", version.manifest.sha256)
        assert version.uri == "models:/fraud/1"

    def test_what_a_killed_writer_left_is_completed(self, vault: MlflowVault, tmp_path: Path) -> None:
        registry = vault.registry
        for name in ("a", "b"):
            registry.register("fraud", artifact(tmp_path / name, reverse=name == "b"), retrain_id=name)
        vault.client.delete_model_version_tag("fraud", "2", "driftline.statement")
        assert [version.version for version in registry.versions("fraud")] == ["1"]
        assert registry.register("fraud", tmp_path / "b", retrain_id="b").version == "2"
        registry.promote("fraud", "1", expect=None)
        registry.promote("fraud", "2", expect="1", retrain_id="b")
        # Killed after noting the change, and after the first of the two aliases:
        vault.client.delete_registered_model_tag("fraud", "driftline.change.2")
        vault.client.set_registered_model_alias("fraud", "champion", "1")
        assert registry.aliases("fraud").champion == "1"
        assert registry.promote("fraud", "2", expect="1", retrain_id="b").champion == "2"
        assert [line.champion for line in registry.audit("fraud")] == ["1", "2"]

    def test_an_alias_that_a_person_moved_is_respected(self, vault: MlflowVault, tmp_path: Path) -> None:
        registry = vault.registry
        for name in ("a", "b", "c"):
            registry.register("fraud", artifact(tmp_path / name), retrain_id=name)
        registry.promote("fraud", "1", expect=None)
        vault.client.set_registered_model_alias("fraud", "champion", "2")
        with pytest.raises(ChampionChanged, match="the champion is 2, not 1"):
            registry.promote("fraud", "3", expect="1")
        assert registry.promote("fraud", "3", expect="2").previous_champion == "2"

    def test_a_training_job_finds_its_champion_there(self, vault: MlflowVault, tmp_path: Path) -> None:
        first = champion_registry(tmp_path / "local").get("fraud", "1")
        vault.registry.register("fraud", first.folder)
        folder = job_folder(tmp_path, "logistic-regression", labelled_rows(200, reverse=True))
        spec = JobSpec.read(folder / SPEC).model_copy(update={"registry": vault.registry.uri})
        spec.write(folder / SPEC)
        with JobRunner(["driftline_registry.flavours.sklearn"]) as runner:
            runner.run(folder)
        assert JobResult.read(folder / RESULT).champion["accuracy"] < 0.2

    @pytest.mark.usefixtures("interruptible")
    def test_the_retrain_service_trains_and_promotes_there(
        self, vault: MlflowVault, kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
    ) -> None:
        registry = vault.registry
        registry.register("fraud", champion_registry(tmp_path / "local").get("fraud", "1").folder)
        registry.promote("fraud", "1", expect=None)
        store(database, labelled_rows(200, reverse=True))
        with closing(KafkaProducer(bootstrap_servers=kafka_address)) as producer:
            asked = encode(request(1, rows=200))
            producer.send(topics.retrains.name, key=b"fraud", value=asked).get(timeout=30)
        with running(environment(kafka_address, topics.prefix, database, registry.uri), tmp_path) as service:
            wait_until(lambda: len(registry.versions("fraud")) == 2, service)
            store(database, labelled_rows(100, reverse=True), first=200)
            wait_until(lambda: len(messages(kafka_address, topics.models.name)) == 1, service)
        change = ModelChange.model_validate_json(messages(kafka_address, topics.models.name)[0].value)
        assert (change.action, change.version, change.previous_version) == ("promoted", "2", "1")
        assert change.artifact is not None
        assert change.artifact.uri == "models:/fraud/2"
        assert vault.client.get_model_version_by_alias("fraud", "champion").version == "2"
        assert registry.get("fraud", "2").retrain_id == "retrain-1"
        assert vault.reader(tmp_path / "reader").load("fraud", "2").predict({"a": 2.0, "b": 0.0}).prediction == "down"


class TestFollower(FollowerContract):
    pass


@pytest.mark.parametrize("address", ["mlflow://127.0.0.1:5000", "s3://bucket/registry"])
def test_an_address_of_another_kind_is_named(address: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a folder or mlflow"):
        open_registry(address)


def test_an_account_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match=r"at 127\.0\.0\.1:5000 .*MLFLOW_TRACKING_PASSWORD") as refused:
        open_registry("mlflow+http://ana:secret@127.0.0.1:5000")
    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_a_reason_to_try_again(tmp_path: Path) -> None:
    registry = open_registry(f"mlflow+http://127.0.0.1:{draw_port()}?folder={tmp_path}")
    with pytest.raises(RegistryAway, match="does not answer") as raised:
        registry.aliases("fraud")
    assert isinstance(raised.value, Unavailable)


class TestTampering(TamperingContract):
    def test_a_damaged_copy_is_fetched_again(self, vault: MlflowVault, tmp_path: Path) -> None:
        reader = vault.reader(tmp_path / "reader")
        good = reader.load("fraud", "1").predict({"a": 3.0, "b": 0.0})
        for file in FILES:
            (reader.get("fraud", "1").folder / file).write_bytes(b"damaged")
        assert reader.load("fraud", "1").predict({"a": 3.0, "b": 0.0}) == good

    def test_a_version_that_somebody_else_put_there_is_none(self, vault: MlflowVault) -> None:
        own = vault.client.get_model_version("fraud", "1")
        vault.client.create_model_version("fraud", str(own.source), own.run_id)
        assert [version.version for version in vault.registry.versions("fraud")] == ["1", "2"]
        for attempt in (
            lambda: vault.registry.load("fraud", "3"),
            lambda: vault.registry.promote("fraud", "3", expect=None),
        ):
            with pytest.raises(ArtifactRefused, match="not registered by us"):
                attempt()
