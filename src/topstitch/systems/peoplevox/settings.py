"""The form of a connector and the options of its entities, in words for people."""

from __future__ import annotations

from topstitch.sdk import Setting
from topstitch.systems.peoplevox.columns import DROP, REJECT, SEND
from topstitch.systems.peoplevox.pushing import BLANK_WORD, DELETE_WORD, HOLD_WORD, KEEP_WORD, SAVE_WORD
from topstitch.systems.peoplevox.reports import AVAILABILITY, OTHER, STOCK_REPORTS

SETTINGS = (
    Setting(
        name="url",
        label="URL / Environment",
        required=True,
        place=True,
        default="https://wms.peoplevox.net",
        help="The address of your Peoplevox dashboard, with or without https://.",
        find="Open Peoplevox in a browser: it is the part of the address before your client ID, such as wms.peoplevox.net.",
    ),
    Setting(
        name="client_id",
        label="Client ID",
        required=True,
        find="At the top right of the Peoplevox dashboard, and in the address after the host.",
    ),
    Setting(
        name="username",
        label="Username",
        required=True,
        find="The short form in brackets beside the client ID, at the top right of the dashboard.",
    ),
    Setting(
        name="password",
        label="Password",
        required=True,
        secret=True,
        find="The password with which this user signs in to Peoplevox.",
    ),
    Setting(
        name="zone",
        label="Time zone of the warehouse",
        help="Peoplevox writes dates in local time and does not say whose. Empty: the connector's own zone.",
        find="A name such as Europe/London. Compare the time of a despatch in Peoplevox with your clock.",
    ),
    Setting(
        name="unknown_columns",
        label="Mapped fields the template lacks",
        kind="choice",
        choices=(DROP, REJECT, SEND),
        default=DROP,
        help="Every tenant chooses its template columns. Fields left out are named in the run's log.",
        advanced=True,
    ),
    Setting(
        name="returns_report",
        label="Report of returns",
        help="Its name differs per tenant.",
        find="In Peoplevox open Reports and copy the name letter by letter.",
    ),
    Setting(name="goods_in_report", label="Report of goods in", default="Goods in summary", advanced=True),
    Setting(name="movements_report", label="Report of item movements", default="Item movement history", advanced=True),
    Setting(
        name="rows_per_save",
        label="Rows per save",
        kind="integer",
        default=100,
        help="The vendor names no limit; a few hundred are known to work.",
        advanced=True,
    ),
    Setting(
        name="requests_per_15s",
        label="Requests per 15 seconds",
        kind="integer",
        default=15,
        help="What the vendor allows each client. Two are kept for signing in, the others are spread evenly. "
        "Lower it when other programs use the same client.",
        advanced=True,
    ),
    Setting(
        name="report_brackets",
        label="Brackets around columns in report searches",
        kind="boolean",
        default=True,
        help="[Despatch date] rather than Despatch date. Switch it off when reports answer with a syntax error.",
        advanced=True,
    ),
)

_CLAUSE = Setting(
    name="search_clause",
    label="Further search clause",
    kind="multiline",
    help='Added to every request as it is, for example Status == "Open" AND ItemCode.StartsWith("A").',
    advanced=True,
)
_LINES = Setting(name="with_lines", label="With lines", kind="boolean", default=True)


def _dated(default: str, about: str) -> Setting:
    return Setting(
        name="date_column",
        label="Date column",
        default=default,
        help=f"Asked for what is new since the last run. {about}Empty: everything is read every time.",
    )


_COLUMNS = Setting(
    name="columns",
    label="Columns",
    help="Names separated by commas, key and date columns among them. Empty: all.",
    advanced=True,
    fixed=True,
)


def _order(default: str) -> Setting:
    return Setting(
        name="order_by", label="Order by", default=default, help="A column that never changes.", advanced=True
    )


TEMPLATE_OPTIONS = (_CLAUSE,)


def key_option(default: str) -> Setting:
    """The option of the column by which Peoplevox knows the records of a template again."""
    return Setting(
        name="key_column",
        label="Key column",
        default=default,
        help="The column by which Peoplevox knows a record again: Reference or Name. Documents do not agree which.",
        advanced=True,
        fixed=True,
    )


ORDER_OPTIONS = (_LINES, _dated("CreatedDate", "An order that only changed is not found by it. "), _CLAUSE)
PURCHASE_ORDER_OPTIONS = (_LINES, _CLAUSE)
FULFILMENT_OPTIONS = (
    Setting(
        name="source",
        label="Read from",
        kind="choice",
        choices=("report", "template"),
        default="report",
        help="The Despatch summary report has item lines and can be asked for what is new; the Despatches template cannot.",
    ),
    _CLAUSE,
)
STOCK_OPTIONS = (
    Setting(name="report", label="Report", kind="choice", choices=STOCK_REPORTS, default=AVAILABILITY, fixed=True),
    Setting(
        name="report_name",
        label="Report name",
        help="As Peoplevox lists it under Reports.",
        when={"report": [OTHER]},
        fixed=True,
    ),
    _dated("Date time", "Not used for the reports by location and summary. "),
    _COLUMNS,
    _order(""),
    _CLAUSE,
)


def report_options(key: str, dated: str) -> tuple[Setting, ...]:
    """The options of an entity that is a report of the tenant's."""
    return (
        Setting(name="report", label="Report", help="Empty: the one named in the connector.", fixed=True),
        Setting(
            name="key_columns",
            label="Key columns",
            default=key,
            help="Names separated by commas that together tell rows apart. Empty: the whole row does, and equal rows count once.",
            fixed=True,
        ),
        _dated(dated, ""),
        _COLUMNS,
        _order(key.partition(",")[0]),
        _CLAUSE,
    )


_ACTION_HELP = "Delete removes what is sent from Peoplevox, by its key. "
ACTION = Setting(
    name="action",
    label="Action",
    kind="choice",
    choices=(SAVE_WORD, HOLD_WORD, DELETE_WORD),
    default=SAVE_WORD,
    help=_ACTION_HELP + "Saving without allocating takes no stock for the order yet.",
    advanced=True,
)
FLAT_ACTION = Setting(
    name="action",
    label="Action",
    kind="choice",
    choices=(SAVE_WORD, DELETE_WORD),
    default=SAVE_WORD,
    help=_ACTION_HELP,
    advanced=True,
)
UPDATE_ACTION = Setting(
    name="action", label="Action", kind="choice", choices=(SAVE_WORD, HOLD_WORD), default=SAVE_WORD, advanced=True
)


def _tenant_column(name: str, about: str, field: str) -> Setting:
    return Setting(
        name=name,
        label=f"Column of the {about}",
        help=f"Its name in your template Sales orders, such as Attribute1: no document gives one. Empty: {field}, where "
        "the template has it.",
        find="In Peoplevox open Integration (user menu, top right) and look at the field names of Sales orders.",
    )


TENANT_COLUMNS = (
    _tenant_column("tracking_column", "tracking number", "TrackingNumber"),
    _tenant_column("carrier_column", "carrier", "Carrier"),
)
MISSING_FIELDS = Setting(
    name="missing_fields",
    label="Fields a record lacks",
    kind="choice",
    choices=(KEEP_WORD, BLANK_WORD),
    default=KEEP_WORD,
    help="Leaving them takes a save for each set of fields that occurs, and Peoplevox allows one save a second. "
    "Making them empty takes one save a batch, and empties what somebody typed there.",
    advanced=True,
)
_WORD_HELP = (
    "Sent beside what is measured where no unit is mapped. No document lists the words that Peoplevox takes (an example "
    "has {}): if it refuses this one, give the one that your items show."
)
UNIT_WORDS = (
    Setting(
        name="weight_word",
        label="Word for kilograms",
        default="kg",
        help=_WORD_HELP.format("Pounds"),
        advanced=True,
    ),
    Setting(
        name="length_word",
        label="Word for centimetres",
        default="cm",
        help=_WORD_HELP.format("Inches"),
        advanced=True,
    ),
)
SAVE_GROUPS = Setting(
    name="save_groups",
    label="Save item type groups first",
    kind="boolean",
    default=False,
    help="Sends ItemGroup and ProductGroup to the template Item type groups before the products.",
)
