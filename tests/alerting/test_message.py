"""What people read."""

import re

from hypothesis import given
from hypothesis import strategies as st

from driftline_alerting.message import Notice, escaped, line
from tests.alerting.notices import incident

TEXT = """\
[warning, new] fraud: amount rose from 12.1 to 19.8 since 2025-11-23 03:53 UTC
Evidence:
  - amount: mean 12.1 before, 19.8 since; statistic 0.31, threshold 0.05
Likely cause: a new tariff
What Driftline does: retrain r-1 has been asked for
Model: fraud, version 3
Team: risk
Incident: incident-0, open, opened 2025-11-23 03:53 UTC
Page: https://driftline.example.com/incidents/incident-0
Query: driftline sql "SELECT at, step, headline FROM incident_steps WHERE incident_id = 'incident-0' \
ORDER BY sequence\""""

MARKDOWN = """\
**\\[warning, new\\] fraud: amount rose from 12.1 to 19.8 since 2025-11-23 03:53 UTC**

- amount: mean 12.1 before, 19.8 since; statistic 0.31, threshold 0.05

**Likely cause**: a new tariff  
**What Driftline does**: retrain r-1 has been asked for  
**Model**: fraud, version 3  
"""  # noqa: W291 - a line break of Markdown


def test_a_notice_says_what_happened_why_and_what_is_done_about_it() -> None:
    notice = Notice(incident(), "https://driftline.example.com/")
    assert notice.text == TEXT
    assert notice.markdown.startswith(MARKDOWN)


def test_what_a_person_said_is_told_with_the_name() -> None:
    judged = incident(step="judged", state="resolved", by="ana", verdict="false-alarm", comment="a promotion")
    notice = Notice(judged)
    assert notice.title.startswith("[warning, judged] ")
    assert "Said by ana: false-alarm — a promotion" in notice.text


def test_a_test_is_marked_as_one_and_links_nowhere() -> None:
    notice = Notice(incident(), "https://driftline.example.com", is_test=True)
    assert notice.title.startswith("TEST: ")
    assert "nothing happened" in notice.text
    assert (notice.page, notice.query) == ("", "")


def test_an_id_that_a_shell_could_misunderstand_is_in_no_command() -> None:
    assert Notice(incident(incident_id="x'; rm -rf /")).query == ""
    assert Notice(incident(incident_id="a/../b"), "http://d").page == "http://d/incidents/a%2F..%2Fb"


@given(st.text() | st.text(alphabet="<>@[]()*_`\\\n\r\x1b\u202e&a"))
def test_text_of_strangers_is_one_printable_line_without_markup(text: str) -> None:
    assert line(text).isprintable()
    assert len(line(text)) <= 500
    markdown = escaped(text)
    assert not re.search(r"[<>]|@(?!\u200b)", markdown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]]", markdown)
