"""Chat and mail: any service that Apprise knows, by its address."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from driftline_alerting.channels.interface import (
    ChannelSettings,
    DeliveryFailed,
    Stateless,
    secrets_of,
    shown,
)
from driftline_alerting.message import Notice

if TYPE_CHECKING:
    import apprise

_TYPES = {"info": "info", "warning": "warning", "critical": "failure"}
_SHOWN_CHARACTERS = 300


def _service(url: str) -> "apprise.NotifyBase | None":
    """What Apprise makes of an address; None where it makes nothing of it."""
    import apprise  # reads the code of a hundred services, which only who has such a channel pays for

    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below that they write addresses, which hold secrets
    asset = apprise.AppriseAsset(
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        allow_templates=False,  # the text is ours, and what strangers wrote into it is no template
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def _known_service(url: str) -> str:
    if _service(url) is None:
        raise ValueError("Apprise knows no such service: see https://appriseit.com/services for addresses")
    return url


@dataclass(frozen=True, kw_only=True)
class AppriseSettings(ChannelSettings):
    """A channel of the type `apprise`.

    Attributes:
        url: Address of one service, as Apprise writes it; a second service is a second channel, so that the trouble of
            one never lets the other get a notice twice.
    """

    url: Annotated[str, AfterValidator(_known_service)] = field(repr=False)


class AppriseChannel(Stateless):
    """Sends notices through Apprise; what it calls a success confirms."""

    def __init__(self, settings: AppriseSettings) -> None:
        import apprise

        service = _service(settings.url)
        assert service is not None  # noqa: S101 - the settings were checked
        service.socket_connect_timeout = service.socket_read_timeout = settings.timeout_seconds
        self.place = shown(service.url(privacy=True))  # type: ignore[no-untyped-call]
        has_token_for_host = self.place.partition("://")[2] != shown(settings.url).partition("://")[2]
        self.secrets = secrets_of(settings.url, host=has_token_for_host)
        self._timeout_seconds = settings.timeout_seconds
        self._apprise = apprise.Apprise(asset=service.asset)
        self._apprise.add(service)

    def send(self, notice: Notice) -> None:
        """Send a notice; see `Channel.send`."""
        said: list[str] = []
        try:
            sent = self._apprise.notify(
                title=notice.title,
                body=notice.markdown,
                body_format="markdown",
                notify_type="success" if notice.incident.state == "resolved" else _TYPES[notice.incident.severity],
                timeout=self._timeout_seconds,
                log_callback=lambda entry, _: _note(entry, said),
            )
        except Exception as error:  # noqa: BLE001 - a hundred services by strangers
            raise DeliveryFailed(f"{type(error).__name__}: {error}") from None
        if not sent:
            raise DeliveryFailed("; ".join(said)[:_SHOWN_CHARACTERS] or "the service did not take it")


def _note(entry: Any, said: list[str]) -> None:
    if entry.level in ("WARNING", "ERROR"):
        said.append(" ".join(entry.message.split()))
