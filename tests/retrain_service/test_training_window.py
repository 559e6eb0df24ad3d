import pytest

from driftline_registry import Manifest
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.training_window import read_window, wait_until_stored
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from tests.retrain_service.jobs import FEATURES, labelled_rows
from tests.retrain_service.stored import EPOCH_MS, PARTITION, request, store

CHAMPION = Manifest(flavour="sklearn", payload="m.skops", sha256="0" * 64, features=FEATURES, classes=("down", "up"))


def test_the_newest_labels_before_the_request_oldest_first(database: ClickHouseAddress) -> None:
    rows = labelled_rows(50)
    store(database, rows)
    client = connect(database)
    window = read_window(client, request(1, rows=40), CHAMPION, limit=30)
    assert window.rows == rows[10:40]
    assert window.parameters == {"model": "fraud", "partition": 2, "last_offset": 79, "limit": 30, "first_offset": 21}


def test_a_correction_counts_and_one_after_the_request_does_not(database: ClickHouseAddress) -> None:
    rows = labelled_rows(10)
    store(database, rows)
    client = connect(database)
    for offset, event, label in ((30, "e3", "corrected"), (90, "e4", "too late")):
        columns: dict[str, list[object]] = {
            "model": ["fraud"],
            "event_id": [event],
            "source": ["audit"],
            "label": [label],
            "timestamp": [EPOCH_MS],
            "predicted_at": [EPOCH_MS + int(event[1])],
            "joined": [1],
            "partition": [PARTITION],
            "offset": [offset],
            "position": [offset],
            "logged_at": [EPOCH_MS],
        }
        insert_columns(client, "outcome_log", columns, token=event)
    window = read_window(client, request(1, rows=20), CHAMPION, limit=30)
    expected = [*rows[:3], *rows[4:], rows[3].model_copy(update={"label": "corrected"})]
    assert window.rows == expected


def test_labels_have_the_type_of_the_champions_classes(database: ClickHouseAddress) -> None:
    rows = [row.model_copy(update={"label": label}) for row, label in zip(labelled_rows(2), ("true", "3"), strict=True)]
    store(database, rows)
    client = connect(database)

    def labels(*classes: bool | float | str) -> list[object]:
        champion = CHAMPION.model_copy(update={"classes": classes})
        return [row.label for row in read_window(client, request(1, rows=2), champion, limit=9).rows]

    assert labels(True, False) == [True, "3"]
    assert labels("true", "x") == ["true", "3"]
    with pytest.raises(RetrainFailed, match="label 'true' is not a number"):
        labels(3, 4)
    with pytest.raises(RetrainFailed, match="label 'true' is not a number"):
        labels()


def test_it_is_known_when_the_log_is_stored_up_to_the_request(database: ClickHouseAddress) -> None:
    client = connect(database)
    assert not wait_until_stored(client, request(1, rows=2), 0.0)
    store(database, labelled_rows(2))
    assert wait_until_stored(client, request(1, rows=2), 0.0)
