"""``driftline notify``."""


def notify() -> None:
    """Run the notifier in the foreground: alerts become incidents, and people are told. One of it is enough."""
    from driftline.addresses import settings
    from driftline_alerting.incidents.policy import IncidentPolicy
    from driftline_alerting.main import run

    run(settings(), IncidentPolicy())
