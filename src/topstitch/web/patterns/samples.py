"""Invented figures for the pattern page, always the same, and large where large ones are what breaks a layout."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms

from topstitch.sdk.model import Check, Setting
from topstitch.store.queries.connectors import HealthDay
from topstitch.store.queries.runs import STRIP, LastRun
from topstitch.store.queries.volumes import Day
from topstitch.web.components.settings_form import settings_fields
from topstitch.web.components.trouble import Trouble, wrong
from topstitch.web.components.widgets import Choices, Code, Dates, Drop, Suggest, Switch

RECORD: dict[str, Any] = {
    "id": 1001,
    "name": "#1001",
    "email": "ada@example.com",
    "total": "24.50",
    "paid": True,
    "note": None,
    "tags": [],
    "lines": [
        {"sku": "TS-TEE-WHT-S", "quantity": 2, "price": "9.95"},
        {"sku": "TS-MUG", "quantity": 1, "price": "4.60"},
    ],
    "shipping": {
        "name": "Ada Lovelace",
        "city": "London",
        "country": "GB",
        "instructions": "Leave it with the porter. " * 30,
    },
}
REQUEST: dict[str, Any] = {
    "method": "POST",
    "url": "https://wms.example/IntegrationService.asmx",
    "body": "<?xml version='1.0'?><Envelope><Body><SaveData><csv>SalesOrderNumber,Email\n1001,ada@example.com</csv>"
    "</SaveData></Body></Envelope>",
}
LATER: dict[str, Any] = {
    **{name: value for name, value in RECORD.items() if name != "note"},
    "email": "ada.l@example.com",
    "lines": [{"sku": "TS-TEE-WHT-S", "quantity": 3, "price": "9.95"}],
    "channel": "web",
}
TROUBLE = Trouble(
    what="The e-mail address is not valid.",
    record="Order #1005 of Web shop",
    why="Value: refused by Peoplevox, field email",
    words='422 {"message": "email is not valid"}',
    hint="Correct the record at the source, then pull it again.",
    guide="mapping",
)
READING = """# Failed records

Three screens tell what became of records: the **sync report**, the **error desk**, and a *story*. See [runs](#reading).

## What failed today

| to do | what it means |
| --- | --- |
| Pull again | Each record is pulled anew, mapped as the mapping is now, and sent. |

1. Open the cause.
2. Choose `Pull again`.

```yaml
mapping:
  - to: number
    from: name
```
"""
SETTINGS = (
    Setting(
        name="auth",
        label="How to sign in",
        kind="choice",
        choices=("token", "password"),
        default="token",
        required=True,
    ),
    Setting(
        name="token",
        label="Access token",
        secret=True,
        required=True,
        when={"auth": ["token"]},
        help="Begins with shpat_.",
        find="In the admin: Settings, Apps, Develop apps, your app, API credentials.",
    ),
    Setting(name="username", label="User name", required=True, when={"auth": ["password"]}),
    Setting(name="password", label="Password", secret=True, required=True, when={"auth": ["password"]}),
)
SYSTEMS = (
    "Amazon",
    "Brightpearl",
    "eBay",
    "Linnworks",
    "Mirakl",
    "NetSuite",
    "Odoo",
    "Peoplevox",
    "Shopify",
    "WooCommerce",
)


class Sample(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label="Name", help_text="How this service is called in lists.", initial="Returns to warehouse"
    )
    email = forms.EmailField(label="E-mail address", initial="ada@example.invalid")
    attempts = forms.IntegerField(label="Maximum attempts", initial=4)
    entity = forms.ChoiceField(label="Entity", choices=[("orders", "Orders"), ("products", "Products")], required=False)
    mode = forms.ChoiceField(
        label="Writes",
        choices=[("new", "New records only"), ("all", "New and changed records")],
        initial="all",
        widget=forms.RadioSelect,
    )
    systems = forms.MultipleChoiceField(
        label="Systems", choices=[(name, name) for name in SYSTEMS], initial=["Odoo"], widget=Choices, required=False
    )
    alerts = forms.BooleanField(
        label="Tell somebody when it fails",
        help_text="The notification group of the company.",
        widget=Switch,
        required=False,
    )
    starts = forms.DateField(label="Starts on", initial="2026-11-25", widget=forms.DateInput({"type": "date"}))
    days = forms.Field(label="Days", initial=("2026-11-18", "2026-11-25"), widget=Dates, required=False)
    service = forms.Field(
        label="Service", widget=Suggest("/patterns/suggest", {"placeholder": "Words of its name"}), required=False
    )
    reason = forms.CharField(label="Note", widget=forms.Textarea({"rows": 3}), required=False)
    script = forms.CharField(
        label="Script",
        widget=Code(error_line=2),
        initial="def handle(data):\n    return data['total'] * rate\n",
        required=False,
    )
    file = forms.FileField(label="Lookup file", help_text="CSV, at most 30 MB.", widget=Drop, required=False)

    def clean_email(self) -> str:
        """Always wrong, to be seen."""
        raise wrong("There is no domain of this name.", "Check what stands after the @.")


class SettingsSample(forms.Form):
    """What a system asks for."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields.update(settings_fields(SETTINGS))


def sample_form(theme: str) -> Sample:
    """Filled in, with something wrong."""
    initial = Sample.base_fields
    data: dict[str, Any] = {name: field.initial for name, field in initial.items() if field.initial is not None}
    data |= {"days_from": "2026-11-18", "days_to": "2026-11-25", "script": initial["script"].initial}
    form = Sample(data, auto_id=f"{theme}_%s")
    form.is_valid()
    return form


def sample_runs(every: int) -> list[LastRun]:
    """Twenty runs; with `every` one in so many failed."""
    now = datetime.now(UTC)
    return [
        LastRun(
            id=uuid.UUID(int=n),
            status="completed_with_failures"
            if every and n % every == 1
            else "running"
            if every and n == 0
            else "completed",
            created_at=now - timedelta(minutes=10 * n),
            pulled=(n * 37) % 90,
            pushed=(n * 37) % 90,
            troubled=0,
        )
        for n in range(STRIP)
    ]


def sample_days() -> list[Day]:
    """A fortnight."""
    today = datetime.now(UTC).date()
    return [
        Day(today - timedelta(days=13 - n), ok=(n * 83) % 400 + 40, failed=(n * 29) % 60, runs=144) for n in range(14)
    ]


def sample_health() -> list[HealthDay]:
    """A month that began late, with a bad day and a half bad one."""
    today = datetime.now(UTC).date()
    good = dict.fromkeys(range(4, 30), (96, 96)) | {12: (96, 0), 13: (96, 40)}
    return [HealthDay(today - timedelta(days=29 - n), *good.get(n, (0, 0))) for n in range(30)]


STEPS = (
    Check("Address reached", detail="shop.example.com"),
    Check("Certificate", detail="valid"),
    Check("Signed in", detail="Web shop, in pounds"),
    Check("May read customers", ok=False, detail="the app lacks the scope read_customers"),
)
STEPS_FAILED = (*STEPS[:2], Check("The shop refuses the token.", ok=False, detail="Make a new one, and enter it here."))


def sample_rows() -> list[dict[str, Any]]:
    """Rows of a table, one of them with everything too long."""
    now = datetime.now(UTC)
    usual = [("#1001", "ok", 2), ("#1002", "failed", 60), ("#1003", "pending", 3_700), ("#1004", "uncertain", 90_000)]
    rows = [
        {"id": n, "reference": r, "status": s, "pulled": 37 * n, "at": now - timedelta(seconds=a)}
        for n, (r, s, a) in enumerate(usual)
    ]
    long = {
        "reference": "ORDER-2026-11-25-LONDON-WAREHOUSE-RETURN-0000123456789",
        "status": "unchanged",
        "pulled": 1_204_300,
    }
    return [*rows, {"id": 9, "at": now - timedelta(days=40), **long}]


def sample_lines(start: int, count: int) -> list[dict[str, Any]]:
    """Lines of a log."""
    words = (
        "Page 1: 50 records in 0.21 s.",
        "18 pushed, 1 refused.",
        "The rate budget is used up: waiting 2 s.",
        "The postcode is missing.",
    )
    levels = ("debug", "info", "warning", "error")
    began = datetime(2026, 11, 25, 14, 20, tzinfo=UTC)
    return [
        {
            "at": began + timedelta(seconds=n),
            "level": levels[n % 4],
            "reference": "#1005" if n % 4 == 3 else "",
            "message": words[n % 4],
        }
        for n in range(start, start + count)
    ]
