"""What a connector to a shop asks for."""

from __future__ import annotations

from topstitch.sdk import Setting

_FIND_KEY = (
    "In the shop: WooCommerce > Settings > Advanced > REST API > Add key, permission Read/Write, user an administrator."
)

SETTINGS = (
    Setting(
        name="url",
        label="Store URL",
        kind="url",
        required=True,
        help="With https:// and the folder, if the shop is in one: https://www.example.com/shop",
        find="The address under WordPress > Settings > General > WordPress Address.",
    ),
    Setting(
        name="consumer_key", label="Consumer key", required=True, secret=True, help="Begins with ck_", find=_FIND_KEY
    ),
    Setting(
        name="consumer_secret",
        label="Consumer secret",
        required=True,
        secret=True,
        help="Begins with cs_",
        find=f"{_FIND_KEY} It is shown once, together with the key.",
    ),
    Setting(
        name="version",
        label="API version",
        kind="choice",
        choices=("wc/v3", "wc/v2", "wc/v1"),
        default="wc/v3",
        advanced=True,
        help="Older ones are for very old shops and lack parts of what this connector does.",
    ),
    Setting(
        name="query_auth",
        label="Send keys in the query string",
        kind="boolean",
        default=False,
        advanced=True,
        help="For hosts that remove the Authorization header: the test then says that the shop saw no key.",
    ),
    Setting(
        name="verify_tls",
        label="Verify certificate",
        kind="boolean",
        default=True,
        advanced=True,
        help="Switch off only for a test shop with a certificate of its own making.",
    ),
)
