"""The service: `uvicorn fraud_service.service:app`.

It reads DRIFTLINE_REGISTRY (a folder, or `mlflow+http://host:port`), DRIFTLINE_KAFKA and DRIFTLINE_TOPIC_PREFIX.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from driftline_producers import InferenceLogger
from driftline_registry import ModelFollower, NoChampion, open_registry
from fraud_service.payments import MODEL


class Payment(BaseModel):
    """What is asked."""

    amount: float
    hour: int
    account_age_days: float | None = None
    country: str | None = None


class Answer(BaseModel):
    """What is answered; by `event_id` the outcome is reported later."""

    event_id: str
    prediction: str
    score: float
    version: str


class Outcome(BaseModel):
    """What turned out to be true."""

    event_id: str
    label: Literal["ok", "fraud"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow the champion and log what is predicted, as long as the service runs."""
    registry = open_registry(os.environ.get("DRIFTLINE_REGISTRY", "registry"))
    with ModelFollower(registry, MODEL) as follower, InferenceLogger(MODEL) as logger:
        app.state.follower, app.state.logger = follower, logger
        yield


app = FastAPI(title="Fraud", lifespan=lifespan)


@app.post("/predictions")
def predict(payment: Payment, request: Request) -> Answer:
    """Say whether a payment is fraud."""
    began = time.perf_counter()
    model = request.app.state.follower.current  # once: the champion may be another one by the next line
    features = payment.model_dump()
    prediction, score = model.predict(features)
    latency_ms = (time.perf_counter() - began) * 1000
    event_id = request.app.state.logger.log(
        features, prediction, score=score, version=model.version, latency_ms=latency_ms
    )
    return Answer(event_id=event_id, prediction=prediction, score=score, version=model.version)


@app.post("/outcomes", status_code=202)
def report(outcome: Outcome, request: Request) -> None:
    """Take what a payment turned out to be, minutes or months later."""
    request.app.state.logger.outcome(outcome.event_id, outcome.label)


@app.get("/health")
def health(request: Request, response: Response) -> dict[str, Any]:
    """Say which version serves and why it is not the champion, if so; 503 while there is none at all."""
    follower = request.app.state.follower.health
    if follower.version is None:
        response.status_code = 503
    events = request.app.state.logger.counters
    dropped = sum(events.dropped.values())
    return {"version": follower.version, "problem": follower.problem, "unsent": events.queued, "dropped": dropped}


@app.exception_handler(NoChampion)
def unavailable(_request: Request, error: NoChampion) -> JSONResponse:
    """Without a model there is no answer."""
    return JSONResponse({"detail": str(error)}, status_code=503)
