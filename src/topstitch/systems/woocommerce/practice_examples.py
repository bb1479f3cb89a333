"""Records that the practice shop takes, and records that it refuses, for those who try out writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Records = Mapping[str, Sequence[Mapping[str, Any]]]

#: Seeded orders 738 (three lines), 739 (one) and 744 (three) are paid and wait to be sent.
GOOD_RECORDS: Records = {
    "refunds": [
        {
            "order_id": "744",
            "reason": "Too small",
            "line_items": [
                {"sku": "SKU-13", "refund_quantity": 1, "refund_total": "40.50", "refund_tax_total": "8.10"},
                {"sku": "SKU-12", "refund_quantity": 1, "refund_total": "37.99", "refund_tax_total": "7.60"},
            ],
        },
        {"order_id": "#739", "amount": "5.00", "reason": "Late delivery"},
        {"order_id": 738, "amount": 2.5, "meta_data": [{"key": "_settled_by", "value": "bank transfer"}]},
    ],
    "fulfilments": [
        {
            "order_id": "738",
            "tracking_number": "JD0002220001",
            "tracking_carrier": "Royal Mail",
            "tracking_url": "https://track.example.com/JD0002220001",
        },
        {"order_id": "739", "status": "completed", "tracking_number": "1Z999AA10123456784", "note": "It leaves us today."},
        {"order_id": "744", "tracking_number": "PP-744"},
    ],
}  # fmt: skip
BAD_RECORDS: Records = {
    "refunds": [{"order_id": "739", "amount": "9999.00"}],
    "fulfilments": [{"order_id": "999999", "tracking_number": "PP-0"}],
}
