"""Buttons that act: each asks for the person's words first, then the API."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from driftline_dashboard.access.tokens import Role
from driftline_dashboard.pages.client import Refused
from driftline_dashboard.pages.visit import Visit

ACTIONS_NEED = "Actions need a token of role {role}; see docs/dashboard.md."


def action(
    visit: Visit,
    label: str,
    path: str,
    *,
    least: Role,
    words: str = "reason",
    body: Mapping[str, Any] | None = None,
    choices: tuple[str, Mapping[str, str]] | None = None,
) -> None:
    """A button; who may not do it sees it, and why it is not for them.

    Args:
        visit: Who looks.
        label: What the button says; the dialog repeats it.
        path: Of the API.
        least: The role that it takes.
        words: Name of the field that the person's words go into.
        body: What else is sent.
        choices: A further field, and what may be chosen for it by value.
    """
    button = ui.button(label, color=None).props("outline no-caps").classes("action")
    if not visit.may(least):
        button.disable()
        button.tooltip(ACTIONS_NEED.format(role=least))
        return
    with ui.dialog() as dialog, ui.card().classes("asks"):
        ui.label(f"{label}?").classes("asks-title")
        chosen = None
        if choices is not None:
            chosen = ui.radio(dict(choices[1]), value=next(iter(choices[1])))
        said = ui.input("Why? (optional; it is kept)").props("outlined autofocus maxlength=2000").classes("wide")

        async def send() -> None:
            what = {words: said.value or "", **(body or {})}
            if choices is not None and chosen is not None:
                what[choices[0]] = chosen.value
            try:
                await visit.api.post(path, what)
            except Refused as error:
                ui.notify(str(error), type="negative", multi_line=True)
                return
            dialog.close()
            ui.notify(f"{label}: sent. This page shows what becomes of it.", type="positive")

        with ui.row().classes("asks-buttons"):
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
            ui.button(label, on_click=send).props("unelevated no-caps").classes("confirm")
    button.on_click(dialog.open)
