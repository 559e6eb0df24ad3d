"""Made-up payments, some of them fraud; after a turn fraudsters do something else."""

import random
from collections.abc import Iterator
from typing import NamedTuple

MODEL = "fraud"
FEATURES = ("amount", "hour", "account_age_days", "country")
CATEGORICAL = frozenset({"country"})


class Payment(NamedTuple):
    """A payment and what it turned out to be, `ok` or `fraud`."""

    features: dict[str, float | str | None]
    label: str


def payments(seed: int, turn_at: int | None = None) -> Iterator[Payment]:
    """Yield payments without an end; from the payment number `turn_at` on, fraud is cheap instead of expensive."""
    source = random.Random(seed)  # noqa: S311 - no secret
    number = 0
    while True:
        amount = source.lognormvariate(3.5, 1.0)
        turned = turn_at is not None and number >= turn_at
        suspicious = amount < 20 if turned else amount > 60
        yield Payment(
            features={
                "amount": round(amount, 2),
                "hour": source.randrange(24),
                "account_age_days": source.randrange(2000) if source.random() < 0.9 else None,
                "country": source.choice(["DE", "FR", "PL"]),
            },
            label="fraud" if suspicious and source.random() < 0.9 else "ok",
        )
        number += 1
