"""One partition's path from raw records to rows, alerts and a stored block; reads from top to bottom."""

import asyncio
from collections.abc import Sequence

from aiokafka.structs import ConsumerRecord

from driftline_detectors import ReadingFindings, WindowFindings
from driftline_schemas import ModelPromoted, Outcome, Prediction, Tick, codec
from driftline_schemas.events.base import Record
from driftline_schemas.topics import Topics
from driftline_stream_processors import rows, tables
from driftline_stream_processors.block import Block, BlockLimits
from driftline_stream_processors.outbox import Message, Outbox, tick
from driftline_stream_processors.position import Position
from driftline_stream_processors.state import PartitionState
from driftline_stream_processors.steps import route
from driftline_stream_processors.steps.decide import Decision, decide
from driftline_stream_processors.steps.decode import DATA_TYPES, Rejected, decode, header
from driftline_stream_processors.steps.decode import rows as rows_of
from driftline_stream_processors.steps.detect import Found, watch_outcomes, watch_predictions
from driftline_stream_processors.steps.join import Recent, join, unknown
from driftline_stream_processors.store import Store

Item = tuple[Prediction | Outcome, Position]


class PartitionPipeline:
    """Takes the records of one partition in order, exactly once each, and stores what follows from them.

    Attributes:
        partition: Number of the partition.
        state: What its history left behind.
        block: Rows that wait to be stored.
        stored_offset: Everything before it is stored, snapshot included.
        dead_letters: Records that could not be used since this process took the partition over.
    """

    def __init__(
        self, partition: int, state: PartitionState, limits: BlockLimits, topics: Topics, store: Store, outbox: Outbox
    ) -> None:
        self.partition = partition
        self.state = state
        self.block = Block(partition, state.next_offset, state.limits)
        self.stored_offset = state.next_offset
        self.dead_letters = 0
        self._recent = Recent()
        self._limits = limits
        self._topics = topics
        self._store = store
        self._outbox = outbox

    async def process(self, records: Sequence[ConsumerRecord]) -> None:
        """Take the next records; blocks that end among them are stored before this returns."""
        start = 0
        for index, record in enumerate(records):
            record_type = header(record, "type")
            full = self.block.count(record)
            if full or record_type not in DATA_TYPES:
                await self._run(records[start : index + 1])
                start = index + 1
                if full or record_type == "tick":
                    await self._close_block()
        await self._run(records[start:])

    async def _run(self, records: Sequence[ConsumerRecord]) -> None:
        """Take consecutive records of which at most the last is a control record."""
        if not records:
            return
        items: list[Item] = []
        controls: list[Record] = []
        for record in records:
            await self._sort(record, items, controls)
        found = await self._measure(items)
        for decision in decide(found, self._topics.events.name, self.state.champions):
            await self._announce(decision)
        for control in controls:
            self._apply(control)
        self.state.next_offset = records[-1].offset + 1
        await asyncio.sleep(0)  # health checks and timers get their turn

    async def _sort(self, record: ConsumerRecord, items: list[Item], controls: list[Record]) -> None:
        """Decode a record and put it where it belongs."""
        event = decode(record)
        if isinstance(event, Rejected):
            await self._dead_letter(record, event)
            return
        target = route.target_partition(event, self._topics.partitions)
        origin = route.origin(record)
        if origin is not None and self._taken_before(origin):
            self.block.counts["duplicates"] += 1
        elif target not in (None, self.partition) and origin is None:
            await self._forward(record, target)
        elif header(record, "type") in DATA_TYPES:
            where = (record.partition, record.offset)
            items += ((item, Position(*where, n, record.timestamp)) for n, item in enumerate(rows_of(event)))
        else:
            controls.append(event)

    async def _measure(self, items: list[Item]) -> list[Found]:
        """Join, detect, and add the rows that follow to the block."""
        block, state = self.block, self.state
        predictions = [(item, at) for item, at in items if isinstance(item, Prediction)]
        wanted = unknown(items, self._recent)
        stored = await self._store.look_up(wanted, self.partition, block.first_offset) if wanted else {}
        judged = join(items, self._recent, stored, state.orphans)
        for prediction, at in predictions:
            block.add(tables.PREDICTIONS, rows.prediction_row(prediction, at))
        for item in judged:
            block.add(tables.OUTCOMES, rows.outcome_row(item))
        block.counts["predictions"] += len(predictions)
        block.counts["outcomes"] += len(items) - len(predictions)
        block.counts["joined"] += sum(item.served is not None for item in judged)
        block.counts["orphans"] += sum(item.served is None for item in judged)
        found = watch_predictions(state.monitors, predictions) + watch_outcomes(state.monitors, judged)
        for one in found:
            if isinstance(one.finding, WindowFindings):
                for row in rows.window_rows(one, one.finding):
                    block.add(tables.WINDOWS, row)
            elif isinstance(one.finding, ReadingFindings):
                for row in rows.reading_rows(one, one.finding):
                    block.add(tables.DETECTORS, row)
        return found

    async def _announce(self, decision: Decision) -> None:
        """Send a drift, its alert and its retrain request at once; their rows go with the block."""
        key = decision.drift.model.encode()
        topics = self._topics
        await self._outbox.send(Message(topics.drifts.name, key, codec.encode(decision.drift)))
        await self._outbox.send(Message(topics.alerts.name, key, codec.encode(decision.alert)))
        self.block.add(tables.DRIFTS, rows.drift_row(decision))
        self.block.add(tables.ALERTS, rows.alert_row(decision))
        if decision.retrain is not None:
            await self._outbox.send(Message(topics.retrains.name, key, codec.encode(decision.retrain)))
            await self._outbox.send(tick(topics.events.name, self.partition))  # its rows are wanted: end the block soon
            self.block.add(tables.RETRAIN_REQUESTS, rows.retrain_request_row(decision.retrain, decision.at))

    def _apply(self, control: Record) -> None:
        """Take a control record; only a promotion changes what later records mean."""
        self.block.counts["ticks" if isinstance(control, Tick) else "controls"] += 1
        if isinstance(control, ModelPromoted):
            self.state.champions[control.model] = control.version

    async def _dead_letter(self, record: ConsumerRecord, rejected: Rejected) -> None:
        at = Position(record.partition, record.offset, 0, record.timestamp)
        headers = [
            *record.headers,
            ("driftline-reason", rejected.reason.encode()),
            ("driftline-error", rejected.error.encode("utf-8", "replace")),
            ("driftline-topic", record.topic.encode()),
            ("driftline-partition", str(record.partition).encode()),
            ("driftline-offset", str(record.offset).encode()),
        ]
        await self._outbox.send(Message(self._topics.dead_letters.name, record.key, record.value, headers))
        self.block.add(tables.DEAD_LETTERS, rows.dead_letter_row(rejected, record, at))
        self.block.counts["dead_letters"] += 1
        self.dead_letters += 1

    async def _forward(self, record: ConsumerRecord, target: int | None) -> None:
        headers = [*record.headers, route.origin_header(record)]
        await self._outbox.send(Message(record.topic, record.key, record.value, headers, target))
        self.block.counts["forwarded"] += 1

    def _taken_before(self, origin: tuple[int, int]) -> bool:
        """Whether a forwarded record was taken over already; remembers it if not."""
        partition, offset = origin
        if offset <= self.state.forwarded.get(partition, -1):
            return True
        self.state.forwarded[partition] = offset
        return False

    async def _close_block(self) -> None:
        """Store the block, then the state after it; only then may its offsets be committed."""
        state = self.state
        await self._store.insert(self.block)
        await self._outbox.drain()
        state.limits = self._limits
        await self._store.save(self.partition, state.next_offset, state.snapshot())
        self.stored_offset = state.next_offset
        self._recent.forget_stored()
        self.block = Block(self.partition, state.next_offset, state.limits)
