"""One partition's path from raw records to rows, alerts and a stored block; reads from top to bottom."""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from aiokafka.structs import ConsumerRecord

from driftline_detectors import DriftFinding
from driftline_schemas import EmitterReport, ModelPromoted, ModelSpec, Tick
from driftline_schemas.events.base import Record
from driftline_schemas.topics import Topics
from driftline_stream_processors.columns import Outcomes, Predictions, Served
from driftline_stream_processors.incoming import ORIGIN, REPLAY, Incoming, incoming
from driftline_stream_processors.kafka.outbox import Outbox
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.steps import messages, route
from driftline_stream_processors.steps.decide import Decision, decide
from driftline_stream_processors.steps.decode import DATA_TYPES, Rejected, decode
from driftline_stream_processors.steps.deduplicate import new_outcomes, new_predictions
from driftline_stream_processors.steps.detect import Found, watch_outcomes, watch_predictions, watch_traffic
from driftline_stream_processors.steps.join import EventKey, join
from driftline_stream_processors.storage import rows, tables
from driftline_stream_processors.storage.account import Account
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.storage.keeper import Keeper
from driftline_stream_processors.storage.store import Store

RUN_BYTES = 512 * 1024
"""Records are taken together up to so many bytes: large enough for columns, small enough that alerts are soon sent."""


class PartitionPipeline:
    """Takes the records of one partition in order, exactly once each, and stores what follows from them.

    Attributes:
        partition: Number of the partition.
        state: What its history left behind.
        block: Rows that wait to be stored.
        keeper: Stores the blocks that have ended.
        decided: Drifts, alerts and requests to retrain by their kind, since this process took the partition over.
    """

    def __init__(
        self,
        partition: int,
        state: PartitionState,
        limits: BlockLimits,
        settled_offset: int,
        topics: Topics,
        store: Store,
        outbox: Outbox,
        stored_up_to: Callable[[int], None],
    ) -> None:
        self.partition = partition
        self.state = state
        self.block = Block(partition, state.next_offset, state.limits)
        self.keeper = Keeper(partition, state.next_offset, store, outbox, stored_up_to)
        self.decided: Counter[tuple[str, str]] = Counter()
        self._ended: Counter[str] = Counter()
        self._last_logged_at_ms = 0
        self._limits = limits
        self._settled_offset = settled_offset
        self._topics = topics
        self._store = store
        self._outbox = outbox

    @property
    def counts(self) -> Counter[str]:
        """`records`, and the counters of `block_log`, since this process took the partition over."""
        return self._ended + _counted(self.block)

    @property
    def last_logged_at_ms(self) -> int:
        """When the broker appended the last record that was taken; 0 before the first one."""
        return self.block.last_logged_at_ms or self._last_logged_at_ms

    async def process(self, records: Sequence[ConsumerRecord]) -> None:
        """Take the next records; a block that ends among them is stored while the next one fills."""
        came = incoming(records)
        ends_bytes = [0, *accumulate(len(record.value or b"") for record in records)]
        ends_run = [number for number, each in enumerate(came, 1) if each.type not in DATA_TYPES]
        start = 0
        while start < len(came):
            room, begins_bytes = self.block.room(), ends_bytes[start]
            full_bytes = bisect_left(ends_bytes, begins_bytes + min(room.bytes, RUN_BYTES))
            rare = bisect_left(ends_run, start + 1)
            end = min(start + room.records, full_bytes, *ends_run[rare : rare + 1], len(came))
            is_full = self.block.count(records[start:end], ends_bytes[end] - begins_bytes)
            is_tick = came[end - 1].type == "tick"
            await self._run(came[start:end])
            if is_full or is_tick:
                await self._close_block(idle=is_tick)
            start = end

    async def _run(self, run: Sequence[Incoming]) -> None:
        """Take consecutive records of which at most the last is a control record."""
        account = Account(self.block, run)
        decoded = decode([each for each in run if not each.is_passed_on or not self._taken_before(each)])
        for rejected in decoded.rejected:
            await self._dead_letter(rejected, account)
        where = (self.partition, self._topics.partitions)
        predictions, away = route.route(decoded.predictions, account.came, *where)
        outcomes, away_too = route.route(decoded.outcomes, account.came, *where)
        controls, away_last = route.route_controls(decoded.controls, *where)
        for each in sorted((*away, *away_too, *away_last), key=lambda each: each.incoming.record.offset):
            await self._outbox.send(messages.forwarded(each))
            account.forwarded(each.incoming)
        account.taken((*predictions, *outcomes))
        await self._decide(await self._measure(predictions, outcomes, account))
        for came, control in controls:
            if isinstance(control, Tick):
                await self._decide(watch_traffic(self.state, came))
            self._apply(control, came, account)
        self.state.next_offset = run[-1].record.offset + 1
        await asyncio.sleep(0)  # health checks and timers get their turn

    def _taken_before(self, came: Incoming) -> bool:
        """Whether a forwarded or replayed record was taken over already; remembers it if not."""
        state, block = self.state, self.block
        origin, dead_letter = route.place(came, ORIGIN), route.place(came, REPLAY)
        if (origin and state.forwarded.knows(*origin)) or (dead_letter and state.replayed.knows(*dead_letter)):
            block.counts["duplicates"] += 1
            return True
        if origin:
            state.forwarded.add(*origin)
            block.taken_over[origin.partition] += 1
        if dead_letter:
            state.replayed.add(*dead_letter)
            block.add(tables.REPLAYS, rows.replay_row(dead_letter, came.record))
        return False

    async def _measure(
        self, predictions: Sequence[Predictions], outcomes: Sequence[Outcomes], account: Account
    ) -> list[Found[DriftFinding]]:
        """Join, detect, and add what follows to the block; return the drifts."""
        block, state = self.block, self.state
        new, repeated = new_predictions(predictions, state.recent)
        told, told_again = new_outcomes(outcomes, state.recent_outcomes)
        account.repeated((*repeated, *told_again))
        judged = await join(new, told, state.recent, state.orphans, self._look_up)
        block.predictions += new
        block.judged += judged
        state.traffic.take(state.monitors.specs, new, judged, repeated)
        joined = sum(int(group.joined.sum()) for group in judged)
        block.counts.update(
            predictions=sum(map(len, new)),
            outcomes=sum(map(len, told)),
            joined=joined,
            orphans=sum(map(len, judged)) - joined,
        )
        found: list[Found[DriftFinding]] = []
        for measured in (*watch_predictions(state.monitors, new), *watch_outcomes(state.monitors, judged)):
            block.windows += measured.windows
            block.readings += measured.readings
            found += measured.drifts
        return found

    async def _look_up(self, keys: Sequence[EventKey]) -> tuple[dict[EventKey, int], Served]:
        return await self._store.look_up(keys, self.partition, self.block.first_offset)

    async def _decide(self, found: Iterable[Found[DriftFinding]]) -> None:
        for decision in decide(found, self._topics.events.name, self.state):
            await self._announce(decision)

    async def _announce(self, decision: Decision) -> None:
        """Send a drift, its alert and its retrain request at once; their rows go with the block."""
        for message in messages.announcement(decision, self._topics):
            await self._outbox.send(message)
        self.block.add(tables.DRIFTS, rows.drift_row(decision))
        self.decided["drifts", decision.drift.kind] += 1
        if decision.alert is not None:
            self.decided["alerts", decision.drift.kind] += 1
            self.block.add(tables.ALERTS, rows.alert_row(decision.alert, decision.at))
        if decision.retrain is not None:
            self.decided["retrain_requests", decision.drift.kind] += 1
            self.block.add(tables.RETRAIN_REQUESTS, rows.retrain_request_row(decision.retrain, decision.at))

    def _apply(self, control: Record, came: Incoming, account: Account) -> None:
        """Take a control record; promotions and specifications change what later records mean."""
        self.block.counts["ticks" if isinstance(control, Tick) else "controls"] += 1
        if isinstance(control, ModelPromoted):
            if self.state.champions.get(control.model) != control.version:  # announcements come at least once
                self.state.monitors.promoted(control.model, control.version)
                self.state.traffic.promoted(control.model, control.version)
            self.state.champions[control.model] = control.version
        elif isinstance(control, ModelSpec):
            self.state.monitors.specify(control)
            self.block.add(tables.MODEL_SPECS, rows.model_spec_row(control, came.record))
        elif isinstance(control, EmitterReport):
            row = rows.emitter_report_row(control, account.arrived(control), came.record)
            self.block.add(tables.EMITTER_REPORTS, row)

    async def _dead_letter(self, rejected: Rejected, account: Account) -> None:
        await self._outbox.send(messages.dead_letter(rejected, self._topics))
        self.block.add(tables.DEAD_LETTERS, rows.dead_letter_row(rejected))
        account.dead_letter(rejected.incoming)

    async def _close_block(self, *, idle: bool) -> None:
        """Let the block be stored, and where it is due the state after it; begin the next one."""
        await self.keeper.stored()
        state, block = self.state, self.block
        block.add(tables.EMITTER_ARRIVALS, *block.emitter_rows())
        state.end_block(block.first_logged_at_ms, block.last_logged_at_ms)
        await self.keeper.keep(block, self._snapshot() if self.keeper.pace.is_due(idle=idle) else None)
        self._ended += _counted(block)
        self._last_logged_at_ms = block.last_logged_at_ms
        self.block = Block(self.partition, state.next_offset, state.limits)

    def _snapshot(self) -> dict[str, Any]:
        """The state as it is here, between two blocks."""
        if self.state.next_offset >= self._settled_offset:
            self.state.limits = self._limits  # before that, blocks may exist that were cut by the old limits
        with self.keeper.pace.measured():
            return self.state.snapshot()


def _counted(block: Block) -> Counter[str]:
    return block.counts + Counter(records=block.records)
