"""Which channels a step goes to."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from driftline_alerting.routes import Route, channels_for
from tests.alerting.notices import incident

SEVERITIES = ("info", "warning", "critical")
INCIDENTS = st.builds(
    incident,
    model=st.sampled_from(["fraud", "fraud-eu", "price"]),
    severity=st.sampled_from(SEVERITIES),
    kinds=st.lists(st.sampled_from(["data-drift", "quality", "latency"]), min_size=1, max_size=3),
    owner=st.sampled_from(["", "risk", "growth"]),
    step=st.sampled_from(["opened", "escalated", "resolved"]),
)
ROUTES = st.lists(
    st.builds(
        Route,
        model=st.sampled_from(["*", "fraud*", "fraud", "pric?"]),
        severity=st.sampled_from(SEVERITIES),
        kinds=st.lists(st.sampled_from(["data-drift", "quality"]), max_size=2).map(tuple),
        team=st.sampled_from(["", "risk"]),
        escalated=st.booleans(),
        channels=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map(tuple),
    ),
    max_size=4,
)


@given(INCIDENTS, ROUTES)
def test_a_step_goes_to_every_route_that_matches_and_to_no_other(step, routes) -> None:  # type: ignore[no-untyped-def]
    wanted = {
        channel
        for route in routes
        if fnmatchcase(step.model, route.model)
        if SEVERITIES.index(step.severity) >= SEVERITIES.index(route.severity)
        if not route.kinds or set(route.kinds) & set(step.kinds)
        if not route.team or route.team == step.owner
        if not route.escalated or step.step == "escalated"
        for channel in route.channels
    }
    found = channels_for(step, routes)
    assert (set(found), len(found)) == (wanted, len(wanted))


@given(INCIDENTS, ROUTES)
def test_the_order_of_routes_means_nothing(step, routes) -> None:  # type: ignore[no-untyped-def]
    assert set(channels_for(step, routes)) == set(channels_for(step, routes[::-1]))
