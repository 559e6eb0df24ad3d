"""``driftline setup``."""

import typer

from driftline.commands.migrate import migrate


def setup() -> None:
    """Create Kafka's topics and ClickHouse's tables; safe to repeat."""
    from driftline.addresses import settings
    from driftline.topics import create_topics

    current = settings()
    created = create_topics(current.kafka, current.topics)
    typer.echo(f"Created {', '.join(created)}." if created else "The topics exist.")
    migrate()
