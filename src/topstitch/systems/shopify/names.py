"""Names in the vendor's world: shops, API versions, global ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from topstitch.sdk import ConfigError, RemoteRejected

_STORE = re.compile(r"[a-z0-9][a-z0-9-]*")
_VERSION = re.compile(r"\d{4}-(01|04|07|10)")


def shop_host(store: str) -> str:
    """`name.myshopify.com` of a name, a host or an address. Raises ConfigError when it is none of these."""
    text = store.strip().lower().partition("://")[2] or store.strip().lower()
    if text.startswith("admin.shopify.com/store/"):
        text = text.removeprefix("admin.shopify.com/store/")
    name = text.split("/")[0].removesuffix(".myshopify.com")
    if not _STORE.fullmatch(name):
        raise ConfigError(
            f"{store!r} is not a store name",
            key="store",
            hint="Give the part before .myshopify.com, not the shop's own domain.",
        )
    return f"{name}.myshopify.com"


def base_url(settings: Mapping[str, Any]) -> str:
    """Where the Admin API of a store and version is."""
    version = settings["api_version"]
    if not _VERSION.fullmatch(version):
        raise ConfigError(f"{version!r} is no API version; they look like 2026-07", key="api_version")
    return f"https://{shop_host(settings['store'])}/admin/api/{version}"


def gid(kind: str, identifier: object) -> str:
    """The global id of a record given by that id or by its number. Raises RemoteRejected when it is neither."""
    text = str(identifier).strip()
    if text.startswith(f"gid://shopify/{kind}/"):
        return text
    if not text.isdigit():
        raise RemoteRejected(
            f"{text!r} is no {kind} id: it is a number or begins with gid://shopify/{kind}/", field="id"
        )
    return f"gid://shopify/{kind}/{text}"


def kind_of(identifier: str) -> str:
    """`Order` of `gid://shopify/Order/1`."""
    return identifier.removeprefix("gid://shopify/").partition("/")[0]


def number_of(identifier: str) -> int:
    """The number in a global id."""
    return int(identifier.partition("?")[0].rpartition("/")[2])
