"""The contract as documents: JSON Schema per record and one AsyncAPI 3 document, both made from the models."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from driftline_schemas.codec import EVENT_TYPES, INCIDENT_TYPES, RETRAIN_TYPES
from driftline_schemas.events.alert import Alert
from driftline_schemas.events.drift import Drift
from driftline_schemas.events.model_change import ModelChange
from driftline_schemas.topics import Topic, Topics

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CONTRACT_VERSION = "0.1.0"

_HEADERS_OF_DATA = {
    "emitter": "The emitter that sent it, as in its emitter-report; may be missing.",
    "events": "How many events the record holds, as a decimal number; may be missing.",
}
_TYPES_OF_DATA = ("prediction", "prediction-batch", "outcome", "outcome-batch")

_HEADERS_OF_A_DEAD_LETTER = {
    "driftline-reason": "Short name of the fault.",
    "driftline-error": "What was wrong, with the field.",
    "driftline-topic": "Topic that it was read from.",
    "driftline-partition": "Partition that it was read from.",
    "driftline-offset": "Offset that it was read at.",
}


def _records() -> Mapping[str, type[BaseModel]]:
    others: dict[str, type[BaseModel]] = {
        "drift": Drift,
        "alert": Alert,
        "model-change": ModelChange,
    }
    return {**EVENT_TYPES, **others, **INCIDENT_TYPES, **RETRAIN_TYPES}


def json_schemas() -> dict[str, dict[str, Any]]:
    """One JSON Schema (draft 2020-12) per record type.

    >>> sorted(json_schemas())[:3]
    ['alert', 'drift', 'emitter-report']
    """
    return {name: {"$schema": DRAFT, **cls.model_json_schema()} for name, cls in _records().items()}


def asyncapi() -> dict[str, Any]:
    """The topics, their settings, and what travels on each, as an AsyncAPI 3 document."""
    topics = Topics()
    carried = zip(
        topics.all(),
        (
            list(EVENT_TYPES),
            ["drift"],
            ["alert"],
            list(INCIDENT_TYPES),
            list(RETRAIN_TYPES),
            ["model-change"],
            ["dead-letter"],
        ),
        strict=True,
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Driftline",
            "version": CONTRACT_VERSION,
            "description": "What clients in any language may rely on. Keys are the model's name.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_short(topic): _channel(topic, names) for topic, names in carried},
        "operations": {
            "emit": _operation("receive", topics.events),
            **{f"publish-{_short(topic)}": _operation("send", topic) for topic in topics.all()[1:]},
        },
        "components": {"messages": {**_messages(), "dead-letter": _dead_letter()}},
    }


def _short(topic: Topic) -> str:
    return topic.name.removeprefix(Topics().prefix)


def _channel(topic: Topic, names: list[str]) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.config["cleanup.policy"]],
                    "retention.ms": int(topic.config["retention.ms"]),
                    "max.message.bytes": int(topic.config["max.message.bytes"]),
                },
            }
        },
    }


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{_short(topic)}"}}


def _messages() -> dict[str, dict[str, Any]]:
    return {name: _message(name, cls) for name, cls in _records().items()}


def _message(name: str, cls: type[BaseModel]) -> dict[str, Any]:
    schema = cls.model_json_schema(ref_template=f"#/components/messages/{name}/payload/schema/$defs/{{model}}")
    message: dict[str, Any] = {
        "name": name,
        "summary": (cls.__doc__ or "").splitlines()[0],
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema},
        "bindings": {"kafka": {"key": {"type": "string", "description": "The model's name."}}},
    }
    if any(name in types for types in (EVENT_TYPES, INCIDENT_TYPES, RETRAIN_TYPES)):
        headers: dict[str, Any] = {"type": {"type": "string", "const": name}}
        if name in _TYPES_OF_DATA:
            headers |= {key: {"type": "string", "description": text} for key, text in _HEADERS_OF_DATA.items()}
        message["headers"] = {"type": "object", "properties": headers}
    return message


def _dead_letter() -> dict[str, Any]:
    properties = {name: {"type": "string", "description": text} for name, text in _HEADERS_OF_A_DEAD_LETTER.items()}
    return {
        "name": "dead-letter",
        "summary": "The original bytes of a record that could not be used; its own headers are kept beside these.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": properties, "required": list(properties)},
        "payload": {"description": "Any bytes."},
    }
