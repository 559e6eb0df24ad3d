"""Twenty thousand inputs: each is a valid record or refused with a reason, and columns agree with one look."""

from tests.chaos.fuzz import REASONS, fuzz


def test_columns_agree_with_one_look_at_each_record() -> None:
    outcome = fuzz(seed=5, inputs=20_000)
    assert outcome.total() >= 20_000
    assert outcome.keys() == REASONS - {"too-large"} | {"valid"}
    assert outcome["valid"] > 4_000
