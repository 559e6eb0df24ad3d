"""What ClickHouse holds about the demo's model, and whether it agrees with what was sent."""

import math
from dataclasses import dataclass

from driftline import store
from driftline_schemas.settings import ClickHouseAddress

_SQL = """
SELECT
    (SELECT count() FROM prediction_log WHERE model = {model:String}) AS stored,
    (SELECT uniqExact(event_id) FROM prediction_log WHERE model = {model:String}) AS stored_ids,
    (SELECT count() FROM dead_letters) AS dead_lettered,
    (SELECT count() FROM outcomes WHERE model = {model:String}) AS joined,
    (SELECT count() FROM orphan_outcomes WHERE model = {model:String}) AS orphans,
    (SELECT count() FROM drifts WHERE model = {model:String}) AS drifts,
    (SELECT count() FROM alerts WHERE model = {model:String}) AS alerts,
    (SELECT count() FROM retrain_requests WHERE model = {model:String}) AS retrain_requests,
    (SELECT uniqExact(retrain_id) FROM retrain_steps WHERE model = {model:String} AND status = 'training') AS retrains,
    (SELECT count() FROM retrain_steps WHERE model = {model:String} AND status = 'training') AS challengers,
    (SELECT count() FROM model_versions WHERE model = {model:String} AND action = 'promoted') AS promotions,
    (SELECT count() FROM model_versions WHERE model = {model:String} AND action = 'rolled-back') AS rollbacks,
    (SELECT count() FROM retrains WHERE model = {model:String} AND final) AS retrains_ended,
    (SELECT count() FROM retrains WHERE model = {model:String} AND NOT final) AS retrains_open,
    (SELECT 1 - avg(error) FROM outcomes WHERE model = {model:String}) AS accuracy
"""


@dataclass(frozen=True)
class Account:
    """Counts from ClickHouse.

    Attributes:
        stored: Rows of predictions, duplicates included.
        stored_ids: Different event ids among them.
        dead_lettered: Records that could not be read.
        joined: Outcomes beside their predictions.
        orphans: Outcomes without a prediction.
        drifts: Drifts found.
        alerts: Alerts sent.
        retrain_requests: Retrains that the worker asked for.
        retrains: Those that trained a challenger; the others joined one in flight, or came for a replaced version.
        challengers: Challengers trained.
        promotions: Challengers promoted.
        rollbacks: Promotions taken back.
        retrains_ended: Retrains with a final state.
        retrains_open: Retrains in flight.
        accuracy: Share of right predictions among the joined outcomes; NaN without any.
    """

    stored: int
    stored_ids: int
    dead_lettered: int
    joined: int
    orphans: int
    drifts: int
    alerts: int
    retrain_requests: int
    retrains: int
    challengers: int
    promotions: int
    rollbacks: int
    retrains_ended: int
    retrains_open: int
    accuracy: float


def take_account(address: ClickHouseAddress, model: str) -> Account:
    """Count what is stored about a model."""
    return Account(**store.rows(address, _SQL, {"model": model})[0])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Sent:
    """What the prediction service knows of its own doing.

    Attributes:
        predictions: Predictions handed to the emitter.
        outcomes: Outcomes handed to the emitter.
        dropped: Records that the emitter had to drop.
        accuracy: Share of right predictions, as the service counted it.
    """

    predictions: int
    outcomes: int
    dropped: int
    accuracy: float


def disagreements(sent: Sent, account: Account) -> list[str]:
    """What does not add up, one line each; empty when every event is accounted for exactly once.

    >>> sent = Sent(predictions=3, outcomes=3, dropped=0, accuracy=1.0)
    >>> account = Account(3, 3, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, accuracy=1.0)
    >>> disagreements(sent, account)
    ['3 outcomes were sent, but 2 are joined and 1 are orphans']
    """
    found = []
    if sent.dropped:
        found.append(f"the emitter dropped {sent.dropped} records")
    if account.stored != account.stored_ids:
        found.append(f"{account.stored} predictions are stored, but only {account.stored_ids} different ones")
    if account.dead_lettered:
        found.append(f"{account.dead_lettered} records are dead letters; every one of them was sent in good order")
    if sent.predictions != account.stored_ids:
        found.append(f"{sent.predictions} predictions were sent, but {account.stored_ids} are stored")
    if sent.outcomes != account.joined:
        found.append(
            f"{sent.outcomes} outcomes were sent, but {account.joined} are joined and {account.orphans} are orphans"
        )
    if account.retrain_requests != account.retrains_ended + account.retrains_open or account.retrains_open > 1:
        found.append(
            f"{account.retrain_requests} retrains were asked for, but {account.retrains_ended} have ended and "
            f"{account.retrains_open} are in flight"
        )
    if sent.outcomes == account.joined and not math.isclose(sent.accuracy, account.accuracy, abs_tol=1e-9):
        found.append(f"the service counted an accuracy of {sent.accuracy:.4f}, ClickHouse {account.accuracy:.4f}")
    return found
