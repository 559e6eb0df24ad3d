from typing import Any

import pytest

from driftline_registry import Manifest
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.rows.training_window import WindowBounds, read_window
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from tests.retrain_service.jobs import FEATURES, labelled_rows
from tests.retrain_service.stored import EPOCH_MS, PARTITION, store

CHAMPION = Manifest(flavour="sklearn", payload="m.skops", sha256="0" * 64, features=FEATURES, classes=("down", "up"))


def bounds(*, rows: int, limit: int = 30, change_offset: int | None = None) -> WindowBounds:
    """Up to the outcome of the last of `rows` rows."""
    return WindowBounds("fraud", PARTITION, 2 * rows - 1, limit, change_offset)


def store_outcome(
    client: Any, event: int, label: str | None, *, offset: int, source: str = "", joined: int = 1
) -> None:
    """Store another outcome of a row."""
    columns: dict[str, list[object]] = {
        "model": ["fraud"],
        "event_id": [f"e{event}"],
        "source": [source],
        "label": [label],
        "timestamp": [EPOCH_MS],
        "predicted_at": [EPOCH_MS + event],
        "joined": [joined],
        "partition": [PARTITION],
        "offset": [offset],
        "position": [offset],
        "logged_at": [EPOCH_MS],
    }
    insert_columns(client, "outcome_log", columns, token=f"{event}:{source}:{offset}")


def test_the_newest_labels_up_to_a_place_oldest_first(database: ClickHouseAddress) -> None:
    rows = labelled_rows(50)
    store(database, rows)
    window = read_window(connect(database), bounds(rows=40, change_offset=61), CHAMPION)
    assert window.rows == rows[10:40]
    assert window.change_row == 21
    assert window.rows[window.change_row].event_id == "e31"
    assert window.record == {
        "model": "fraud",
        "partition": 2,
        "last_offset": 79,
        "limit": 30,
        "change_offset": 61,
        "change_row": 21,
        "first_offset": 21,
        "first_event_id": "e10",
        "last_event_id": "e39",
    }


@pytest.mark.parametrize(("change_offset", "change_row"), [(None, None), (0, 0), (1000, 30)])
def test_a_change_outside_the_window(
    change_offset: int | None, change_row: int | None, database: ClickHouseAddress
) -> None:
    store(database, labelled_rows(50))
    window = read_window(connect(database), bounds(rows=40, change_offset=change_offset), CHAMPION)
    assert window.change_row == change_row


def test_no_label_is_an_empty_window(database: ClickHouseAddress) -> None:
    window = read_window(connect(database), bounds(rows=40), CHAMPION)
    assert window.rows == []


def test_corrections_and_retractions_count_from_their_place_on(database: ClickHouseAddress) -> None:
    rows = labelled_rows(10)
    store(database, rows)
    client = connect(database)
    store_outcome(client, 3, "corrected", offset=30)
    store_outcome(client, 5, None, offset=31)
    store_outcome(client, 6, "by another", offset=32, source="audit")
    store_outcome(client, 7, None, offset=33, source="audit")
    store_outcome(client, 11, "orphan", offset=34, joined=0)
    store_outcome(client, 4, "too late", offset=90, source="audit")
    corrected = [
        rows[3].model_copy(update={"label": "corrected"}),
        rows[6].model_copy(update={"label": "by another"}),
    ]
    expected = [*rows[:3], rows[4], *rows[7:], *corrected]
    assert read_window(client, bounds(rows=20), CHAMPION).rows == expected
    client.command("OPTIMIZE TABLE outcome_log FINAL")
    assert read_window(client, bounds(rows=20), CHAMPION).rows == expected
    assert read_window(client, bounds(rows=20, limit=3), CHAMPION).rows == expected[-3:]


def test_labels_have_the_type_of_the_champions_classes(database: ClickHouseAddress) -> None:
    rows = [row.model_copy(update={"label": label}) for row, label in zip(labelled_rows(2), ("true", "3"), strict=True)]
    store(database, rows)
    client = connect(database)

    def labels(*classes: bool | float | str) -> list[object]:
        champion = CHAMPION.model_copy(update={"classes": classes})
        return [row.label for row in read_window(client, bounds(rows=2), champion).rows]

    assert labels(True, False) == [True, "3"]
    assert labels("true", "x") == ["true", "3"]
    with pytest.raises(RetrainFailed, match="label 'true' is not a number"):
        labels(3, 4)
    with pytest.raises(RetrainFailed, match="label 'true' is not a number"):
        labels()
