"""What every channel is and has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field

from driftline_alerting.message import Notice
from driftline_schemas.events.incident import Incident

_LEAST_SECRET_CHARACTERS = 4


class DeliveryFailed(Exception):
    """A try to deliver failed; the message says why and may hold secrets, see `Channel.secrets`.

    Attributes:
        hopeless: Whether another try cannot succeed.
        wait_seconds: How long the receiver asks to be left alone, in seconds; 0 where it does not say.
    """

    def __init__(self, message: str, *, hopeless: bool = False, wait_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often a notice is tried, and how long it rests in between: longer each time, with jitter.

    Attributes:
        attempts: Number of tries, 1 to 100.
        first_pause_seconds: After the first; doubled after each further one.
        longest_pause_seconds: At most.
    """

    attempts: Annotated[int, Field(ge=1, le=100)] = 10
    first_pause_seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 1.0
    longest_pause_seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 60.0


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """What the settings of every channel have.

    Attributes:
        timeout_seconds: How long one try may take, 0.1 to 300 seconds.
        retry: What follows a try that failed.
    """

    timeout_seconds: Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)] = 10.0
    retry: Retries = field(default_factory=Retries)


class Channel(Protocol):
    """A way to people; used by one thread.

    Attributes:
        place: Where it leads, as scheme and host, without secrets.
        secrets: Texts that must not be shown.
    """

    place: str
    secrets: tuple[str, ...]

    def send(self, notice: Notice) -> None:
        """Deliver a notice; when this returns, the receiver has confirmed it. It may be repeated.

        Raises:
            DeliveryFailed: It is not known to have arrived.
        """
        ...

    def follows(self, incident: Incident) -> bool:
        """Whether the channel must have a step that people are not told of, or that no route leads to it."""
        ...

    def keep_up(self) -> None:
        """Do what is due by time; called about every second. Raises as `send`."""
        ...

    def resume(self, told: Callable[[], Sequence[Incident]]) -> None:
        """Take up what was open when the program ended.

        Args:
            told: Asks ClickHouse for the open incidents that the channel was told of, each as it was told last; raises
                when ClickHouse does not answer, and is then asked again later.
        """
        ...


class Stateless:
    """A channel that has nothing to do between notices."""

    def follows(self, _incident: Incident) -> bool:
        """No."""
        return False

    def keep_up(self) -> None:
        """Nothing."""

    def resume(self, _told: Callable[[], Sequence[Incident]]) -> None:
        """Nothing."""


def web_address(text: str) -> str:
    """Return an http or https address as it is; a `ValueError` where it is none."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.isascii() or not text.isprintable():
        raise ValueError("expected http://host or https://host, with port and path as needed")
    _ = parts.port  # raises a ValueError where it is none
    return text


WebAddress = Annotated[str, AfterValidator(web_address)]
"""An http or https address; it may hold secrets."""


def shown(url: str) -> str:
    """Scheme, host and port of an address, without what may be secret.

    >>> shown("https://ana:secret@hooks.example.com:8443/T0/B1")
    'https://hooks.example.com:8443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def secrets_of(url: str, *, host: bool = False) -> tuple[str, ...]:
    """The parts of an address that may be secret: account, path and query.

    Args:
        url: The address.
        host: And the host: many chat services take a token there.

    >>> secrets_of("https://ana:secret@hooks.example.com/T0/B1234?key=a%2Fbc")
    ('secret', 'B1234', 'a%2Fbc', 'a/bc')
    >>> secrets_of("tgram://123456789:abcdef/chat", host=True)
    ('123456789:abcdef', '123456789', 'abcdef', 'chat')
    """
    parts = urlsplit(url)
    account, _, place = parts.netloc.rpartition("@")
    values = [pair.rpartition("=")[2] for pair in parts.query.split("&")]
    hosts = [place, *place.split(":")] if host else []
    found = [*account.split(":"), *hosts, *parts.path.split("/"), *values]
    both = [form for each in found for form in (each, unquote(each))]
    return tuple(dict.fromkeys(each for each in both if len(each) >= _LEAST_SECRET_CHARACTERS))


def without(secrets: tuple[str, ...], text: str) -> str:
    """Text in which secrets are replaced by ***.

    >>> without(("abcd",), "no abcd here")
    'no *** here'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
