"""Retrains, and what people decide about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from pydantic import Field

from driftline_dashboard.acts import retrains as acts
from driftline_dashboard.api.paging import Limit, Offset
from driftline_dashboard.parts import Admin, Operator, PartsOf, StoreOf
from driftline_dashboard.problems import Problem, not_found
from driftline_dashboard.queries.base import Answer
from driftline_dashboard.queries.retrains import Retrain, retrain_steps, retrains
from driftline_schemas.errors import ConfigurationError

router = APIRouter(tags=["retrains"])

Model = Annotated[str, Query(max_length=256, description="Of this model only.")]
Status = Literal[
    "waiting", "training", "shadow", "promoted", "refused", "failed", "skipped", "joined", "rejected", "rolled-back"
]


class Words(Answer):
    """A person's words; they stand in the audit.

    Attributes:
        reason: Why.
    """

    reason: str = Field(default="", max_length=2000)


class Sent(Answer):
    """What a service was asked to do; it does it as soon as it hears of it.

    Attributes:
        model: Name of the model.
        id: Of the retrain.
        told: What was asked for, in one sentence.
    """

    model: str
    id: str = ""
    told: str


WordsOf = Annotated[Words, Body()]
NO_WORDS = Words()


@router.get("/retrains")
def list_retrains(
    store: StoreOf,
    model: Model = "",
    status: Status | None = None,
    only_open: Annotated[bool, Query(alias="open", description="Only those that have not ended.")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[Retrain]:
    """How each retrain stands or how it ended, open ones first."""
    return retrains(store, model=model, status=status or "", only_open=only_open, limit=limit, offset=offset)


@router.get("/retrains/{retrain_id}")
def show_retrain(store: StoreOf, retrain_id: str) -> list[Retrain]:
    """The steps of a retrain, in their order."""
    if not (steps := retrain_steps(store, retrain_id)):
        raise not_found("retrain", retrain_id, "GET /api/v1/retrains lists them")
    return steps


@router.post("/retrains/{retrain_id}/approve", status_code=202)
def approve(parts: PartsOf, who: Operator, retrain_id: str, words: WordsOf = NO_WORDS) -> Sent:
    """Let a retrain train that waits for approval."""
    return _decide(parts, retrain_id, approved=True, by=who.name, reason=words.reason)


@router.post("/retrains/{retrain_id}/reject", status_code=202)
def reject(parts: PartsOf, who: Operator, retrain_id: str, words: WordsOf = NO_WORDS) -> Sent:
    """End a retrain that has not ended."""
    return _decide(parts, retrain_id, approved=False, by=who.name, reason=words.reason)


@router.post("/models/{model}/retrain", status_code=202)
def retrain(parts: PartsOf, who: Admin, model: str, words: WordsOf = NO_WORDS) -> Sent:
    """Ask for a retrain of the model's champion on its newest labelled rows."""
    reason = f"{words.reason or 'by hand'} ({who.name})"
    with _refused_as_conflict():
        retrain_id = acts.ask_for_retrain(parts.settings, parts.store, model, reason)
    return Sent(model=model, id=retrain_id, told="a retrain is asked for")


@router.post("/models/{model}/rollback", status_code=202)
def roll_back(parts: PartsOf, who: Admin, model: str, words: WordsOf = NO_WORDS) -> Sent:
    """Take the last promotion back, by whomever: the previous champion serves again."""
    with _refused_as_conflict():
        current, previous = acts.roll_back(parts.settings, model, by=who.name, reason=words.reason)
    return Sent(model=model, told=f"version {current} is to be taken back; {previous} follows")


def _decide(parts: PartsOf, retrain_id: str, *, approved: bool, by: str, reason: str) -> Sent:
    show_retrain(parts.store, retrain_id)
    with _refused_as_conflict():
        model = acts.decide(parts.settings, parts.store, retrain_id, approved=approved, by=by, reason=reason)
    return Sent(model=model, id=retrain_id, told="approved" if approved else "rejected")


@contextmanager
def _refused_as_conflict() -> Iterator[None]:
    """What cannot be done now, as things stand, is answered with status 409."""
    try:
        yield
    except ConfigurationError as error:
        raise Problem(409, "Not possible now", str(error)) from None
