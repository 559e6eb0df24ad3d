"""Which partition a key belongs to, as Java and kafka-python compute it."""

_MASK = 0xFFFFFFFF
_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash, as in Apache Kafka's `Utils.murmur2`, without its sign.

    >>> murmur2(b"fraud")
    1657619722
    """
    length = len(data)
    hashed = _SEED ^ length
    whole = length - length % 4
    for start in range(0, whole, 4):
        block = int.from_bytes(data[start : start + 4], "little") * _MULTIPLIER & _MASK
        block = (block ^ block >> 24) * _MULTIPLIER & _MASK
        hashed = (hashed * _MULTIPLIER & _MASK) ^ block
    if length % 4:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    hashed = (hashed ^ hashed >> 13) * _MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


def partition_for(key: str, partitions: int) -> int:
    """The partition of `key` in a topic of `partitions` partitions.

    librdkafka hashes otherwise by default (CRC32); the worker forwards such records.
    """
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions
