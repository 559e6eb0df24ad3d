"""Arrow columns made of buffers hold what they were made of."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_stream_processors.storage import arrow

TEXTS = st.lists(st.none() | st.text(), max_size=20)


@given(st.lists(TEXTS, max_size=4))
def test_texts_keep_their_characters_and_their_nulls(columns: list[list[str | None]]) -> None:
    column = arrow.strings(columns)
    column.validate(full=True)
    assert column.to_pylist() == [text for column in columns for text in column]


@given(st.lists(st.booleans(), max_size=20))
def test_booleans_are_packed(values: list[bool]) -> None:
    column = arrow.array(np.array(values, np.bool_))
    column.validate(full=True)
    assert column.to_pylist() == values


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float64])
def test_numbers_need_not_lie_side_by_side(kind: type[np.generic]) -> None:
    assert arrow.array(np.arange(6).astype(kind)[::2]).to_pylist() == [0, 2, 4]


def test_pandas_is_not_imported() -> None:
    program = """
import sys
import numpy as np
from driftline_stream_processors.storage import arrow
arrow.repeated(["a"], [2]), arrow.floats([[1.5]]), arrow.times([np.array([1])]), arrow.blob(b"x")
sys.exit("pandas" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
