"""A prediction that a service made."""

from pydantic import Field

from driftline_schemas.events.base import EpochMs, FeatureValue, FiniteNumber, LatencyMs, Name, Record, Scalar, Segment


class Prediction(Record):
    """One prediction, as it was served.

    >>> Prediction(event_id="7f3a-1", model="fraud", timestamp_ms=1763870000000,
    ...            features={"amount": 12.5, "country": "DE", "age": None}, prediction="ok").version
    ''

    Attributes:
        event_id: Names this prediction; its outcome carries the same id.
        model: Name of the model; also the key of the record.
        version: Version of the model that answered.
        timestamp_ms: Event time: when the prediction was made.
        features: What the model saw. Numbers, strings, booleans or null.
        prediction: A class (string or boolean) or a number.
        score: Probability of the predicted class.
        segment: Tags by which the traffic is told apart.
        subject_id: Pseudonymous id of the person or thing that the prediction is about.
        latency_ms: How long the model took.
        traceparent: W3C trace context of the request.
    """

    event_id: Name
    model: Name
    version: str = Field(default="", max_length=256)
    timestamp_ms: EpochMs
    features: dict[Name, FeatureValue]
    prediction: Scalar
    score: FiniteNumber | None = None
    segment: Segment = Field(default_factory=dict)
    subject_id: str | None = None
    latency_ms: LatencyMs | None = None
    traceparent: str | None = None
