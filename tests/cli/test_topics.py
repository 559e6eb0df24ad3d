from dataclasses import replace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from driftline.topics import create_topics
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.topics import Topics


def test_every_topic_has_its_partitions_and_settings(kafka_address: str, topics: Topics) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka_address)
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics.all()]
    described = admin.describe_configs(resources)["topic"]
    partitions = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    admin.close()
    for topic in topics.all():
        assert partitions[topic.name] == topic.partitions
        assert {name: described[topic.name][name]["value"] for name in topic.config} == topic.config


def test_creating_again_changes_nothing(kafka_address: str, topics: Topics) -> None:
    assert create_topics(kafka_address, topics) == []


def test_another_number_of_partitions_is_refused(kafka_address: str, topics: Topics) -> None:
    with pytest.raises(ConfigurationError, match=r"events has 4 partitions, 8 are wanted.*DRIFTLINE_PARTITIONS"):
        create_topics(kafka_address, replace(topics, partitions=8))


def test_database_has_its_tables(database: object) -> None:
    assert database
