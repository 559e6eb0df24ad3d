"""What a feature was, and what it is."""

from driftline_dashboard.charts.style import BLUE, FAINT, GREY, Options, time_chart
from driftline_dashboard.queries.features import FeatureDrift

REFERENCE, CURRENT = GREY, BLUE


def distribution(feature: FeatureDrift) -> Options:
    """Two histograms side by side: shares in percent of the reference's and of the current values."""
    options = time_chart(f"Distribution of {feature.feature}: reference and current", "%")
    options["xAxis"] = {
        "type": "category",
        "data": [bar.label for bar in feature.bars],
        "axisLine": {"lineStyle": {"color": FAINT}},
        "axisTick": {"show": False},
        "axisLabel": {"hideOverlap": True, "fontSize": 11},
    }
    highest = max((share for bar in feature.bars for share in (bar.reference, bar.current)), default=0)
    options["yAxis"] |= {"scale": False, **({"max": 100} if highest > 0.8 else {})}  # no share is 120 %
    sides = (
        (f"{feature.feature}: reference", REFERENCE, [bar.reference for bar in feature.bars]),
        (f"{feature.feature}: current", CURRENT, [bar.current for bar in feature.bars]),
    )
    options["series"] = [
        {
            "type": "bar",
            "name": name,
            "data": [round(100 * share, 2) for share in shares],
            "itemStyle": {"color": colour},
            "barGap": "5%",
            "barCategoryGap": "20%",
            "emphasis": {"disabled": True},
        }
        for name, colour, shares in sides
    ]
    return options
