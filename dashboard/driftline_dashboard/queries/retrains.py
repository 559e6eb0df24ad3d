"""Retrains: how each stands or how it ended, and its steps."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.store import Store

WAITS_FOR_APPROVAL = "a person must approve"
"""What the explanation of a step begins with that waits for a verdict."""


class Retrain(Answer):
    """One step of a retrain.

    Attributes:
        retrain_id: Its id.
        model: Name of the model.
        sequence: Number of the step, from 0.
        status: waiting, training, shadow, promoted, refused, failed, skipped, joined, rejected or rolled-back.
        final: Whether the retrain has ended with it.
        version: The champion at that time.
        challenger_version: The version that was trained; empty before.
        reason: Why it was asked for.
        rows: Labelled rows in the training window.
        shadow_rows: Outcomes on which champion and challenger were compared.
        evidence: E-value of the proof: how much the outcomes speak for the challenger; null without one.
        champion_accuracy: Accuracy of the champion on these outcomes, 0 to 1.
        challenger_accuracy: Accuracy of the challenger on the same outcomes.
        explanation: What was decided and why, in one sentence.
        at: When.
    """

    retrain_id: str
    model: str
    sequence: int
    status: str
    final: bool
    version: str
    challenger_version: str
    reason: str
    rows: int
    shadow_rows: int
    evidence: Figure
    champion_accuracy: Figure
    challenger_accuracy: Figure
    explanation: str
    at: datetime

    @property
    def waits_for_approval(self) -> bool:
        """Whether a person has to decide."""
        return not self.final and self.status == "waiting" and self.explanation.startswith(WAITS_FOR_APPROVAL)


_COLUMNS = ", ".join(Retrain.model_fields)
_OF_PROOF = (
    "version",
    "challenger_version",
    "rows",
    "shadow_rows",
    "evidence",
    "champion_accuracy",
    "challenger_accuracy",
)
# The statement orders and filters by the first three, which it can name by their place only.
_OF_LAST = ("final", "at", "status", "sequence", "reason", "explanation")
# Figures of the proof are those of the last step that has some; everything else is that of the last step.
# The table, not the view, and two aggregates, not one for every column: to plan takes longer than to read some rows.
_LAST = f"""
SELECT model, retrain_id, argMax(({", ".join(_OF_LAST)}), sequence) AS last,
       argMax(({", ".join(_OF_PROOF)}), (shadow_rows > 0, sequence)) AS proof
FROM retrain_log
WHERE {{model:String}} = '' OR model = {{model:String}}
GROUP BY model, retrain_id
HAVING (NOT {{open:Bool}} OR NOT last.1) AND ({{status:String}} = '' OR last.3 = {{status:String}})
ORDER BY last.1, last.2 DESC LIMIT {{limit:UInt32}} OFFSET {{offset:UInt32}}
"""  # noqa: S608 - of names of our own
_STEPS = f"""
SELECT {_COLUMNS} FROM retrain_steps WHERE retrain_id = {{retrain_id:String}} ORDER BY sequence LIMIT 300
"""  # noqa: S608 - of names of our own


def retrains(
    store: Store, *, model: str = "", status: str = "", only_open: bool = False, limit: int = 100, offset: int = 0
) -> list[Retrain]:
    """The last step of each retrain, open ones first, then the newest.

    It may say no more than that the retrain has ended; what was compared is that of its last proof.

    Args:
        store: Where to ask.
        model: Of this model only.
        status: With this status only.
        only_open: Only those that have not ended.
        limit: At most so many.
        offset: Passes over so many.
    """
    asked = {"model": model, "status": status, "open": only_open, "limit": limit, "offset": offset}
    return [
        Retrain(
            model=row["model"],
            retrain_id=row["retrain_id"],
            **dict(zip(_OF_LAST, row["last"], strict=True)),
            **dict(zip(_OF_PROOF, row["proof"], strict=True)),
        )
        for row in store.rows(_LAST, **asked)
    ]


def retrain_steps(store: Store, retrain_id: str) -> list[Retrain]:
    """The steps of a retrain, in their order; none when there is no such retrain."""
    return [Retrain.model_validate(row) for row in store.rows(_STEPS, retrain_id=retrain_id)]
