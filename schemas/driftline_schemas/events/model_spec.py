"""How a model wants to be watched."""

from driftline_schemas.events.base import EpochMs, Name, Record


class ModelSpec(Record):
    """Declares a model. A model without one is watched with defaults learnt from its first events.

    Attributes:
        model: Name of the model; also the key of the record.
        timestamp_ms: When the specification was written.
        owner: Team or person who answers for the model.
        description: What it is for.
    """

    model: Name
    timestamp_ms: EpochMs
    owner: str = ""
    description: str = ""
