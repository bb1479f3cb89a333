"""The tables of alerts."""

from topstitch.alerts.models.group import Channel, ChannelKind, NotificationGroup
from topstitch.alerts.models.health import ConnectorWatch
from topstitch.alerts.models.outbox import Delivery, Message, Notice
from topstitch.alerts.models.rule import AlertRule, Frequency
from topstitch.alerts.models.trouble import Kind, Trouble
from topstitch.alerts.models.watch import Pulse, RunEnd, ServiceWatch

__all__ = [
    "AlertRule",
    "Channel",
    "ChannelKind",
    "ConnectorWatch",
    "Delivery",
    "Frequency",
    "Kind",
    "Message",
    "Notice",
    "NotificationGroup",
    "Pulse",
    "RunEnd",
    "ServiceWatch",
    "Trouble",
]
