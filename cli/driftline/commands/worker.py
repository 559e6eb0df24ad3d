"""``driftline worker``."""


def worker() -> None:
    """Run one worker in the foreground: validate, measure, detect, store, alert. Start one per core."""
    from driftline.addresses import settings
    from driftline_stream_processors.main import run

    run(settings())
