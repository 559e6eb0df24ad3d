"""Webhooks, chat and mail, to real servers on loopback."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from driftline.stack.ports import draw_port
from driftline_alerting.channels.apprise import AppriseChannel, AppriseSettings
from driftline_alerting.channels.interface import DeliveryFailed, without
from driftline_alerting.channels.webhook import Webhook, WebhookSettings
from driftline_alerting.message import Notice
from driftline_schemas.events.incident import Incident
from tests.alerting.notices import incident
from tests.alerting.receivers import OK, Receiver, receiver

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "delivery.md"
SECRET = "a secret of the receiver"
HOSTILE = incident(
    notice_id='ü"%\n', model="a b", headline="fraud\r\nBcc: all <script>alert(1)</script> [x](http://evil) @everyone"
)


@pytest.fixture
def served() -> Iterator[Receiver]:
    with receiver() as each:
        yield each


def test_a_webhook_is_a_signed_cloud_event_with_incident_and_text(served: Receiver) -> None:
    notice = Notice(incident(), "https://driftline.example.com")
    Webhook(WebhookSettings(url=f"{served.url}/hook?key=1", secret=SECRET)).send(notice)
    (request,) = served.requests
    headers = request.headers
    assert request.path == "/hook?key=1"
    assert {name: value for name, value in headers.items() if name.startswith("ce-")} == {
        "ce-specversion": "1.0",
        "ce-id": "notice-0",
        "ce-type": "driftline.incident.opened",
        "ce-source": "/driftline/models/fraud",
        "ce-subject": "incident-0",
        "ce-time": "2025-11-23T03:53:20.000Z",
    }
    assert (headers["content-type"], headers["idempotency-key"]) == ("application/json", "notice-0")
    document = json.loads(request.body)
    assert Incident.model_validate(document["incident"]) == incident()
    assert (document["text"], document["title"], document["test"]) == (notice.text, notice.title, False)
    assert document["page"] == "https://driftline.example.com/incidents/incident-0"


def test_the_signature_is_verified_as_the_documentation_says(served: Receiver) -> None:
    example: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", DOCUMENTATION.read_text(), re.DOTALL)[0], example)  # ours
    Webhook(WebhookSettings(url=served.url, secret=SECRET)).send(Notice(incident()))
    (request,) = served.requests
    signature = request.headers["driftline-signature"]
    assert example["is_genuine"](SECRET, signature, request.body)
    assert not example["is_genuine"](SECRET, signature, request.body + b" ")
    assert not example["is_genuine"]("another secret of it", signature, request.body)
    assert not example["is_genuine"](SECRET, signature, request.body, now=time.time() + 600)


def test_text_of_strangers_makes_no_header(served: Receiver) -> None:
    Webhook(WebhookSettings(url=served.url)).send(Notice(HOSTILE))
    (request,) = served.requests
    assert request.headers["ce-id"] == "%C3%BC%22%25%0A"
    assert request.headers["ce-source"] == "/driftline/models/a%20b"
    assert "driftline-signature" not in request.headers


@pytest.mark.parametrize(
    ("status", "hopeless"),
    [(400, True), (404, True), (410, True), (408, False), (429, False), (500, False), (302, False)],
)
def test_what_is_refused_for_good_is_hopeless(served: Receiver, status: int, hopeless: bool) -> None:
    served.answer = lambda _: (status, {"location": f"{served.url}/other", "retry-after": "7"}, b"no " * 100_000)
    with pytest.raises(DeliveryFailed, match=f"answered {status}") as raised:
        Webhook(WebhookSettings(url=served.url)).send(Notice(incident()))
    assert (raised.value.hopeless, raised.value.wait_seconds) == (hopeless, 7)
    assert len(str(raised.value)) < 400
    assert len(served.requests) == 1


def test_who_does_not_answer_is_not_waited_for() -> None:
    release = threading.Event()
    with receiver(lambda _: (release.wait(30), OK)[1]) as hanging:
        with pytest.raises(DeliveryFailed, match=r"no answer within 0\.2 s"):
            Webhook(WebhookSettings(url=hanging.url, timeout_seconds=0.2)).send(Notice(incident()))
        release.set()


def test_who_answers_a_byte_now_and_then_is_not_waited_for() -> None:
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        with server.accept()[0] as connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not ended.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(DeliveryFailed, match=r"no answer within 0\.3 s"):
            Webhook(WebhookSettings(url=url, timeout_seconds=0.3)).send(Notice(incident()))
        ended.set()
        thread.join()


def test_nobody_there_is_a_failure_that_may_pass() -> None:
    with receiver() as gone:
        channel = Webhook(WebhookSettings(url=gone.url))
    with pytest.raises(DeliveryFailed, match="ConnectError") as raised:
        channel.send(Notice(incident()))
    assert not raised.value.hopeless


def test_chat_gets_title_and_text(served: Receiver) -> None:
    AppriseChannel(AppriseSettings(url=served.url.replace("http", "json"))).send(Notice(incident(state="resolved")))
    document = json.loads(served.requests[0].body)
    assert (document["type"], document["title"]) == ("success", Notice(incident()).title)
    assert "Likely cause" in document["message"]


def test_secrets_are_neither_logged_nor_told(served: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    address = served.url.removeprefix("http://")
    for channel in (
        Webhook(WebhookSettings(url=f"http://ana:hush1@{address}/hush2?key=hush3", secret="hush4" * 4)),
        AppriseChannel(AppriseSettings(url=f"json://ana:hush1@{address}/hush2?+key=hush3")),
    ):
        served.answer = lambda _: OK
        assert channel.place.endswith(f"://{address}")
        channel.send(Notice(incident()))
        served.answer = lambda _: (500, {}, b"hush1 hush2 hush3 hush4hush4hush4hush4")
        with pytest.raises(DeliveryFailed) as raised:
            channel.send(Notice(incident()))
        assert "hush" not in without(channel.secrets, str(raised.value))
    assert len(served.requests) == 4
    assert "hush" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1HUSH1L2/A1HUSH2JD/TIiajkdnlazkcOXrIdeHUSH3/#general",
        "tgram://123456789:hush1_hijklmnop_hush2/lead2gold/",
        "discord://4174216298/hush1HI8qBe7bk2ZwO5U711o3dV_hush2",
        "pover://user_hush1_user_user_user_user@token_hush2_token_token_token",
    ],
)
def test_a_token_in_place_of_a_host_is_a_secret(url: str) -> None:
    channel = AppriseChannel(AppriseSettings(url=url))
    tokens = re.findall(r"\w*hush\w*|[0-9]{9,}", url, re.IGNORECASE)
    assert all(token not in channel.place for token in tokens)
    told = without(channel.secrets, f"no answer to {' or '.join(tokens)} at {url}")
    assert all(token not in told for token in tokens)


def test_a_redirect_of_a_chat_is_not_followed(served: Receiver) -> None:
    served.answer = lambda request: (307, {"location": f"{served.url}/other"}, b"")
    with pytest.raises(DeliveryFailed):
        AppriseChannel(AppriseSettings(url=served.url.replace("http", "json"))).send(Notice(incident()))
    assert [each.path for each in served.requests] == ["/"]


class Mailbox:
    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 kept"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
def test_a_mail_has_a_subject_and_no_header_or_html_of_strangers() -> None:
    mailbox = Mailbox()
    port = draw_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        url = f"mailto://127.0.0.1:{port}?from=driftline@example.com&to=team@example.com&mode=insecure"
        AppriseChannel(AppriseSettings(url=url)).send(Notice(HOSTILE))
    finally:
        server.stop()
    (envelope,) = mailbox.envelopes
    assert envelope.rcpt_tos == ["team@example.com"]
    mail = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[arg-type]
    assert mail["Subject"].startswith("[warning, new] fraud Bcc: all <script>")
    assert mail["Bcc"] is None
    part = mail.get_body(("html",))
    assert part is not None
    html = part.get_content()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert 'href="http://evil"' not in html
