import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from driftline_retrain_service.isolation.output import Output


@given(chunks=st.lists(st.binary(min_size=1, max_size=50), max_size=20), limit=st.integers(2, 200))
def test_the_beginning_and_the_end_are_kept_in_any_cut(chunks: list[bytes], limit: int) -> None:
    everything = b"".join(chunks)
    kept = _kept(chunks, limit)
    if len(everything) <= limit:
        assert kept == everything
    else:
        left_out = len(everything) - limit
        note = f"\n... {left_out} bytes are left out here ...\n".encode()
        assert kept == everything[: limit // 2] + note + everything[-(limit - limit // 2) :]


def test_output_to_a_full_disk_is_read_all_the_same() -> None:
    reading, writing = os.pipe()
    output = Output(reading, Path("/dev/full"), 100)
    os.write(writing, b"x")
    assert output.read()
    os.close(writing)
    output.close()


def _kept(chunks: list[bytes], limit: int) -> bytes:
    with TemporaryDirectory() as folder:
        reading, writing = os.pipe()
        output = Output(reading, Path(folder) / "log", limit)
        for chunk in chunks:
            os.write(writing, chunk)
            assert output.read()
        os.close(writing)
        output.close()
        return (Path(folder) / "log").read_bytes()
