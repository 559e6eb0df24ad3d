"""The final account: each kind of loss is named."""

from dataclasses import replace

import pytest

from driftline.demo.account import Account, Sent, disagreements

SENT = Sent(predictions=10, outcomes=10, dropped=0, accuracy=0.8)
ACCOUNT = Account(
    stored=10,
    stored_ids=10,
    dead_lettered=0,
    joined=10,
    orphans=0,
    drifts=2,
    alerts=2,
    retrain_requests=3,
    retrains=2,
    challengers=4,
    promotions=1,
    rollbacks=0,
    retrains_ended=2,
    retrains_open=1,
    accuracy=0.8,
)


def test_when_all_is_well_nothing_disagrees() -> None:
    assert disagreements(SENT, ACCOUNT) == []


@pytest.mark.parametrize(
    ("sent", "account", "words"),
    [
        (replace(SENT, dropped=1), ACCOUNT, "emitter dropped 1"),
        (SENT, replace(ACCOUNT, stored=11), "11 predictions are stored, but only 10"),
        (SENT, replace(ACCOUNT, stored=9, stored_ids=9), "10 predictions were sent, but 9 are stored"),
        (SENT, replace(ACCOUNT, dead_lettered=1), "1 records are dead letters"),
        (SENT, replace(ACCOUNT, joined=9, orphans=1), "9 are joined and 1 are orphans"),
        (SENT, replace(ACCOUNT, retrains_ended=1), "3 retrains were asked for, but 1 have ended and 1 are in flight"),
        (SENT, replace(ACCOUNT, retrains_ended=1, retrains_open=2), "1 have ended and 2 are in flight"),
        (SENT, replace(ACCOUNT, accuracy=0.7), "accuracy of 0.8000, ClickHouse 0.7000"),
    ],
)
def test_each_kind_of_loss_is_named(sent: Sent, account: Account, words: str) -> None:
    assert words in "; ".join(disagreements(sent, account))
