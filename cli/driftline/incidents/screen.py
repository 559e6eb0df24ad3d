"""One incident as a person on call reads it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from driftline.output import Row, cell, printable
from driftline.store import Store
from driftline_retrain_service.lineage import quoted

_STEPS = """
SELECT * FROM incident_steps WHERE model = {model:String} AND incident_id = {incident_id:String} ORDER BY sequence
"""
_DELIVERIES = """
SELECT at, channel, step, status, attempt, error, notice_id
FROM deliveries LEFT JOIN
(
    SELECT notice_id, step FROM incident_steps WHERE model = {model:String} AND incident_id = {incident_id:String}
) AS steps USING (notice_id)
WHERE model = {model:String} AND incident_id = {incident_id:String} ORDER BY at
"""
_MOST_STEPS = 40


class Story(NamedTuple):
    """An incident, its steps and its deliveries."""

    incident: Row
    steps: Sequence[Row]
    deliveries: Sequence[Row]


def read(store: Store, incident: Row) -> Story:
    """All that is stored of an incident."""
    asked = {"model": incident["model"], "incident_id": incident["incident_id"]}
    return Story(incident, store.rows(_STEPS, asked), store.rows(_DELIVERIES, asked))


def lines(story: Story) -> Iterator[str]:
    """The story line by line."""
    incident = story.incident
    yield printable(str(incident["headline"]))
    yield ""
    for name in ("incident_id", "state", "severity", "model", "version", "owner", "verdict", "since", "opened_at"):
        if text := cell(incident[name]):
            yield f"{name.replace('_', ' '):12}{text}"
    yield from (f"{name:12}{cell(incident[name])}" for name in ("cause", "remedy") if incident[name])
    yield from _part("Evidence", [cell(line) for line in _listed(incident["evidence"])])
    yield from _part("Timeline", _timeline(story.steps))
    yield from _part("Deliveries", [_delivery(row) for row in story.deliveries])
    yield from _part("The events, in ClickHouse", [events_sql(incident)])


def events_sql(incident: Row) -> str:
    """The query that shows what was predicted around the change."""
    since = f"toDateTime('{incident['since']:%Y-%m-%d %H:%M:%S}', 'UTC')"
    where = f"model = {quoted(str(incident['model']))} AND timestamp BETWEEN {since} - 3600 AND {since} + 3600"
    return printable(f"SELECT * FROM predictions WHERE {where} ORDER BY timestamp LIMIT 1000")  # noqa: S608 - quoted


def _timeline(steps: Sequence[Row]) -> Iterator[str]:
    left_out = len(steps) - _MOST_STEPS
    for number, row in enumerate(steps):
        if left_out > 0 and number == 1:
            yield f"... {left_out} steps; --json has them all"
        if number == 0 or number > left_out:
            yield _step(row)


def _step(row: Row) -> str:
    told = "" if row["notify"] else " (nobody was told)"
    who = f" by {cell(row['by'])}" if row["by"] else ""
    says = {
        "opened": _last(row["evidence"]),
        "joined": _last(row["evidence"]),
        "raised": f"to {row['severity']}: {_last(row['evidence'])}",
        "reopened": _last(row["evidence"]),
        "remedy": cell(row["remedy"]),
        "resolved": _verdict(row) if row["by"] else cell(row["remedy"]),
        "judged": _verdict(row),
        "escalated": "nobody has acknowledged it",
    }
    said = says.get(str(row["step"]), cell(row["comment"]))
    return f"{cell(row['at'])}  {row['step']}{who}{told}" + (f": {said}" if said else "")


def _verdict(row: Row) -> str:
    return ": ".join(text for text in (cell(row["verdict"]), cell(row["comment"])) if text)


def _delivery(row: Row) -> str:
    tries = f", try {row['attempt']}" if int(str(row["attempt"])) > 1 else ""
    error = f": {cell(row['error'])}" if row["error"] else ""
    return f"{cell(row['at'])}  {cell(row['channel'])}: {row['step']} {row['status']}{tries}{error}"


def _part(title: str, entries: Sequence[str] | Iterator[str]) -> Iterator[str]:
    said = list(entries)
    if said:
        yield ""
        yield title
        yield from (f"  {entry}" for entry in said)


def _listed(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _last(value: object) -> str:
    return next((cell(line) for line in reversed(_listed(value))), "")
