"""The features of a model, then and now, as a table."""

from collections.abc import Mapping

from markupsafe import Markup

from driftline_dashboard.charts.small import histogram
from driftline_dashboard.pages.text import NONE, link, model_path, number, share, state, table
from driftline_dashboard.queries.features import FeatureDrift


def feature_table(features: list[FeatureDrift], name: str, query: Mapping[str, str]) -> Markup:
    """A row for each, whose name chooses it on the page of the model; `query` is what the page's address says."""
    rows = [
        (
            link(model_path(name), each.feature, {**query, "feature": each.feature}),
            _drifted(each),
            _index(each.stability_index),
            histogram(each.bars, f"{each.feature}: reference and current"),
            number(each.reference_mean),
            number(each.current_mean),
            share(each.current_missing),
        )
        for each in features
    ]
    heads = ("Feature", "Drift", "Index#", "Reference, current", "Mean then#", "Mean now#", "Missing#")
    return table(heads, rows, "Features, the most drifted first")


def _index(value: float | None) -> Markup:
    return NONE if value is None else Markup("{}").format(f"{value:.3f}")


def _drifted(feature: FeatureDrift) -> Markup:
    if feature.stability_index is None or feature.noise is None:
        return state("learning")
    if not feature.changed:
        return Markup(
            '<span class="state state-healthy"><i class="material-icons" aria-hidden="true">check_circle</i>'
            "Stable</span>"
        )
    strong = feature.stability_index > 0.25
    return Markup('<span class="state state-{}"><i class="material-icons" aria-hidden="true">{}</i>{}</span>').format(
        *(("critical", "error", "Changed") if strong else ("warning", "warning", "Moved"))
    )
