"""``driftline retrain``."""


def retrain() -> None:
    """Run the retrain service in the foreground: train, compare, promote, announce."""
    from driftline.addresses import settings
    from driftline_retrain_service.main import run

    run(settings())
