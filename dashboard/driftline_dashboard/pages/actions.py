"""Buttons that act: each asks for the person's words first, then the API."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.access.tokens import Role
from driftline_dashboard.pages.client import Refused
from driftline_dashboard.pages.visit import Visit

_NEED = Markup('<p id="actions-need">Actions need a token of role {role}; see docs/dashboard.md.</p>')


class Actions:
    """The row of a page's buttons; who may not press them sees them, and reads why.

    Args:
        visit: Who looks.
        least: The role that it takes.
    """

    def __init__(self, visit: Visit, least: Role) -> None:
        self._visit = visit
        self._may = visit.may(least)
        self._row = ui.row().classes("actions")
        if not self._may:
            with self._row:
                ui.html(_NEED.format(role=least), sanitize=False).classes("hint")

    def add(
        self,
        label: str,
        path: str,
        *,
        words: str = "reason",
        body: Mapping[str, Any] | None = None,
        choices: tuple[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Add a button.

        Args:
            label: What it says; the dialog repeats it.
            path: Of the API.
            words: Name of the field that the person's words go into.
            body: What else is sent.
            choices: A further field, and what may be chosen for it by value.
        """
        with self._row:
            button = ui.button(label, color=None).props("outline no-caps").classes("action")
            if self._may:
                button.on_click(self._dialog(label, path, words, body, choices).open)
            else:
                button.disable()
                button.props("aria-describedby=actions-need")

    def _dialog(
        self,
        label: str,
        path: str,
        words: str,
        body: Mapping[str, Any] | None,
        choices: tuple[str, Mapping[str, str]] | None,
    ) -> ui.dialog:
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
                    await self._visit.api.post(path, what)
                except Refused as error:
                    ui.notify(str(error), type="negative", multi_line=True)
                    return
                dialog.close()
                ui.notify(f"{label}: sent. This page shows what becomes of it.", type="positive")

            with ui.row().classes("asks-buttons"):
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
                ui.button(label, on_click=send).props("unelevated no-caps").classes("confirm")
        return dialog
