"""Retrains and promotions: what waits for a person, what is under way, what came of the others."""

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.pages.actions import Actions
from driftline_dashboard.pages.frame import choices
from driftline_dashboard.pages.live import Text, keep_up
from driftline_dashboard.pages.text import NONE, ago, empty, link, model_path, number, share, state, table
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.retrains import Retrain
from driftline_dashboard.queries.versions import VersionChange

_SHOWN = {"": "All", "open": "Under way", "promoted": "Promoted", "refused": "Refused", "failed": "Failed"}
_HEADS = ("When", "Model", "Retrain", "Status", "Champion", "Challenger", "Compared on#", "Accuracy#", "Why")


def retrains(visit: Visit) -> None:
    """The page of all retrains."""
    chosen, model = visit.query.get("show", ""), visit.query.get("model", "")
    with visit.frame("Retrains") as told:
        with ui.element("div").classes("title"):
            ui.html(Markup("<h1>Retrains and promotions</h1>"), sanitize=False)
            ui.html(choices("show", _SHOWN, chosen, visit.path, visit.query), sanitize=False)
        listed, changes = Text(), Text()

        async def look() -> None:
            asked = {"open": True} if chosen == "open" else {"status": chosen}
            found = await visit.api.get("/retrains", list[Retrain], model=model, **asked)
            listed.show(_panel("", retrain_table(found) if found else _nothing()))
            versions = await visit.api.get("/versions", list[VersionChange], model=model, limit=50)
            changes.show(_panel("Versions", version_table(versions) if versions else _no_versions()))

        keep_up(look, told)


def retrain(visit: Visit) -> None:
    """The page of one retrain."""
    path = f"/retrains/{quote(visit.named('retrain_id'), safe='')}"
    with visit.frame("Retrain") as told:
        head = Text("wide")
        actions = Actions(visit, "operator")
        actions.add("Approve", f"{path}/approve")
        actions.add("Reject", f"{path}/reject")
        steps = Text()

        async def look() -> None:
            found = await visit.api.get(path, list[Retrain])
            head.show(_head(found[-1]))
            steps.show(_panel("Steps", step_table(found)))

        keep_up(look, told)


def retrain_path(retrain: Retrain) -> str:
    """The path of a retrain's page."""
    return f"/retrains/{retrain.retrain_id}"


def retrain_table(retrains: Sequence[Retrain], *, of_one_model: bool = False) -> Markup:
    """How each retrain stands or how it ended; without the model's name where all are of one."""
    rows = [
        (
            ago(each.at),
            link(model_path(each.model), each.model),
            link(retrain_path(each), each.retrain_id[:8]),
            _status(each),
            each.version or NONE,
            each.challenger_version or NONE,
            number(each.shadow_rows or None, "outcomes", 4),
            against(each),
            each.explanation,
        )
        for each in retrains
    ]
    shown = [n for n, head in enumerate(_HEADS) if not of_one_model or head != "Model"]
    heads, cells = [_HEADS[n] for n in shown], [[row[n] for n in shown] for row in rows]
    return table(heads, cells, "Retrains, open ones first")


def step_table(steps: Sequence[Retrain]) -> Markup:
    """The steps of one retrain."""
    rows = [
        (
            ago(step.at),
            _status(step),
            step.version or NONE,
            step.challenger_version or NONE,
            number(step.rows or None, "", 5),
            number(step.shadow_rows or None, "", 5),
            against(step),
            number(step.evidence),
            step.explanation,
        )
        for step in steps
    ]
    heads = ("When", "Step", "Champion", "Challenger", "Trained on#", "Compared on#", "Accuracy#", "Evidence#", "Why")
    return table(heads, rows, "Steps, oldest first")


def version_table(changes: Sequence[VersionChange]) -> Markup:
    """What became of versions."""
    rows = [
        (
            ago(change.at),
            link(model_path(change.model), change.model),
            state(change.action),
            change.version,
            change.previous_version or NONE,
            link(f"/retrains/{change.retrain_id}", change.retrain_id[:8]) if change.retrain_id else NONE,
        )
        for change in changes
    ]
    return table(("When", "Model", "What", "Version", "Champion before", "Retrain"), rows, "Versions, newest first")


def against(retrain: Retrain) -> Markup:
    """The challenger's accuracy against the champion's."""
    if retrain.challenger_accuracy is None:
        return NONE
    return Markup("<b>{}</b> <small>against</small> {}").format(
        share(retrain.challenger_accuracy), share(retrain.champion_accuracy)
    )


def _status(retrain: Retrain) -> Markup:
    waits = Markup(" <b class='needs'>needs you</b>") if retrain.waits_for_approval else Markup("")
    return state(retrain.status) + waits


def _head(last: Retrain) -> Markup:
    return Markup(
        '<nav class="crumbs" aria-label="Where this is">{all} / {model}</nav><h1>Retrain {id}</h1>'
        '<div class="meta">{status}<span>because of {reason}</span><span>last step {when}</span></div><p>{why}</p>'
    ).format(
        all=link("/retrains", "Retrains"),
        model=link(model_path(last.model), last.model),
        id=last.retrain_id[:8],
        status=_status(last),
        reason=last.reason,
        when=ago(last.at),
        why=last.explanation,
    )


def _panel(title: str, content: Markup) -> Markup:
    head = Markup("<h2>{}</h2>").format(title) if title else Markup("")
    return Markup('<section>{}<div class="panel">{}</div></section>').format(head, content)


def _nothing() -> Markup:
    return empty(
        "No retrain here",
        Markup(
            "A confirmed drift of the errors asks for one by itself, when outcomes come back and the model is in the "
            "registry. By hand: <code>driftline retrain MODEL</code>, or the button on the model's page."
        ),
    )


def _no_versions() -> Markup:
    return empty(
        "No version was promoted, refused or taken back yet", "The first challenger that is proved appears here."
    )
