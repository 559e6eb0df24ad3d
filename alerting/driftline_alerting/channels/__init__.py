"""The ways to people, by the type that the alerting file names; one file each.

The topic `driftline.incidents` is one more, and needs no channel: every step is a record there.
"""

from collections.abc import Mapping
from types import MappingProxyType

from driftline_alerting.channels.alertmanager import Alertmanager, AlertmanagerSettings
from driftline_alerting.channels.apprise import AppriseChannel, AppriseSettings
from driftline_alerting.channels.interface import Channel, ChannelSettings, DeliveryFailed, Retries, without
from driftline_alerting.channels.webhook import Webhook, WebhookSettings

SETTINGS: Mapping[str, type[ChannelSettings]] = MappingProxyType(
    {"webhook": WebhookSettings, "alertmanager": AlertmanagerSettings, "apprise": AppriseSettings}
)
"""The settings of each type of channels."""

__all__ = ["SETTINGS", "Channel", "ChannelSettings", "DeliveryFailed", "Retries", "open_channel", "without"]


def open_channel(settings: ChannelSettings, dashboard: str = "") -> Channel:
    """The channel that settings mean; it connects to nothing yet.

    Args:
        settings: Of one channel.
        dashboard: Address of the dashboard that links lead to; empty where there is none.
    """
    match settings:
        case WebhookSettings():
            return Webhook(settings)
        case AlertmanagerSettings():
            return Alertmanager(settings, dashboard)
        case AppriseSettings():
            return AppriseChannel(settings)
    raise TypeError(f"{type(settings).__name__} are no settings of a channel")
