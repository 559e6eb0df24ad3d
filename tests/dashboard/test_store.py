"""Questions to ClickHouse: asked once, together, and refused with a reason."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from driftline_dashboard.store import CONNECTIONS, Store
from driftline_schemas.errors import ConfigurationError, Unavailable
from driftline_schemas.settings import ClickHouseAddress
from tests.stream_processors.harness import wait_for

CHANCE = "SELECT generateUUIDv4() AS id, {of:String} AS of"

pytestmark = pytest.mark.stack


@pytest.fixture
def store(database: ClickHouseAddress) -> Iterator[Store]:
    with closing(Store(database)) as store:
        yield store


def test_a_question_that_many_ask_together_is_asked_once(store: Store) -> None:
    answers = [store.ask(CHANCE, of=of) for of in "abab" * CONNECTIONS]
    found = {row["of"]: row["id"] for answer in answers for row in answer()}
    assert len({answer()[0]["id"] for answer in answers}) == len(found) == 2
    wait_for("a new answer", lambda: store.rows(CHANCE, of="a")[0]["id"] != found["a"])


def test_a_refusal_reaches_everybody_who_asked_and_nobody_else(store: Store) -> None:
    answers = [store.ask("SELECT nothing FROM nowhere") for _ in range(2 * CONNECTIONS)]
    for answer in answers:
        with pytest.raises(ConfigurationError, match=r"nowhere.*run `driftline migrate`"):
            answer()
    assert store.rows("SELECT 1 AS one") == [{"one": 1}]


def test_a_server_that_is_away_is_named_with_what_to_check() -> None:
    away = r"127\.0\.0\.1:1 does not answer.*check that the server runs"
    with closing(Store(ClickHouseAddress.parse("http://127.0.0.1:1/driftline"))) as store:
        answer = store.ask("SELECT 1")
        with pytest.raises(Unavailable, match=away):
            answer()
