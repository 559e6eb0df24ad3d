"""Where a token is given."""

from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from driftline_dashboard.access.guard import NOBODY
from driftline_dashboard.access.login import own_path
from driftline_dashboard.pages.frame import frame

_FORM = Markup(
    '<form method="post" action="/login" class="login panel"><h1>Log in</h1>{wrong}'
    '<label for="token">Token</label>'
    '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>'
    '<input type="hidden" name="then" value="{then}"><button>Log in</button>'
    "<p>Whoever runs this dashboard gives you one.</p></form>"
)


def login(request: Request) -> None:
    """The page."""
    wrong = Markup('<p class="wrong" role="alert">This is not a token that is known here.</p>')
    with frame(request, "Log in", NOBODY, open_to_read=True):
        then = own_path(request.query_params.get("then", "/"))
        ui.html(_FORM.format(wrong=wrong if "wrong" in request.query_params else "", then=then), sanitize=False)
