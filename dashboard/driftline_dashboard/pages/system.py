"""The system itself: is it keeping up?"""

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.api.health import SystemHealth
from driftline_dashboard.charts.throughput import storage_delay, throughput
from driftline_dashboard.pages.live import Chart, Text, keep_up
from driftline_dashboard.pages.text import NONE, ago, duration, empty, figures, link, number, state, table
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.health import Errors


def system(visit: Visit) -> None:
    """The page."""
    with visit.frame("System") as told:
        ui.html(Markup("<h1>System</h1>"), sanitize=False)
        sums = Text()
        with ui.element("div").classes("pair"):
            with ui.element("section").classes("panel padded"):
                ui.html(Markup("<h2>Events stored per second</h2>"), sanitize=False)
                stored = Chart("Events stored per second, by minute")
            with ui.element("section").classes("panel padded"):
                ui.html(Markup("<h2>Seconds until stored</h2>"), sanitize=False)
                delay = Chart("Seconds until stored, by minute")
        errors, partitions = Text(), Text()

        async def look() -> None:
            health = await visit.api.get("/health", SystemHealth)
            sums.show(_sums(health))
            stored.show(throughput(health.throughput))
            delay.show(storage_delay(health.throughput))
            errors.show(_errors(health.errors))
            partitions.show(_partitions(health))

        keep_up(look, told)


def _sums(health: SystemHealth) -> Markup:
    lags = [partition.lag for partition in health.partitions if partition.lag is not None]
    last = health.throughput[-1] if health.throughput else None
    return figures(
        (
            _part("Kafka", health.kafka),
            _part("ClickHouse", health.clickhouse),
            *(_part("Worker", said, place) for place, said in health.workers.items()),
            ("Lag", number(sum(lags), "records", 9) if lags else NONE, "not stored yet"),
            ("Stored lately", number(last.events / 60, "/s") if last else NONE, "in the last minute of the log"),
            ("Until stored", duration(last.seconds_to_store) if last else NONE, "from Kafka to ClickHouse"),
        )
    )


def _part(name: str, said: str, place: str = "") -> tuple[str, Markup, str]:
    is_well = said == "ok"
    about = (place, "" if is_well else said)
    return name, state("healthy" if is_well else "critical"), ": ".join(filter(None, about))


def _errors(errors: Errors | None) -> Markup:
    if errors is None:
        content = empty("Unknown while ClickHouse is away", "It is asked again by itself.")
    elif not errors.dead_letters and not errors.failed_deliveries:
        content = empty("No error in the last 24 hours", "Every record was read, and no notice was given up.")
    else:
        rows = [
            *((link("/ledger", "Dead letters"), reason, number(n, "", 9)) for reason, n in errors.dead_letters.items()),
            *(("Failed deliveries", channel, number(n, "", 9)) for channel, n in errors.failed_deliveries.items()),
        ]
        content = table(("Error", "Reason or channel", "How many#"), rows, "Errors of the last 24 hours")
    return Markup('<section><h2>Errors of the last 24 hours</h2><div class="panel">{}</div></section>').format(content)


def _partitions(health: SystemHealth) -> Markup:
    if not health.partitions:
        content = empty("Nothing is stored yet", Markup("<code>driftline status</code> shows what runs."))
    else:
        rows = [
            (
                p.partition,
                number(p.end_offset, "", 12),
                number(p.stored_offset, "", 12),
                number(p.lag, "", 12),
                ago(p.stored_at),
            )
            for p in health.partitions
        ]
        content = table(("Partition", "Log end#", "Stored up to#", "Lag#", "Last block stored#"), rows, "Partitions")
    return Markup('<section><h2>Partitions</h2><div class="panel">{}</div></section>').format(content)
