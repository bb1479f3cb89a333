"""Event subscriptions: Peoplevox then calls an address of ours. There is no call that lists them, so keep their ids."""

from __future__ import annotations

from topstitch.sdk import ConfigError, Connection, FormatError
from topstitch.systems.peoplevox.service import Answer, Parts, call, said

#: Of the WSDL of 2017.
EVENTS = (
    "AvailabilityChanges",
    "SalesOrderStatusChanges",
    "GoodsReceived",
    "TrackingNumberReceived",
    "IncrementalChanges",
    "Returns",
)
#: On newer servers only.
NEWER_EVENTS = ("DespatchPackageTrackingNumberReceived", "OnDespatchOrderReceived", "DespatchPackageDespatched")


def subscribe(
    conn: Connection, event: str, callback_url: str, *, event_filter: str = "", encode: bool | None = None
) -> int:
    """Have Peoplevox GET an address with placeholders, `https://.../?item={ItemCode}`; gives the subscription's id.

    Calls carry no signature: put a secret into the address. `encode` is known to newer servers only. Raises ConfigError
    for an unknown event or a refusal.
    """
    children: Parts = [("eventType", _known(event)), ("filter", event_filter or None), ("callbackUrl", callback_url)]
    return _subscription(call(conn, "SubscribeEvent", [*children, ("encodeParameterData", encode)], safe=False))


def subscribe_post(
    conn: Connection, event: str, url: str, params: str, *, event_filter: str = "", encode: bool | None = None
) -> int:
    """Have Peoplevox POST `params` (`item={ItemCode}&available={Available}`) to an address; gives the subscription's id."""
    children: Parts = [
        ("eventType", _known(event)),
        ("filter", event_filter or None),
        ("postUrl", url),
        ("postParams", params or None),
        ("encodeParameterData", encode),
    ]
    return _subscription(call(conn, "SubscribePostEvent", children, safe=False))


def unsubscribe(conn: Connection, subscription: int) -> None:
    """End a subscription. Raises ConfigError when Peoplevox knows none of this id."""
    answer = call(conn, "UnsubscribeEvent", [("subscriptionId", subscription)], safe=False)
    if answer.failed:
        raise ConfigError(f"subscription {subscription} was not ended: {said(answer.detail)}", key="subscription")


def _known(event: str) -> str:
    if event not in (*EVENTS, *NEWER_EVENTS):
        raise ConfigError(f"there is no event {event!r}; there are {', '.join((*EVENTS, *NEWER_EVENTS))}", key="event")
    return event


def _subscription(answer: Answer) -> int:
    if answer.failed:
        raise ConfigError(f"Peoplevox takes no subscription: {said(answer.detail)}", key="subscription")
    try:
        return int(answer.detail.strip())
    except ValueError:
        raise FormatError(f"the id of a subscription was expected, not {said(answer.detail)!r}") from None
