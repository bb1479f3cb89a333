"""The toolkit for practice servers: a vendor's API as documented, on loopback, with state, seeds and faults."""

from topstitch.sdk.practice.app import Practice, Reply, Request, html_reply, json_reply, text_reply, xml_reply
from topstitch.sdk.practice.faults import Fault, Faults
from topstitch.sdk.practice.goods import GOODS, ORDERS, PEOPLE, SUPPLIER, Good, Line, Order, Person
from topstitch.sdk.practice.server import PracticeServer
from topstitch.sdk.practice.store import Store
from topstitch.sdk.practice.throttle import Throttle

__all__ = [
    "GOODS",
    "ORDERS",
    "PEOPLE",
    "SUPPLIER",
    "Fault",
    "Faults",
    "Good",
    "Line",
    "Order",
    "Person",
    "Practice",
    "PracticeServer",
    "Reply",
    "Request",
    "Store",
    "Throttle",
    "html_reply",
    "json_reply",
    "text_reply",
    "xml_reply",
]
