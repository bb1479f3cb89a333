"""The invented goods, people and orders that all practice systems share, so that records flow between any two of them.

A shop's practice server sells the goods to these people and has the orders; a warehouse's stores them and has no orders
until some are sent there; an ERP's knows them too. Seeds of a system add their own oddities on top.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Good:
    """One article. Money in pounds as text, weight in kilograms as text."""

    sku: str
    name: str
    barcode: str
    price: str
    cost: str
    weight: str
    stock: int


GOODS = (
    Good("TS-MUG-GRN", "Stoneware mug, green", "5060124500010", "12.00", "4.10", "0.380", 48),
    Good("TS-MUG-BLU", "Stoneware mug, blue", "5060124500027", "12.00", "4.10", "0.380", 31),
    Good("TS-BOWL", "Porridge bowl", "5060124500034", "14.50", "5.25", "0.520", 26),
    Good("TS-JUG-1L", "Pouring jug, 1 litre", "5060124500041", "24.00", "9.80", "0.910", 12),
    Good("TS-TOWEL", "Linen tea towel", "5060124500058", "9.95", "3.05", "0.110", 140),
    Good("TS-APRON", "Canvas apron", "5060124500065", "32.00", "11.60", "0.340", 22),
    Good("TS-BOARD", "Oak chopping board", "5060124500072", "38.50", "15.20", "1.450", 17),
    Good("TS-SPOON", "Beech spoon", "5060124500089", "4.95", "1.10", "0.045", 260),
    Good("TS-CANDLE", "Beeswax candle", "5060124500096", "7.25", "2.40", "0.160", 95),
    Good("TS-LAMP", "Desk lamp, brass", "5060124500102", "89.00", "41.00", "2.300", 6),
    Good("TS-THROW", "Wool throw", "5060124500119", "64.00", "27.50", "0.980", 14),
    Good("TS-CARD", "Letterpress card", "5060124500126", "3.50", "0.85", "0.020", 320),
)
BY_SKU = {good.sku: good for good in GOODS}
#: Who the goods are bought from; warehouse and ERP know the name.
SUPPLIER = "Hearth & Kiln Ltd"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and where they live. `region` as a code where the country has them, `country` in two letters."""

    first_name: str
    last_name: str
    email: str
    phone: str
    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str
    company: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


PEOPLE = (
    Person("Nora", "Whitfield", "nora.whitfield@example.com", "+441154960123", "14 Lace Street", "Flat 3", "Nottingham",
           "", "NG1 1PF", "GB"),
    Person("Jonas", "Grünwald", "jonas.gruenwald@example.com", "+493055501234", "Kastanienallee 82", "", "Berlin",
           "", "10435", "DE"),
    Person("Amélie", "Rousseau", "amelie.rousseau@example.com", "+33155501234", "5 rue d'Alésia", "Bât. B", "Paris",
           "", "75014", "FR"),
    Person("Calvin", "Brooks", "calvin.brooks@example.com", "+12125550123", "410 W 24th St", "Apt 9C", "New York",
           "NY", "10011", "US"),
    Person("Isla", "MacRae", "isla.macrae@example.com", "+441314960456", "2 Bruntsfield Gardens", "", "Edinburgh",
           "", "EH10 4DY", "GB", "MacRae Interiors"),
    Person("Lena", "Hoffmann", "lena.hoffmann@example.com", "+498955505678", "Schellingstraße 19", "", "München",
           "", "80799", "DE"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """Some of one article. `discount` is what is taken off the whole line, in pounds as text."""

    sku: str
    quantity: int
    discount: str = "0.00"

    @property
    def good(self) -> Good:
        """What is sold."""
        return BY_SKU[self.sku]


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a shop, in pounds. `placed` is UTC; a shop gives it a number in its own style."""

    buyer: Person
    lines: tuple[Line, ...]
    placed: str
    shipping: str = "4.95"
    note: str = ""
    #: Where it goes, when not to the buyer.
    to: Person | None = None

    @property
    def recipient(self) -> Person:
        """Who gets the parcel."""
        return self.to or self.buyer


ORDERS = (
    Order(PEOPLE[0], (Line("TS-MUG-GRN", 2), Line("TS-TOWEL", 1)), "2026-09-14T08:05:30Z"),
    Order(PEOPLE[1], (Line("TS-LAMP", 1),), "2026-09-14T22:40:00Z", "9.50"),
    Order(PEOPLE[2], (Line("TS-BOWL", 3, "4.35"), Line("TS-SPOON", 3), Line("TS-CANDLE", 1)), "2026-09-15T11:20:10Z", "9.50"),
    Order(PEOPLE[3], (Line("TS-APRON", 1), Line("TS-BOARD", 1)), "2026-09-16T23:59:59Z", "14.00"),
    Order(PEOPLE[4], (Line("TS-CARD", 25, "8.75"),), "2026-09-17T09:00:00Z", "0.00"),
    Order(PEOPLE[0], (Line("TS-THROW", 1),), "2026-09-18T17:31:00Z", note="Please gift wrap.\nIt is a birthday present.",
          to=PEOPLE[5]),
    Order(PEOPLE[5], (Line("TS-JUG-1L", 1), Line("TS-MUG-BLU", 4)), "2026-09-19T06:15:45Z", "9.50"),
    Order(PEOPLE[1], (Line("TS-CANDLE", 6, "2.18"),), "2026-10-25T00:30:00Z", "9.50"),
)  # fmt: skip
