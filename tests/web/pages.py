"""Every screen there is, and what can be read off a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.template import RequestContext

#: What a view that has asked for it already hands to the frame.
SAME = {"engine", "place"}
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect", "line"}


def addresses(run, attempt):
    """Every screen that shows records of a company."""
    service = run.service_id
    return [
        f"/services/{service}",
        f"/services/{service}/canvas",
        f"/runs/{run.pk}",
        f"/runs/{run.pk}/payloads/pulled/1.json",
        f"/reports/{attempt.pk}",
        f"/reports/{attempt.pk}/mapped.json",
        f"/reports/{attempt.pk}/pulled.json",
    ]


COMMON = ["/", "/services/", "/reports/", "/patterns"]


class Checker(HTMLParser):
    """Raises AssertionError for tags that do not close in order, ids that come twice, and anything inline."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert not [name for name in values if name == "style" or name.startswith("on")], f"inline in {tag}: {values}"
        assert tag != "style", "a style element"
        assert tag != "script" or values.get("src"), "a script without an address"
        if values.get("id"):
            assert values["id"] not in self.ids, f"id {values['id']} comes twice"
            self.ids.add(values["id"])
        self.loads += [values[name] for name in ("src", "action") if values.get(name)]
        if tag in ("link", "a") and values.get("href"):
            (self.links if tag == "a" else self.loads).append(values["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


def checked(response, *, outward=False) -> Checker:
    """The page, once it has been found well-formed and free of anything from elsewhere; `outward`: links may lead there."""
    checker = Checker()
    checker.feed(response.content.decode())
    checker.close()
    assert checker.open == [], f"never closed: {checker.open}"
    clash = frame_names(response)
    assert not clash, f"{clash}: a view's own values stand in for those of the frame around its page"
    assert not [
        address for address in checker.loads + ([] if outward else checker.links) if re.match(r"(https?:)?//", address)
    ]
    return checker


def frame_names(response) -> set[str]:
    """What a view gave its template under a name that the frame of every page uses for something else."""
    whole = response.context[0] if isinstance(response.context, list) else response.context
    if not isinstance(whole, RequestContext) or whole.template is None:
        return set()
    at = whole._processors_index
    return set(whole.dicts[at]) & {name for own in whole.dicts[at + 1 :] for name in own} - SAME


def text_of(response) -> str:
    """What can be read, blanks collapsed."""
    body = response.content.decode()
    body = body[body.find("<main") :] if "<main" in body else body
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
