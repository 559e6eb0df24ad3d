"""The segments of a model, as a table."""

from collections.abc import Sequence

from markupsafe import Markup

from driftline_dashboard.pages.text import empty, number, share, table
from driftline_dashboard.queries.segments import SegmentPerformance


def segment_section(segments: Sequence[SegmentPerformance]) -> Markup:
    """How good the model is in each, now and in the window before; or how to have some."""
    if not segments:
        content = empty(
            "No labelled prediction of this window carries a segment",
            Markup("Log tags, <code>segment={'country': 'DE'}</code>, and each value is shown here by itself."),
        )
    else:
        rows = [
            (
                f"{each.tag} = {each.value}",
                number(each.labels, "", 9),
                share(each.accuracy) if each.accuracy is not None else number(each.mae),
                share(each.accuracy_before) if each.accuracy is not None else number(each.mae_before),
            )
            for each in segments
        ]
        content = table(
            ("Segment", "Labels#", "Accuracy#", "In the window before#"), rows, "Segments, the largest first"
        )
    return Markup('<section><h2>Segments</h2><div class="panel">{}</div></section>').format(content)
