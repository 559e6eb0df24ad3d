"""What all charts look like. Colours are those of Okabe and Ito, which the colour-blind can tell apart."""

from typing import Any

BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#8A919C"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)
SYMBOLS = ("circle", "rect", "triangle", "diamond", "roundRect", "pin")
DASHES = ("solid", "dashed", "dotted")
"""Series differ by symbol and dash as well: no colour stands alone."""

FAINT = "rgba(128, 136, 148, 0.22)"

Options = dict[str, Any]


def time_chart(title: str, unit: str = "", *, legend: bool = True) -> Options:
    """What charts over time share.

    Args:
        title: Read out to who does not see the chart.
        unit: Follows the numbers of the vertical axis.
        legend: Whether there is one.
    """
    return {
        "useUTC": True,
        "animation": False,
        "aria": {"enabled": True, "label": {"description": title}},
        "grid": {"left": 8, "right": 16, "top": 40 if legend else 16, "bottom": 8, "containLabel": True},
        "legend": {"show": legend, "top": 0, "left": 0, "icon": "roundRect", "itemWidth": 14, "itemHeight": 4},
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "backgroundColor": "var(--surface)",
            "borderColor": "var(--line)",
            "textStyle": {"color": "var(--ink)", "fontSize": 12},
        },
        "xAxis": {
            "type": "time",
            "axisLine": {"lineStyle": {"color": FAINT}},
            "axisTick": {"show": False},
            "splitLine": {"show": False},
            "axisLabel": {"hideOverlap": True, "fontSize": 11},
        },
        "yAxis": {
            "type": "value",
            "scale": True,
            "splitNumber": 4,
            "axisLine": {"show": False},
            "axisLabel": {"formatter": f"{{value}}{unit}", "fontSize": 11},
            "splitLine": {"lineStyle": {"color": FAINT}},
        },
        "series": [],
    }


def nothing(text: str) -> Options:
    """What is drawn where there is no data: why, and what to do."""
    middle = {"left": "center", "top": "middle", "textStyle": {"fontSize": 13, "fontWeight": "normal"}}
    return {"aria": {"enabled": True}, "title": {"text": text, **middle}, "series": []}


def line(name: str, points: list[Any], number: int = 0, **more: Any) -> Options:
    """A line; `number` chooses its colour, dash and symbol."""
    colour = SERIES[number % len(SERIES)]
    return {
        "type": "line",
        "name": name,
        "data": points,
        "showSymbol": len(points) < 60,
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "symbolSize": 5,
        "lineStyle": {"width": 2, "color": colour, "type": DASHES[number % len(DASHES)]},
        "itemStyle": {"color": colour},
        "connectNulls": False,
        "emphasis": {"disabled": True},
        **more,
    }
