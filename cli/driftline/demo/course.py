"""The course of the demo on a running Driftline: train, stream, wait until all is stored, report."""

import time
from contextlib import closing
from dataclasses import dataclass

from rich.console import Console

from driftline.demo.account import Account, Sent, disagreements, take_account
from driftline.demo.backlog import Backlog
from driftline.demo.clock import ReplayClock
from driftline.demo.market import Market, load_market, time_of
from driftline.demo.replay import Replay
from driftline.demo.report import Report
from driftline.demo.scoreboard import Scoreboard
from driftline.demo.screen import Progress, Screen
from driftline.demo.service import MODEL, TRAINING_ROWS, FirstVersion, PriceService, train_first_version
from driftline.demo.stages import Stages
from driftline.demo.watch import Watch
from driftline_producers import InferenceLogger
from driftline_registry import ModelFollower, Registry, open_registry
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import Settings

FOLLOWER_POLL_SECONDS = 0.1
FLUSH_SECONDS = 30.0
STORE_SECONDS = 60.0
ACCOUNT_INTERVAL_SECONDS = 0.5


@dataclass(frozen=True)
class Course:
    """What is played: a market up to a row, from a first version on."""

    market: Market
    registry: Registry
    first: FirstVersion
    end: int


@dataclass(frozen=True)
class Streamed:
    """What the stream left behind."""

    board: Scoreboard
    clock: ReplayClock
    sent: Sent


def run_course(settings: Settings, console: Console, stages: Stages, *, rows: int | None = None) -> Report:
    """Stream the market through a model that Driftline watches.

    Args:
        settings: Of a running Driftline: Kafka, ClickHouse, worker and retrain service.
        console: Where to show it.
        stages: Measures the stages.
        rows: Play only so many rows; None plays all.

    Raises:
        Unavailable: Kafka or ClickHouse does not answer, or the emitter cannot deliver.
    """
    with stages("train", "Training the first version on the first 30 days of prices"):
        market = load_market()
        registry = open_registry(settings.registry)
        first = train_first_version(market, registry)
    end = min(len(market), TRAINING_ROWS + rows) if rows is not None else len(market)
    announcement = f"Streaming {end - TRAINING_ROWS:,} half hours of prices; each outcome comes a day later"
    with stages("stream", announcement), Screen(console) as screen:
        streamed = _stream(settings, screen, Course(market, registry, first, end))
    with stages("store", "Waiting until the worker has stored everything"):
        account = _settled_account(settings, streamed.sent)
    board, clock = streamed.board, streamed.clock
    return Report(
        sent=streamed.sent,
        account=account,
        static=board.static,
        monitored=board.served,
        repeated=board.repeated,
        promotions=board.promotions(),
        clock_holds=clock.holds,
        clock_held_seconds=clock.held_seconds,
        stage_seconds=stages.seconds,
    )


def _stream(settings: Settings, screen: Screen, course: Course) -> Streamed:
    """Play the market, and see to it that Kafka has confirmed every event."""
    registry = course.registry
    with (
        closing(Watch(settings)) as watch,
        closing(Backlog(settings)) as backlog,
        ModelFollower(registry, MODEL, poll_seconds=FOLLOWER_POLL_SECONDS) as follower,
        InferenceLogger(MODEL, kafka=settings.kafka, topic_prefix=settings.topic_prefix) as logger,
    ):

        def under_way() -> frozenset[str]:
            champion = registry.champion_version(MODEL)
            switching = {f"version {champion}"} if follower.health.version != champion else set()
            catching_up = {"worker"} if backlog.is_long() else set()
            open_ = watch.retrains_under_way()
            return frozenset(switching | catching_up | (open_ if backlog.is_long_for_retrains() else set()))

        clock = ReplayClock(under_way)
        replay = Replay(course.market, course.first, PriceService(course.market, follower, logger), clock)
        replay.play(course.end, lambda row: screen.progress(_progress(row, course.end, replay, watch)))
        if not logger.flush(FLUSH_SECONDS):
            raise Unavailable(f"Kafka at {settings.kafka} did not take all events: see `driftline status`")
        return Streamed(replay.board, clock, _sent(replay.board, logger))


def _progress(row: int, end: int, replay: Replay, watch: Watch) -> Progress:
    board = replay.board
    return Progress(
        row=row - TRAINING_ROWS,
        rows=end - TRAINING_ROWS,
        market_time=time_of(row),
        events_per_second=replay.events_per_second,
        version=board.version,
        recent_served=board.recent_served,
        recent_static=board.recent_static,
        drifts=watch.drifts,
        alerts=watch.alerts,
        requests=watch.requests,
        promotions=watch.promotions,
    )


def _sent(board: Scoreboard, logger: InferenceLogger) -> Sent:
    counters = logger.counters
    return Sent(
        predictions=counters.logged,
        outcomes=counters.outcomes,
        dropped=sum(counters.dropped.values()),
        accuracy=board.served,
    )


def _settled_account(settings: Settings, sent: Sent) -> Account:
    """The account as soon as nothing disagrees any more, or as it is after `STORE_SECONDS`."""
    deadline = time.monotonic() + STORE_SECONDS
    while True:
        account = take_account(settings.clickhouse, MODEL)
        if not disagreements(sent, account) or time.monotonic() > deadline:
            return account
        time.sleep(ACCOUNT_INTERVAL_SECONDS)
