"""The form of the first step."""

from __future__ import annotations

ADD = "/services/add"


def chosen(shop, warehouse, **more):
    return {"source": shop.pk, "destination": warehouse.pk, **more}


def sent(client, shop, warehouse, **more):
    data = chosen(shop, warehouse, pair="orders:orders", type="standard", name="Orders out", **more)
    return client.post(ADD, data)
