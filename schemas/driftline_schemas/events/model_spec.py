"""How a model wants to be watched."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from driftline_schemas.events.base import EpochMs, FiniteNumber, Name, Record
from driftline_schemas.events.drift import Kind

FeatureKind = Literal["number", "category", "ignored"]
FeatureDetector = Literal["e-detector", "adwin", "page-hinkley", "kswin"]
ErrorDetector = Literal["adwin", "e-sr", "ddm", "eddm", "fhddm", "hddm-a", "hddm-w"]
RetrainReason = Literal["concept-drift", "performance"]

MAX_SEGMENT_TAGS = 4
"""Every declared tag is one more reading of all traffic."""


class _Part(BaseModel):
    """A part of a specification."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class FeatureSpec(_Part):
    """What a feature is and may be. A value that it may not be counts like a missing one.

    Attributes:
        kind: `number`, `category` or `ignored`; inferred from its first values by default.
        minimum: The smallest valid number.
        maximum: The largest valid number.
        values: The valid categories; all by default.
    """

    kind: FeatureKind | None = None
    minimum: FiniteNumber | None = None
    maximum: FiniteNumber | None = None
    values: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ranged = self.minimum is not None or self.maximum is not None
        if ranged and self.kind not in (None, "number"):
            raise ValueError(f"minimum and maximum are for kind number, and this is {self.kind}")
        if self.values is not None and (ranged or self.kind not in (None, "category")):
            raise ValueError("values are for kind category")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is above maximum {self.maximum:g}")
        return self


class DetectorSpec(_Part):
    """Who looks for changes.

    Attributes:
        features: On every feature. `e-detector` also watches predictions and latency, nulls and frozen values, and
            keeps the budget of false alarms; the others are River's, with River's defaults.
        errors: On the errors, once outcomes arrive; each one of them reports what it sees.
    """

    features: FeatureDetector = "e-detector"
    errors: list[ErrorDetector] = Field(default=["adwin", "e-sr"], min_length=1, max_length=8)


class PerformanceSpec(_Part):
    """Bounds that a window of outcomes (500) must not pass by more than chance explains.

    Attributes:
        minimum_accuracy: Of classes, 0 to 1.
        maximum_mae: Mean absolute error of numbers.
    """

    minimum_accuracy: Annotated[FiniteNumber, Field(ge=0, le=1)] | None = None
    maximum_mae: Annotated[FiniteNumber, Field(gt=0)] | None = None


class RetrainSpec(_Part):
    """When a model is retrained, and what a challenger must show before and after it replaces the champion.

    Times are the log's. What is None is the service's own setting, or no bound.

    Attributes:
        on: Kinds of drift that ask for a retrain.
        schedule_hours: A retrain begins when the last one is so long ago.
        new_rows: A retrain begins when so many labelled rows have come since the last one.
        cooldown_minutes: Least time between the beginnings of two retrains.
        per_day: At most so many retrains begin within 24 hours.
        minimum_rows: Least number of labelled rows since the change point.
        quiet_hours: Hours in which nothing is trained, as `22-06` in UTC: from 22:00 until before 06:00.
        approval: Whether a person must approve of a retrain before it trains.
        refit_rows: A challenger is trained when so many labelled rows have come since the change point; rising.
        alpha: Bound of the probability that a retrain promotes a challenger that is no better.
        shadow_rows: A challenger that is not proved to be better on so many outcomes is refused.
        shadow_days: The same for the time that it takes.
        probation_rows: For so many outcomes a promoted version may be proved to be worse than its predecessor, and be
            taken back.
    """

    on: list[RetrainReason] = Field(default=["concept-drift", "performance"], max_length=2)
    schedule_hours: Annotated[FiniteNumber, Field(gt=0)] | None = None
    new_rows: Annotated[int, Field(ge=1)] | None = None
    cooldown_minutes: Annotated[FiniteNumber, Field(ge=0)] | None = None
    per_day: Annotated[int, Field(ge=1)] | None = None
    minimum_rows: Annotated[int, Field(ge=1)] = 150
    quiet_hours: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3])-([01]\d|2[0-3])$")
    approval: bool = False
    refit_rows: list[Annotated[int, Field(ge=1)]] = Field(
        default=[150, 400, 1000, 2000, 4000], min_length=1, max_length=20
    )
    alpha: Annotated[FiniteNumber, Field(gt=0, lt=1)] = 0.01
    shadow_rows: Annotated[int, Field(ge=10)] = 5000
    shadow_days: Annotated[FiniteNumber, Field(gt=0)] = 14.0
    probation_rows: Annotated[int, Field(ge=0)] = 2000

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.refit_rows)) != self.refit_rows:
            raise ValueError(f"refit_rows must rise, as [150, 400, 1000], and are {self.refit_rows}")
        return self


class ModelSpec(Record):
    """Declares a model. A model without one is watched with these defaults, learnt from its first events.

    It holds from its place in the log on; where it differs from the one before, windows and detectors begin anew.

    Attributes:
        model: Name of the model; also the key of the record.
        timestamp_ms: When the specification was written.
        owner: Team or person who answers for the model.
        description: What it is for.
        features: What features are and may be, by name.
        segments: Tags of predictions: each of their values is watched by itself, too.
        detectors: Who looks for changes.
        budget_events: At most one false alarm about the model's data in so many predictions, on average.
        budget_days: The same in days of event time; where it is given it holds instead.
        performance: Bounds of its performance.
        silence_minutes: No prediction may fail to come for so long, in the log's time; by default what is usual at that
            time of the day decides, from the second day on.
        muted: Kinds of drift that are recorded and alert nobody.
        retrain: When the model is retrained, and what a challenger must show.
        retrain_on: An older name of `retrain.on`; where it is given it holds.
    """

    model: Name
    timestamp_ms: EpochMs
    owner: str = ""
    description: str = ""
    features: dict[Name, FeatureSpec] = Field(default_factory=dict, max_length=10_000)
    segments: list[Name] = Field(default_factory=list, max_length=MAX_SEGMENT_TAGS)
    detectors: DetectorSpec = DetectorSpec()
    budget_events: Annotated[FiniteNumber, Field(ge=1_000, le=1e12)] = 1e6
    budget_days: Annotated[FiniteNumber, Field(ge=0.01, le=36_500)] | None = None
    performance: PerformanceSpec = PerformanceSpec()
    silence_minutes: Annotated[FiniteNumber, Field(gt=0)] | None = None
    muted: list[Kind] = Field(default_factory=list, max_length=10)
    retrain: RetrainSpec = RetrainSpec()
    retrain_on: list[RetrainReason] | None = Field(default=None, max_length=2)

    @property
    def retrain_reasons(self) -> list[RetrainReason]:
        """The kinds of drift that ask for a retrain."""
        return self.retrain.on if self.retrain_on is None else self.retrain_on

    @property
    def watching(self) -> dict[str, object]:
        """What of it decides what is computed: where that differs, windows and detectors begin anew."""
        return self.model_dump(
            include={"features", "segments", "detectors", "budget_events", "budget_days", "performance"}
        )
