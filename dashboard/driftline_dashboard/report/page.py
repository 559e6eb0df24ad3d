"""From the material to the file."""

from datetime import datetime
from pathlib import Path

import jinja2

from driftline_dashboard.report import words
from driftline_dashboard.report.figures import DATA_KINDS, by_version
from driftline_dashboard.report.material import Material
from driftline_dashboard.report.plots import feature_plot, performance_plot, traffic_plot
from driftline_dashboard.report.story import story

PICTURES = 12
"""Features whose values are drawn: those that have changed most."""

_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_JINJA.filters |= {
    "day": words.day,
    "number": words.number,
    "share": words.share,
    "skill": words.share_or_number,
    "many": words.many,
}


def page(material: Material, made_at: datetime) -> str:
    """The report as HTML that refers to nothing outside itself."""
    pictured = [each for each in material.features if each.stability_index is not None][:PICTURES]
    return _JINJA.get_template("report.html").render(
        material=material,
        made_at=made_at,
        story=story(material),
        versions=by_version(material),
        performance=performance_plot(material),
        traffic=traffic_plot(material),
        features=[feature_plot(each) for each in pictured],
        data_drifts=[each for each in material.drifts if each.kind in DATA_KINDS],
        drifts=[each for each in material.drifts if each.kind not in DATA_KINDS],
    )
