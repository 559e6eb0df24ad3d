"""One notifier of an installation works, the others stand by: who has the lease works.

Every notifier is a member of one consumer group, and the lease is what Kafka assigns to one of them. A holder that ends
leaves the group, and the next one has the lease at once; one that is killed has it until its session expires.
"""

import logging
import threading
import time
from contextlib import closing, suppress
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from driftline_alerting.assignor import ToOneMember
from driftline_alerting.clients import client_settings
from driftline_alerting.stopping import Stopped, Stopping
from driftline_schemas.settings import Settings

SESSION_SECONDS = 10.0
"""So long after its last sign of life a holder keeps the lease."""

_HEARTBEAT_MS = 2_000
_POLL_MS = 500
_CONFIRM_MS = 2_000
_LOOK_SECONDS = 0.1
_CLOSE_SECONDS = 5.0
_ANYWHERE = OffsetAndMetadata(0, "", -1)
"""Nothing is read: a commit says that the member belongs to the group."""

logger = logging.getLogger(__name__)


class Lease(threading.Thread):
    """Belongs to the group while it is entered.

    Args:
        settings: Where Kafka is.

    Attributes:
        is_owned: Whether Kafka has assigned the lease to this process, as far as it was told.
        trouble: Why Kafka did not confirm last that this process belongs to the group; empty when it did.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="lease", daemon=True)
        self.is_owned = False
        self.trouble = "Kafka has not answered yet"
        self._settings = settings
        self._partition = TopicPartition(settings.topics.incidents.name, 0)
        self._confirmed_at = float("-inf")
        self._stopping = Stopping()

    def is_held(self) -> bool:
        """Whether this process may act: nobody else can have the lease yet, even if Kafka is away or this was paused.

        Kafka counts a session from a sign of life that it got; this counts it from before that was sent.
        """
        return self.is_owned and time.monotonic() < self._confirmed_at + SESSION_SECONDS

    @property
    def stands_by(self) -> bool:
        """Whether Kafka answers, and this process does not have the lease."""
        return not self.trouble and not self.is_owned

    def wait(self) -> None:
        """Stand by until this process has the lease."""
        is_told = False
        while not self.is_held():
            if not is_told and self.stands_by:
                logger.warning("another notifier works: this one stands by until that has ended")
                is_told = True
            time.sleep(_LOOK_SECONDS)
        if is_told:
            logger.warning("the other notifier has ended: this one works from now on")

    def run(self) -> None:
        """Belong to the group; join it again whatever goes wrong."""
        with suppress(Stopped):
            self._stopping.until_done("joining the notifiers' group", self._belong)

    def _belong(self) -> None:
        with closing(self._member()) as member:
            member.subscribe([self._partition.topic])
            try:
                while not self._stopping.is_set():
                    member.poll(timeout_ms=_POLL_MS)
                    member.pause(*member.assignment())  # nothing is to be read
                    self.is_owned = self._partition in member.assignment()
                    self._confirm(member)
            finally:
                self.is_owned = False

    def _confirm(self, member: KafkaConsumer) -> None:
        """Ask Kafka to take a commit, which it does of members only."""
        asked_at = time.monotonic()
        try:
            member.commit({self._partition: _ANYWHERE}, timeout_ms=_CONFIRM_MS)
        except (RebalanceInProgressError, CommitFailedError):
            self.trouble = ""  # it answers, and the group is about to be formed anew
        except KafkaError as error:
            self.trouble = f"Kafka at {self._settings.kafka} does not answer ({error})"
        else:
            self._confirmed_at, self.trouble = asked_at, ""

    def _member(self) -> KafkaConsumer:
        return KafkaConsumer(
            **client_settings(self._settings),
            group_id=f"{self._settings.topic_prefix}notifier.lease",
            enable_auto_commit=False,
            session_timeout_ms=int(SESSION_SECONDS * 1000),
            heartbeat_interval_ms=_HEARTBEAT_MS,
            partition_assignment_strategy=[ToOneMember(self.is_held)],
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Leave the group."""
        self._stopping.set()
        self.join(_CLOSE_SECONDS)
