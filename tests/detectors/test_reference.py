"""The bins of a reference: a value's place is computed, and is where a search would find it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftline_detectors.front_end.reference import Reference
from driftline_detectors.snapshots import unpacked

SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(
    learned=st.lists(SINGLES, max_size=40),
    scale=st.sampled_from([1e-40, 1e-3, 1.0, 1e30]),
    others=st.lists(SINGLES, max_size=20),
    seed=st.integers(0, 1000),
)
def test_a_value_lies_where_a_search_among_all_edges_puts_it(
    learned: list[float], scale: float, others: list[float], seed: int
) -> None:
    chance = scale * np.random.default_rng(seed).standard_t(1, 500)
    values = np.concatenate((learned, chance if seed % 2 else np.rint(chance))).astype(np.float32)
    reference = Reference.learn(values)
    edges = unpacked(reference.snapshot()["edges"], float, -1).astype(np.float32)  # type: ignore[arg-type]
    asked = np.concatenate((others, values, edges, np.nextafter(edges, np.float32(-np.inf)))).astype(np.float32)
    assert reference.bins(asked).tolist() == np.searchsorted(edges, asked, "right").tolist()
