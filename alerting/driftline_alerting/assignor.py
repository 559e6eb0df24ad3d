"""Who of the members of a consumer group gets its partitions: one of them gets all, and keeps them."""

from collections.abc import Callable, Sequence
from typing import Any

from kafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment, ConsumerProtocolSubscription

_VERSION = 0
_HELD = b"held"


class ToOneMember(AbstractPartitionAssignor):  # type: ignore[misc]
    """Assigns every partition to the member that has them; where none has, to one of them.

    The assignors of Kafka's clients share partitions out, and move some when a member comes.

    Args:
        is_held: Whether this member has the partitions, as far as it can be sure of that.
    """

    name = "driftline-one-member"

    def __init__(self, is_held: Callable[[], bool]) -> None:
        self._is_held = is_held

    def metadata(self, topics: Sequence[str]) -> ConsumerProtocolSubscription:
        """What the member that assigns is told of this one."""
        return ConsumerProtocolSubscription(_VERSION, list(topics), _HELD if self._is_held() else b"")

    def assign(self, cluster: Any, members: Sequence[Any]) -> dict[str, ConsumerProtocolAssignment]:
        """What each member gets, by its id."""
        chosen = max(members, key=lambda member: (member.metadata.user_data == _HELD, member.member_id))
        everything = [
            (topic, sorted(cluster.partitions_for_topic(topic) or ())) for topic in sorted(chosen.metadata.topics)
        ]
        return {
            member.member_id: ConsumerProtocolAssignment(_VERSION, everything if member is chosen else [], b"")
            for member in members
        }

    def on_assignment(self, assignment: ConsumerProtocolAssignment, generation: int) -> None:
        """Nothing is kept from one assignment to the next."""
