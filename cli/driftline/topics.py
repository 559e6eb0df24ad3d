"""Creates the topics with the settings they must have; nothing else creates one."""

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.topics import Topic, Topics

TIMEOUT_MS = 30_000
REPLICATION_OF_THE_BROKER = -1


def create_topics(kafka: str, topics: Topics) -> list[str]:
    """Create what is missing and wait until every topic has its leaders; return the names that were created.

    Settings of a topic that exists are its operator's and stay as they are.

    Args:
        kafka: `host:port[,host:port]`.
        topics: what must exist.

    Raises:
        Unavailable: Kafka does not answer.
        ConfigurationError: A topic exists with another number of partitions.
    """
    try:
        admin = KafkaAdminClient(bootstrap_servers=kafka.split(","), request_timeout_ms=TIMEOUT_MS)
        try:
            return _create(admin, topics.all())
        finally:
            admin.close()
    except KafkaError as error:
        raise Unavailable(f"cannot create topics at {kafka} ({error!r}): check that Kafka runs there") from error


def _create(admin: KafkaAdminClient, topics: tuple[Topic, ...]) -> list[str]:
    existing = set(admin.list_topics())
    missing = {topic.name: _options(topic) for topic in topics if topic.name not in existing}
    if missing:
        created = admin.create_topics(missing, timeout_ms=TIMEOUT_MS, raise_errors=False)["topics"]
        for answer in created:
            error = for_code(answer["error_code"])
            if answer["error_code"] and error is not TopicAlreadyExistsError:  # another process was faster
                raise error(f"{answer['name']}: {answer['error_message']}")
    admin.wait_for_topics([topic.name for topic in topics], timeout_ms=TIMEOUT_MS)
    _check_partitions(admin, topics)
    return list(missing)


def _options(topic: Topic) -> dict[str, object]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": REPLICATION_OF_THE_BROKER,
        "configs": dict(topic.config),
    }


def _check_partitions(admin: KafkaAdminClient, topics: tuple[Topic, ...]) -> None:
    found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics([t.name for t in topics])}
    for topic in topics:
        if found[topic.name] != topic.partitions:
            raise ConfigurationError(
                f"topic {topic.name} has {found[topic.name]} partitions, {topic.partitions} are wanted, and the number "
                f"decides where a model's records lie: set DRIFTLINE_PARTITIONS to match, or choose another "
                f"DRIFTLINE_TOPIC_PREFIX"
            )
