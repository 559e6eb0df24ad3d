"""What people read of a step of an incident: as plain text and as Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from driftline_schemas.events.incident import Incident, IncidentStep

_SAID: dict[IncidentStep, str] = {
    "opened": "new",
    "joined": "more of it",
    "raised": "more severe",
    "escalated": "nobody has acknowledged it",
    "acknowledged": "acknowledged",
    "remedy": "being remedied",
    "resolved": "resolved",
    "reopened": "back again",
    "judged": "judged",
}
_LINE_CHARACTERS = 500
_EVIDENCE_LINES = 20
_PLAIN_ID = re.compile(r"[\w.:-]+", re.ASCII)
_QUERY = "driftline sql \"SELECT at, step, headline FROM incident_steps WHERE incident_id = '{}' ORDER BY sequence\""
_MARKUP = re.compile(r"([\\`*_\[\]])")
_HTML_AND_MENTIONS = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("@"): "@\N{ZERO WIDTH SPACE}"}


@dataclass(frozen=True)
class Notice:
    """One step of an incident on its way to people.

    Attributes:
        incident: The incident as it stands after the step.
        dashboard: Address of the dashboard that links lead to; empty where there is none.
        is_test: Whether it was made to test a channel, and nothing happened.
    """

    incident: Incident
    dashboard: str = ""
    is_test: bool = False

    @property
    def page(self) -> str:
        """Address of the incident's page; empty where there is no dashboard."""
        if not self.dashboard or self.is_test:
            return ""
        return f"{self.dashboard.rstrip('/')}/incidents/{quote(self.incident.incident_id, safe='')}"

    @property
    def query(self) -> str:
        """A shell command that shows the incident's timeline; empty for an id that a shell could misunderstand."""
        if not _PLAIN_ID.fullmatch(self.incident.incident_id) or self.is_test:
            return ""
        return _QUERY.format(self.incident.incident_id)

    @property
    def title(self) -> str:
        """One line: how severe it is and how it stands; what happened to which model, since when, how sure that is."""
        incident = self.incident
        return line(f"{'TEST: ' * self.is_test}[{incident.severity}, {_SAID[incident.step]}] {incident.headline}")

    @property
    def text(self) -> str:
        """Everything, as plain text."""
        evidence = [f"  - {line(each)}" for each in self._evidence()]
        said = [self.title, *(["Evidence:", *evidence] if evidence else [])]
        said += [f"{label}: {line(value)}" for label, value in self._facts()]
        said += [f"{label}: {value}" for label, value in self._links()]
        return "\n".join(said)

    @property
    def markdown(self) -> str:
        """Everything, as Markdown in which no text of strangers is mark-up, HTML, a link or a mention."""
        evidence = "\n".join(f"- {escaped(each)}" for each in self._evidence())
        facts = [f"**{label}**: {escaped(value)}" for label, value in self._facts()]
        facts += [f"**{label}**: {f'<{value}>' if label == 'Page' else f'`{value}`'}" for label, value in self._links()]
        return "\n\n".join(part for part in (f"**{escaped(self.title)}**", evidence, "  \n".join(facts)) if part)

    def _evidence(self) -> list[str]:
        return self.incident.evidence[-_EVIDENCE_LINES:]

    def _facts(self) -> Iterator[tuple[str, str]]:
        incident = self.incident
        said = " — ".join(filter(None, (incident.verdict, incident.comment)))
        facts = {
            "Likely cause": incident.cause,
            "What Driftline does": incident.remedy,
            f"Said by {line(incident.by)}": said,
            "Model": incident.model + (f", version {incident.version}" if incident.version else ""),
            "Team": incident.owner,
            "Incident": f"{incident.incident_id}, {incident.state}, opened {utc(incident.opened_ms)}",
            "Test": "nothing happened; this was sent by `driftline routes test`" if self.is_test else "",
        }
        yield from ((label, value) for label, value in facts.items() if value)

    def _links(self) -> Iterator[tuple[str, str]]:
        if self.page:
            yield "Page", self.page
        if self.query:
            yield "Query", self.query


def utc(epoch_ms: int) -> str:
    """A time as people read it.

    >>> utc(1_763_870_000_000)
    '2025-11-23 03:53 UTC'
    """
    return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def line(text: str) -> str:
    r"""Text of strangers as one line of at most 500 characters, without those that command a terminal or a mail.

    >>> line("a\r\nBcc: all\x1b[2J")
    'a Bcc: all [2J'
    """
    printable = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * _LINE_CHARACTERS]).split())
    return printable if len(printable) <= _LINE_CHARACTERS else f"{printable[: _LINE_CHARACTERS - 1]}…"


def escaped(text: str) -> str:
    r"""Text of strangers as one line of Markdown that shows what it is.

    >>> escaped("[x](http://evil) <b> a_b")
    '\\[x\\](http://evil) &lt;b&gt; a\\_b'
    """
    return _MARKUP.sub(r"\\\1", line(text)).translate(_HTML_AND_MENTIONS)
