"""Tables, who uses them, and the forms that change them."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from topstitch.store.models import LookupPair
from topstitch.store.queries.lookups import all_pairs

CARRIERS = [("Express", "DHL"), ("Standard", "RM48")]


def using(world, table, name="Orders to warehouse", group=None):
    """A service whose mapping uses a table."""
    step = {"function": "other.map", "args": {"table": table.name}}
    spec = {
        "source": {"connector": "far", "entity": "orders"},
        "destination": {"connector": "far", "entity": "sales"},
        "mapping": [{"to": "reference", "from": ["id"], "do": [step]}],
    }
    return world.service(name, spec=spec, group=group)


def pairs(table):
    return [tuple(pair) for pair in all_pairs(table)]


def sent(rows, **more):
    """The form of the edit page: rows of key, left and right."""
    data = {"row": [key for key, *_ in rows], **more}
    for key, left, right, *ways in rows:
        data |= {f"left.{key}": left, f"right.{key}": right}
        data |= dict(zip((f"match.{key}", f"field.{key}"), ways, strict=False))
    return data


def keys(table):
    return {pair.left: str(pair.pk) for pair in LookupPair.objects.filter(table=table, until=None)}


def upload(client, table, text, how="merge", name="carriers.csv"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(f"/lookups/{table.pk}/import", {"file": file, "how": how})
