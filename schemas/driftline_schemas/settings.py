"""The settings of an installation, read once from the environment by the program that starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from driftline_schemas import variables
from driftline_schemas.topics import DEFAULT_PARTITIONS, DEFAULT_PREFIX, Topics

VARIABLES: Mapping[str, str] = {
    "DRIFTLINE_KAFKA": "127.0.0.1:9092",
    "DRIFTLINE_CLICKHOUSE": "http://default@127.0.0.1:8123/driftline",
    "DRIFTLINE_TOPIC_PREFIX": DEFAULT_PREFIX,
    "DRIFTLINE_PARTITIONS": str(DEFAULT_PARTITIONS),
    "DRIFTLINE_REGISTRY": "registry",
    "DRIFTLINE_WORKER_HOST": "127.0.0.1",
    "DRIFTLINE_WORKER_PORT": "6066",
    "DRIFTLINE_DASHBOARD_HOST": "127.0.0.1",
    "DRIFTLINE_DASHBOARD_PORT": "8080",
    "DRIFTLINE_DASHBOARD_TOKENS": "",
    "DRIFTLINE_DASHBOARD_WORKERS": "",
    "DRIFTLINE_BLOCK_RECORDS": "50000",
    "DRIFTLINE_BLOCK_BYTES": "16777216",
    "DRIFTLINE_SNAPSHOT_KEY": "",
    "DRIFTLINE_ALERTING": "",
    "DRIFTLINE_NOTIFY_HOST": "127.0.0.1",
    "DRIFTLINE_NOTIFY_PORT": "0",
    "DRIFTLINE_RETRAIN_HOST": "127.0.0.1",
    "DRIFTLINE_RETRAIN_PORT": "0",
    "DRIFTLINE_RETRAIN_TRAINER": "logistic-regression",
    "DRIFTLINE_RETRAIN_COMMAND": "",
    "DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "300",
    "DRIFTLINE_RETRAIN_MIN_ROWS": "500",
    "DRIFTLINE_RETRAIN_WINDOW_ROWS": "2000",
}
"""Every variable that Driftline's programs read, with its default."""


@dataclass(frozen=True)
class ClickHouseAddress:
    """Where ClickHouse's HTTP interface answers.

    >>> ClickHouseAddress.parse("http://ana:secret@db:8123/driftline")
    ClickHouseAddress(host='db', port=8123, username='ana', database='driftline', secure=False)
    """

    host: str
    port: int
    username: str = "default"
    password: str = field(default="", repr=False)
    database: str = "driftline"
    secure: bool = False

    @classmethod
    def parse(cls, url: str) -> "ClickHouseAddress":
        """Read `http[s]://user:password@host:port/database`.

        Raises:
            ValueError: The address is not of that form; the message never holds the password.
        """
        parts = urlsplit(url)
        database = parts.path.strip("/")
        if parts.scheme not in ("http", "https") or not parts.hostname or not database.isidentifier():
            raise ValueError("expected http://user:password@host:port/database")
        secure = parts.scheme == "https"
        return cls(
            host=parts.hostname,
            port=parts.port or (8443 if secure else 8123),
            username=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=database,
            secure=secure,
        )


@dataclass(frozen=True)
class RetrainSettings:
    """When and on what a model is retrained.

    Attributes:
        host: Where the service's `/healthz` and `/metrics` listen.
        port: Its port; 0 where they do not.
        trainer: Name of a trainer.
        command: Command and arguments that train instead of it; none when empty.
        cooldown_seconds: Least time between the beginnings of two retrains of a model, in the log's time; where its
            specification says nothing.
        min_rows: Least number of labelled rows to train on, those before a change included.
        window_rows: Number of newest labelled rows that are taken; more where more have come since the change.
    """

    host: str = "127.0.0.1"
    port: int = 0
    trainer: str = "logistic-regression"
    command: tuple[str, ...] = ()
    cooldown_seconds: float = 300.0
    min_rows: int = 500
    window_rows: int = 2000


@dataclass(frozen=True)
class DashboardSettings:
    """Where the page and the API are, and who may use them.

    Attributes:
        host: Where they listen.
        port: Their port.
        tokens: The file that says who has a token; none when empty: then everybody reads, and nobody acts.
        workers: `host:port` of every worker's `/healthz`; none when there is one, where the worker's settings say.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tokens: str = ""
    workers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything a Driftline program needs to know; see `VARIABLES` for names and defaults."""

    kafka: str
    clickhouse: ClickHouseAddress
    topic_prefix: str
    partitions: int
    registry: str
    worker_host: str
    worker_port: int
    block_records: int
    block_bytes: int
    retrain: RetrainSettings
    snapshot_key: str = field(default="", repr=False)
    alerting: str = ""
    notify_host: str = "127.0.0.1"
    notify_port: int = 0
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)

    @property
    def topics(self) -> Topics:
        """The topics under this prefix."""
        return Topics(self.topic_prefix, self.partitions)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings; what is absent has its default.

        Raises:
            ConfigurationError: A variable has a bad value.
        """
        read = variables.Reader(environment, VARIABLES)
        return cls(
            kafka=read("DRIFTLINE_KAFKA", variables.addresses, "host:port, several separated by commas"),
            clickhouse=read(
                "DRIFTLINE_CLICKHOUSE", ClickHouseAddress.parse, "http://user:password@host:port/database", secret=True
            ),
            topic_prefix=read("DRIFTLINE_TOPIC_PREFIX", variables.prefix, "letters, digits, '.', '_' and '-'"),
            partitions=read("DRIFTLINE_PARTITIONS", variables.between(1, 10_000), "1 to 10000"),
            registry=read("DRIFTLINE_REGISTRY", variables.registry, "a folder, or mlflow+http://host:port"),
            worker_host=read("DRIFTLINE_WORKER_HOST", str, "a host name or address"),
            worker_port=read("DRIFTLINE_WORKER_PORT", variables.between(1, 65_535), "1 to 65535"),
            block_records=read("DRIFTLINE_BLOCK_RECORDS", variables.between(1, 1_000_000), "1 to 1000000"),
            block_bytes=read("DRIFTLINE_BLOCK_BYTES", variables.between(1024, 1 << 30), "1024 to 1073741824"),
            notify_host=read("DRIFTLINE_NOTIFY_HOST", str, "a host name or address"),
            notify_port=read("DRIFTLINE_NOTIFY_PORT", variables.between(0, 65_535), "1 to 65535, or 0 for none"),
            snapshot_key=read(
                "DRIFTLINE_SNAPSHOT_KEY", variables.secret, "16 characters or more, or nothing", secret=True
            ),
            alerting=read("DRIFTLINE_ALERTING", str, "a YAML file"),
            retrain=RetrainSettings(
                host=read("DRIFTLINE_RETRAIN_HOST", str, "a host name or address"),
                port=read("DRIFTLINE_RETRAIN_PORT", variables.between(0, 65_535), "1 to 65535, or 0 for none"),
                trainer=read("DRIFTLINE_RETRAIN_TRAINER", str, "the name of a trainer"),
                command=read("DRIFTLINE_RETRAIN_COMMAND", variables.command, "a command, quoted as in a shell"),
                cooldown_seconds=read("DRIFTLINE_RETRAIN_COOLDOWN_SECONDS", variables.between(0.0, 1e9), "0 or more"),
                min_rows=read("DRIFTLINE_RETRAIN_MIN_ROWS", variables.between(10, 10_000_000), "10 to 10000000"),
                window_rows=read("DRIFTLINE_RETRAIN_WINDOW_ROWS", variables.between(10, 10_000_000), "10 to 10000000"),
            ),
            dashboard=DashboardSettings(
                host=read("DRIFTLINE_DASHBOARD_HOST", str, "a host name or address"),
                port=read("DRIFTLINE_DASHBOARD_PORT", variables.between(1, 65_535), "1 to 65535"),
                tokens=read("DRIFTLINE_DASHBOARD_TOKENS", str, "a file"),
                workers=read(
                    "DRIFTLINE_DASHBOARD_WORKERS", variables.workers, "host:port, several separated by commas"
                ),
            ),
        )
