"""Which dead letters there are and what became of those that were replayed, as ClickHouse knows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from driftline.dead_letters.place import Place
from driftline.output import Row
from driftline.store import Store
from driftline_schemas.errors import ConfigurationError

NOT_REPLAYED = ""
IN_FLIGHT = "in flight"
TAKEN = "taken"
AGAIN = "dead-lettered again"

_SQL = f"""
SELECT d.partition AS partition, d.offset AS offset, d.logged_at AS logged_at, d.reason AS reason, d.error AS error,
       d.record_type AS record_type, d.key AS key, d.size_bytes AS size_bytes,
       d.replayed_partition AS replayed_partition, d.replayed_offset AS replayed_offset,
       if(d.replayed, again.reason, '') AS again_reason,
       multiIf(NOT d.replayed, '{NOT_REPLAYED}', stored.offset <= d.replayed_offset, '{IN_FLIGHT}',
               again_reason != '', '{AGAIN}', '{TAKEN}') AS became
FROM dead_letters AS d
LEFT JOIN (SELECT partition, offset, reason FROM dead_letter_log FINAL) AS again
    ON d.replayed_partition = again.partition AND d.replayed_offset = again.offset
LEFT JOIN (SELECT partition, max(last_offset) + 1 AS offset FROM block_log GROUP BY partition) AS stored
    ON d.replayed_partition = stored.partition
WHERE ({{reason:String}} = '' OR d.reason = {{reason:String}}) AND ({{key:String}} = '' OR d.key = {{key:String}})
  AND (empty({{places:Array(String)}}) OR
       concat(toString(d.partition), ':', toString(d.offset)) IN {{places:Array(String)}})
ORDER BY d.logged_at DESC, d.partition, d.offset DESC
LIMIT {{limit:UInt64}}
"""  # noqa: S608 - constants of this file; values are bound


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter.

    Attributes:
        place: Of the original record.
        logged_at: When Kafka appended the original record.
        reason: Why it was refused, as a short code.
        error: What was wrong with it.
        record_type: The type that its header claimed.
        key: Its key.
        size_bytes: Size of its value.
        became: What became of it when it was replayed: `taken`, `dead-lettered again`, `in flight` while its block is
            open; empty when it was not replayed.
        replayed_at: Where it was taken then.
        again_reason: Why it was refused again.
    """

    place: Place
    logged_at: datetime
    reason: str
    error: str
    record_type: str
    key: str
    size_bytes: int
    became: str
    replayed_at: Place | None
    again_reason: str

    def row(self) -> Row:
        """The attributes by name, places as text."""
        return {**asdict(self), "place": str(self.place), "replayed_at": self.replayed_at and str(self.replayed_at)}


def find(
    store: Store, *, reason: str = "", key: str = "", places: Collection[Place] = (), limit: int
) -> list[DeadLetter]:
    """The dead letters with this reason, this key and these places, as far as they are given; newest first."""
    parameters = {"reason": reason, "key": key, "places": [str(place) for place in places], "limit": limit}
    return [_dead_letter(row) for row in store.rows(_SQL, parameters)]


def named(store: Store, places: Sequence[str]) -> list[DeadLetter]:
    """The dead letters at places that are written `partition:offset`.

    Raises:
        ConfigurationError: One is not of that form, or there is no dead letter.
    """
    wanted = {Place.parse(place) for place in places}
    found = find(store, places=wanted, limit=len(wanted))
    for place in sorted(wanted - {letter.place for letter in found}):
        raise ConfigurationError(f"there is no dead letter at {place}: see `driftline dead-letters list`")
    return found


def _dead_letter(row: Mapping[str, Any]) -> DeadLetter:
    fields = dict(row)
    place = Place(fields.pop("partition"), fields.pop("offset"))
    replayed_at = Place(fields.pop("replayed_partition"), fields.pop("replayed_offset"))
    return DeadLetter(place=place, replayed_at=replayed_at if fields["became"] else None, **fields)
