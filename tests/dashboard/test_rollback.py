"""What a person is told who rolls back, whoever promoted the champion: the retrain service then does just that."""

from pathlib import Path
from typing import Any

import httpx

from driftline_registry import open_registry
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.codec import decode_retrain
from driftline_schemas.settings import Settings
from tests.dashboard.stand import TOKENS
from tests.registry.models import promote
from tests.retrain_service.stored import messages


def roll_back(api: httpx.Client, model: str) -> tuple[int, str]:
    """The status, and what is told."""
    bearer = {"Authorization": f"Bearer {TOKENS['admin']}"}
    answer = api.post(f"/api/v1/models/{model}/rollback", json={}, headers=bearer)
    said = answer.json()
    return answer.status_code, said["told"] if answer.is_success else said["detail"]


def asked(settings: Settings, model: str) -> list[str]:
    """The versions that the retrain service is asked to take back."""
    sent = messages(settings.kafka, settings.topics.retrains.name)
    requests = [decode_retrain(dict(each.headers)["type"].decode(), each.value).model_dump() for each in sent]
    return [each["version"] for each in requests if each["model"] == model]


def test_a_champion_that_was_promoted_by_hand(api: httpx.Client, settings: Settings, tmp_path: Path) -> None:
    registry = open_registry(settings.registry)
    promote(registry, "by-hand", tmp_path)
    promote(registry, "by-hand", tmp_path, reverse=True)
    assert roll_back(api, "by-hand") == (202, "version 2 is to be taken back; 1 follows")
    assert asked(settings, "by-hand") == ["2"]


def test_a_champion_that_was_promoted_by_hand_after_a_retrain(
    api: httpx.Client, settings: Settings, tmp_path: Path
) -> None:
    registry = open_registry(settings.registry)
    promote(registry, "after", tmp_path)
    promote(registry, "after", tmp_path, reverse=True)
    change: dict[str, list[Any]] = {
        "model": ["after"],
        "version": ["2"],
        "previous_version": ["1"],
        "action": ["promoted"],
        "at": [1],
    }
    with connect(settings.clickhouse) as client:
        insert_columns(client, "model_version_log", change, token="after")
    registry.promote("after", "1", expect="2")
    assert roll_back(api, "after") == (202, "version 1 is to be taken back; 2 follows")
    assert asked(settings, "after") == ["1"]


def test_who_cannot_roll_back_is_told_why_and_what_to_do(api: httpx.Client, settings: Settings, tmp_path: Path) -> None:
    status, told = roll_back(api, "unknown")
    assert (status, f"the registry {settings.registry} has no champion of 'unknown'" in told) == (409, True)
    assert "promote a version" in told
    promote(open_registry(settings.registry), "first", tmp_path)
    status, told = roll_back(api, "first")
    assert (status, "version 1 is the first champion; there is none to roll back to; promote the" in told) == (
        409,
        True,
    )
    assert asked(settings, "unknown") == asked(settings, "first") == []
