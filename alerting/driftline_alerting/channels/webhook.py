"""A webhook: the incident as JSON, in a CloudEvent, signed."""

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import orjson
from pydantic import Field

from driftline_alerting.channels.http import post
from driftline_alerting.channels.interface import ChannelSettings, Stateless, WebAddress, secrets_of, shown
from driftline_alerting.message import Notice

SIGNATURE = "driftline-signature"
"""The header `t=SECONDS,v1=HEX`: HMAC-SHA256, under the secret, of the seconds, a full stop and the body."""

_UNQUOTED = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"%')
"""What stands for itself in a header of a CloudEvent."""


@dataclass(frozen=True, kw_only=True)
class WebhookSettings(ChannelSettings):
    """A channel of the type `webhook`.

    Attributes:
        url: Where notices are posted.
        secret: Signs them, 16 characters or more; without it they are not signed.
    """

    url: WebAddress = field(repr=False)
    secret: Annotated[str, Field(min_length=16)] | None = field(default=None, repr=False)


class Webhook(Stateless):
    """Posts notices; a status of 2xx confirms."""

    def __init__(self, settings: WebhookSettings) -> None:
        self.place = shown(settings.url)
        self.secrets = (*secrets_of(settings.url), *([settings.secret] if settings.secret else []))
        self._settings = settings

    def send(self, notice: Notice) -> None:
        """Post a notice; see `Channel.send`."""
        content = body(notice)
        headers = {**_cloud_event(notice), "content-type": "application/json", "user-agent": "driftline"}
        if self._settings.secret:
            headers[SIGNATURE] = signature(self._settings.secret, int(time.time()), content)
        post(self._settings.url, content, headers, self._settings.timeout_seconds)


def body(notice: Notice) -> bytes:
    """The same notice gives the same bytes."""
    return orjson.dumps(
        {
            "incident": notice.incident.model_dump(),
            "title": notice.title,
            "text": notice.text,
            "markdown": notice.markdown,
            "page": notice.page or None,
            "test": notice.is_test,
        }
    )


def signature(secret: str, seconds: int, content: bytes) -> str:
    """The value of the header `driftline-signature`.

    >>> signature("an example secret", 1763870000, b"{}")
    't=1763870000,v1=839fc910e57c6f658201c623905e7624f26648a26d4a2cffa94f80c3d26f8ce4'

    Args:
        secret: Known to both sides.
        seconds: Epoch seconds; a receiver refuses what is too old.
        content: The body.
    """
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + content, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def _cloud_event(notice: Notice) -> dict[str, str]:
    """The attributes of CloudEvents 1.0 in binary mode, and the key by which receivers recognise a repetition."""
    incident = notice.incident
    at = datetime.fromtimestamp(incident.timestamp_ms / 1000, UTC)
    return {
        "ce-specversion": "1.0",
        "ce-id": quote(incident.notice_id, safe=_UNQUOTED),
        "ce-type": f"driftline.incident.{'test' if notice.is_test else incident.step}",
        "ce-source": f"/driftline/models/{quote(incident.model, safe='')}",
        "ce-subject": quote(incident.incident_id, safe=_UNQUOTED),
        "ce-time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "idempotency-key": quote(incident.notice_id, safe=_UNQUOTED),
    }
