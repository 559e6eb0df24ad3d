"""One model: everything about it in a window of event time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from driftline_dashboard.asked import Asked
from driftline_dashboard.parts import StoreOf
from driftline_dashboard.problems import bad_value, not_found
from driftline_dashboard.queries.base import Answer
from driftline_dashboard.queries.drifts import Drift, drifts
from driftline_dashboard.queries.features import FeatureDrift, features
from driftline_dashboard.queries.performance import PerformancePoint, performance
from driftline_dashboard.queries.segments import SegmentPerformance, segments
from driftline_dashboard.queries.traffic import TrafficPoint, traffic
from driftline_dashboard.queries.versions import Served, extent, served
from driftline_dashboard.windows import DEFAULT_FROM, EXPECTED, read_window

router = APIRouter(prefix="/models/{model}", tags=["model"])

From = Annotated[str, Query(alias="from", max_length=40, description=f"When it begins: {EXPECTED}.")]
Until = Annotated[str, Query(max_length=40, description="When it ends; by default with the model's last prediction.")]
Version = Annotated[str, Query(max_length=256, description="Of this version only.")]
Compare = Annotated[str, Query(max_length=256, description="The version that it is compared with.")]


def _asked(
    store: StoreOf,
    model: str,
    begin: From = DEFAULT_FROM,
    until: Until = "",
    version: Version = "",
    compare: Compare = "",
) -> Asked:
    versions = served(store, model)
    if not versions:
        raise not_found("model", model, "GET /api/v1/models lists them")
    names = [each.version for each in versions]
    for name, value in (("version", version), ("compare", compare)):
        if value and value not in names:
            raise bad_value(name, value, "a version that has predicted", names)
    window = read_window(begin, until, extent(versions))
    return Asked(model, window, version, compare, versions).in_whole_pieces()


AskedOf = Annotated[Asked, Depends(_asked)]


class ModelHistory(Answer):
    """A model in a window.

    Attributes:
        model: Its name.
        begin: When the window begins.
        end: Before when it ends.
        step_seconds: Length of the pieces of the series.
        versions: The versions that ever predicted, newest first.
        performance: By piece and version.
        traffic: By piece and version.
        drifts: What was found in the window, newest first.
    """

    model: str
    begin: str
    end: str
    step_seconds: int
    versions: list[Served]
    performance: list[PerformancePoint]
    traffic: list[TrafficPoint]
    drifts: list[Drift]


@router.get("")
def show_model(store: StoreOf, asked: AskedOf) -> ModelHistory:
    """Performance, traffic, latency, label delay, drifts and versions of a model."""
    which = asked.model, asked.window, asked.step_seconds, asked.version, asked.compare
    points, predicted = performance(store, *which), traffic(store, *which)
    found = drifts(store, asked.model, asked.window, asked.version)
    return ModelHistory(
        model=asked.model,
        begin=asked.window.begin.isoformat(),
        end=asked.window.end.isoformat(),
        step_seconds=asked.step_seconds,
        versions=asked.served,
        performance=points(),
        traffic=predicted(),
        drifts=found(),
    )


@router.get("/features")
def list_features(store: StoreOf, asked: AskedOf) -> list[FeatureDrift]:
    """The features of a model, the most drifted first: what they were, and what they are in the window."""
    return features(
        store,
        asked.model,
        asked.window,
        reference=asked.reference,
        version=asked.version,
        compare=asked.compare,
    )


@router.get("/segments")
def list_segments(store: StoreOf, asked: AskedOf) -> list[SegmentPerformance]:
    """The segments of a model in the window, and how they were in the one before."""
    return segments(store, asked.model, asked.window, asked.version)
