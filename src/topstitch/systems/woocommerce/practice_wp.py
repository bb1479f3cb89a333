"""The WordPress side of the practice shop: errors, lists with their parameters, dates, meta data, batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from topstitch.sdk.practice import Reply, Request, Store, json_reply

Doc = dict[str, Any]
SITE = {"version": "10.6.2", "offset_hours": 2, "ignores_modified": False, "searches_numbers": False}
_DATES = ("after", "before", "modified_after", "modified_before")
_COLUMNS = {
    "after": "date_created",
    "before": "date_created",
    "modified_after": "date_modified",
    "modified_before": "date_modified",
}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


class Refusal(Exception):
    """An error answer of the shop."""

    def __init__(self, code: str, message: str, status: int = 400, data: Any = None) -> None:
        super().__init__(message)
        self.body: Doc = {"code": code, "message": message, "data": {"status": status, **(data or {})}}
        self.status = status

    @property
    def reply(self) -> Reply:
        """As the answer to a request of its own."""
        return json_reply(self.body, self.status)


def invalid(field: str, message: str, code: str = "rest_invalid_type") -> Refusal:
    """A parameter that does not fit the schema."""
    details = {field: {"code": code, "message": message, "data": {"param": field}}}
    data = {"params": {field: message}, "details": details}
    return Refusal("rest_invalid_param", f"Invalid parameter(s): {field}", 400, data)


def guarded(handler: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """A handler that may raise Refusal; what it wrote before is undone."""

    def answer(request: Request) -> Reply:
        try:
            with request.store.transaction():
                return handler(request)
        except Refusal as refusal:
            return refusal.reply

    return answer


def site(store: Store) -> Doc:
    """How this shop is set up: its version, its zone, whether it is too old to filter by change."""
    return {**SITE, **(store.get("_shop", "site") or {})}


def is_old(store: Store) -> bool:
    """Whether it is the 7.9 shop, which lacks the newer lists."""
    return str(site(store)["version"]).startswith("7.")


def body_of(request: Request) -> Doc:
    """The JSON body."""
    try:
        body = request.json()
    except ValueError:
        raise Refusal("rest_invalid_json", "Invalid JSON body passed.") from None
    if not isinstance(body, dict):
        raise Refusal("rest_invalid_json", "Invalid JSON body passed.")
    return body


def stamps(store: Store, doc: Doc, *names: str, at: datetime | None = None) -> Doc:
    """Set date fields to now, in site time and UTC."""
    moment = (at or datetime.now(UTC)).replace(microsecond=0, tzinfo=None)
    for name in names:
        doc[f"{name}_gmt"] = moment.isoformat()
        doc[name] = (moment + timedelta(hours=site(store)["offset_hours"])).isoformat()
    return doc


# -- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rules:
    """What a list route knows; every other parameter is ignored in silence."""

    orderby: Sequence[str] = ("date", "id", "include", "title", "slug", "modified")
    dated: bool = True
    default_order: tuple[str, str] = ("date", "desc")


def listed(request: Request, docs: Sequence[Doc], rules: Rules = Rules()) -> Reply:
    """One page of documents that the route's own filters have passed already."""
    params = request.params
    size, number = _integer(params, "per_page", 10, 100), _integer(params, "page", 1, None)
    orderby = _choice(params, "orderby", rules.default_order[0], rules.orderby)
    order = _choice(params, "order", rules.default_order[1], ("asc", "desc"))
    kept = [doc for doc in docs if _included(doc, params)]
    if rules.dated:
        kept = _in_window(request.store, kept, params)
    kept.sort(key=lambda doc: _rank(doc, orderby), reverse=order == "desc")
    pages = -(-len(kept) // size)
    shown = kept[(number - 1) * size : number * size]
    headers = {"X-WP-Total": str(len(kept)), "X-WP-TotalPages": str(pages)}
    if number < pages:
        # As the real one does, with the old signature still in it.
        address = request.url.split("?")[0]
        headers["Link"] = f'<{address}?{urlencode({**params, "page": number + 1})}>; rel="next"'
    return json_reply([narrowed(doc, params) for doc in shown], 200, headers)


def narrowed(doc: Doc, params: Mapping[str, str]) -> Doc:
    """Only the fields asked for with WordPress's `_fields`."""
    names = params.get("_fields")
    return {name: doc[name] for name in names.split(",") if name in doc} if names else doc


def _rank(doc: Doc, orderby: str) -> tuple[Any, int]:
    column = {"date": "date_created_gmt", "modified": "date_modified_gmt", "registered_date": "date_created_gmt"}
    return (doc.get(column[orderby]) or "", doc["id"]) if orderby in column else (0, doc["id"])


def _integer(params: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = params.get(name, str(default))
    if not text.lstrip("-").isdigit():
        raise invalid(name, f"{name} is not of type integer.")
    if int(text) < 1 or (most and int(text) > most):
        words = f"{name} must be between 1 (inclusive) and {most} (inclusive)" if most else f"{name} must be at least 1"
        raise invalid(name, words, "rest_out_of_bounds")
    return int(text)


def _choice(params: Mapping[str, str], name: str, default: str, choices: Sequence[str]) -> str:
    word = params.get(name, default)
    if word not in choices:
        raise invalid(name, f"{name} is not one of {', '.join(choices)}.", "rest_not_in_enum")
    return word


def _included(doc: Doc, params: Mapping[str, str]) -> bool:
    wanted = [part.strip() for part in params.get("include", "").split(",") if part.strip()]
    if any(not part.isdigit() for part in wanted):
        raise invalid("include", "include[0] is not of type integer.")
    return not wanted or str(doc["id"]) in wanted


def _in_window(store: Store, docs: Sequence[Doc], params: Mapping[str, str]) -> list[Doc]:
    """Dates are compared as wall clocks: a bound with an offset is turned into site time first, whatever the column.

    So `Z` together with `dates_are_gmt` moves the bound by the offset of the site.
    """
    kept = list(docs)
    suffix = "_gmt" if params.get("dates_are_gmt") == "true" else ""
    for name in _DATES:
        if name not in params or (name.startswith("modified") and site(store)["ignores_modified"]):
            continue
        if not _DATE_TIME.fullmatch(params[name]):
            raise invalid(name, "Invalid date.", "rest_invalid_date")
        bound, column = _wall(store, params[name]), _COLUMNS[name] + suffix
        later = name.endswith("after")
        kept = [doc for doc in kept if _beyond(doc.get(column), bound, later)]
    return kept


def _wall(store: Store, text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=site(store)["offset_hours"])
    return moment.replace(microsecond=0).isoformat()


def _beyond(value: str | None, bound: str, later: bool) -> bool:
    return bool(value) and (str(value) > bound if later else str(value) < bound)


def words(text: str) -> list[str]:
    """A comma list."""
    return [part.strip() for part in text.split(",") if part.strip()]


# -- what documents have in common ----------------------------------------------------------------------------------


def cleaned(value: object) -> str:
    """A line of text as WordPress stores it."""
    return re.sub(r"[\r\n\t ]+", " ", str(value)).strip()


def merge_meta(store: Store, doc: Doc, given: Sequence[Mapping[str, Any]]) -> None:
    """Entries of a key that is there already are updated, or go where there is no value any more."""
    entries = doc.setdefault("meta_data", [])
    for item in given:
        same = next((entry for entry in entries if entry["key"] == item.get("key")), None)
        if item.get("value") is None:
            entries[:] = [entry for entry in entries if entry is not same]
        elif same:
            same["value"] = _stored(item["value"])
        else:
            entries.append({"id": store.next_id("meta", 13_000), "key": item["key"], "value": _stored(item["value"])})


def _stored(value: object) -> object:
    """The table of meta data holds text; only lists and objects come back as what they were."""
    if isinstance(value, bool):
        return "1" if value else ""
    return value if isinstance(value, list | dict) else str(value)


Change = Callable[[Doc], Doc]


def batch(request: Request, create: Change, update: Change) -> Reply:
    """Many changes at once. Items are not checked against the schema, and a failed one is told in its place."""
    body = body_of(request)
    parts = {name: body.get(name) or [] for name in ("create", "update", "delete")}
    if sum(map(len, parts.values())) > 100:
        message = "Unable to accept more than 100 items for this request."
        raise Refusal("woocommerce_rest_request_entity_too_large", message, 413)
    answer = {"create": [_tried(request, create, item) for item in parts["create"]]}
    answer["update"] = [_tried(request, update, item) for item in parts["update"]]
    return json_reply({name: items for name, items in answer.items() if items})


def _tried(request: Request, change: Change, item: Doc) -> Doc:
    try:
        return change(item)
    except Refusal as refusal:
        return {"id": item.get("id", 0), "error": refusal.body}
