"""Keys go where the Java client and kafka-python put them."""

from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as reference

from driftline_schemas.partitioner import murmur2, partition_for


@given(st.binary(max_size=50))
def test_same_hash_as_the_client(key: bytes) -> None:
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


@given(st.text(st.characters(codec="utf-8")), st.integers(1, 100))
def test_partitions_are_in_range(key: str, partitions: int) -> None:
    assert 0 <= partition_for(key, partitions) < partitions
