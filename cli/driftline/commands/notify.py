"""``driftline notify``."""


def notify() -> None:
    """Run the notifier in the foreground: alerts become incidents, and people are told.

    One works; another one that is started on the same Kafka stands by until it ends.
    """
    import os
    from pathlib import Path

    from driftline.addresses import settings
    from driftline_alerting.configuration import Configuration
    from driftline_alerting.main import run

    current = settings()
    run(current, Configuration.read(Path(current.alerting), os.environ) if current.alerting else Configuration())
