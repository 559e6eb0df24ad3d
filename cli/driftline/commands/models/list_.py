"""``driftline models``."""

from collections.abc import Iterator

import typer

from driftline.output import AsJson, show

_SQL = """
SELECT model, version, predictions, outcomes, accuracy, first_seen, last_seen
FROM
(
    SELECT model, version, count() AS predictions, min(timestamp) AS first_seen, max(timestamp) AS last_seen
    FROM predictions GROUP BY model, version
) AS traffic
LEFT JOIN
(
    SELECT model, version, count() AS outcomes, 1 - avgOrNullIf(error, isNaN(prediction_value)) AS accuracy
    FROM outcomes GROUP BY model, version
) AS truth USING (model, version)
"""

_NOTHING_SEEN = {"predictions": 0, "outcomes": 0, "accuracy": None, "first_seen": None, "last_seen": None}


def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the versions of every model: its alias in the registry, and what was seen of it."""
    if context.invoked_subcommand is not None:
        return
    from driftline import store
    from driftline.addresses import settings

    current = settings()
    seen = {(str(row["model"]), str(row["version"])): row for row in store.rows(current.clickhouse, _SQL)}
    aliases = dict(_registered(current.registry))
    rows = [
        {"model": model, "version": version, "alias": aliases.get((model, version))}
        | {name: seen.get((model, version), _NOTHING_SEEN)[name] for name in _NOTHING_SEEN}
        for model, version in sorted(seen.keys() | aliases.keys(), key=_order)
    ]
    show(rows, empty="No model has been seen or registered yet.", as_json=as_json)


def _registered(address: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Every registered version with its alias: champion, previous_champion or none."""
    from driftline_registry import open_registry

    registry = open_registry(address)
    for model in registry.models():
        aliases = registry.aliases(model)
        names = {aliases.previous_champion: "previous_champion", aliases.champion: "champion"}
        for version in registry.versions(model):
            yield (model, version.version), names.get(version.version, "registered")


def _order(key: tuple[str, str]) -> tuple[str, int, str]:
    """By model, then 1, 2, ..., 10 before versions that are not numbers."""
    model, version = key
    return model, int(version) if version.isdecimal() else 1 << 62, version
