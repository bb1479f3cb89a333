"""What a new script may begin with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beginning:
    """Code to begin with, and a sample to try it with."""

    slug: str
    name: str
    about: str
    code: str
    sample: str


BEGINNINGS = (
    Beginning(
        "value",
        "One value",
        "In a mapping: makes one value of another.",
        """def handle(data):
    value = data["payload"]
    data["payload"] = value.strip().upper()
    return data
""",
        '"  ts-mug "',
    ),
    Beginning(
        "records",
        "The records of a page",
        "As payload script: merges, splits, drops or adds records before they are mapped.",
        """def handle(data):
    kept = []
    for record in data["payload"]:
        if record.get("status") != "cancelled":
            kept.append(record)
    data["logs"].append(f"{len(kept)} of {len(data['payload'])} records kept")
    data["payload"] = kept
    return data
""",
        '[\n  {"id": 1001, "status": "paid"},\n  {"id": 1002, "status": "cancelled"}\n]',
    ),
    Beginning(
        "functions",
        "Functions and variables",
        "Calls transform functions; services set the variables.",
        """def handle(data):
    net = data["payload"]
    rate = data["variables"]["rate"]
    data["payload"] = number_multiply(net, number=rate)
    return data
""",
        '"10.00"',
    ),
    Beginning(
        "refuse",
        "Refusing a record",
        "Fails a record with a reason, for now or for good.",
        """def handle(data):
    if not data["payload"].get("email"):
        data["response_code"] = 3
        data["message"] = "The order has no e-mail address"
    return data
""",
        '{"id": 1001, "email": ""}',
    ),
)
#: What the code of a beginning expects to be set.
VARIABLES = {"functions": [{"name": "rate", "default": "0.20", "help": "Rate of VAT"}]}


def beginning(slug: str) -> Beginning:
    """One by its short name; the first for any other."""
    return next((each for each in BEGINNINGS if each.slug == slug), BEGINNINGS[0])
