"""Questions about the folder: manifest, README, icon, files. They are asked without importing the system where possible."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from topstitch.errors import TopstitchError
from topstitch.net.xmlsafe import local, parse
from topstitch.sdk.conformance.questions import Troubles, question
from topstitch.sdk.conformance.stage import Stage

HEADINGS = (
    "What it does",
    "What you need",
    "Set up",
    "Entities",
    "Limits",
    "Known limitations",
    "Troubleshooting",
    "Removal",
)
CONFIDENCE = ("documented", "inferred")
LARGEST_ICON = 16_384
_UNFINISHED = re.compile(r"\b(TODO|FIXME|TBD|lorem ipsum)\b", re.IGNORECASE)
_POINTS_OUT = re.compile(r"url\(\s*['\"]?(?!#)|https?://(?!www\.w3\.org/)|@import|javascript:", re.IGNORECASE)
_DRAWN = {
    "svg",
    "g",
    "defs",
    "title",
    "desc",
    "rect",
    "circle",
    "ellipse",
    "line",
    "path",
    "polygon",
    "polyline",
    "text",
}
_DRAWN |= {"tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "use"}


@question("folder.python", "system.py is read and holds a SYSTEM", needs="folder")
def python(stage: Stage) -> Troubles:
    """Whatever the import raises is the answer."""
    if not stage.entry.system.entities:
        yield "system.py", "there are no entities"


@question("folder.practice", "It comes with a practice server, so that everybody can try it", needs="folder")
def practice(stage: Stage) -> Troubles:
    """Without one the questions about reading and writing cannot be asked."""
    if trouble := stage.no_practice:
        yield "practice.py", trouble


@question("folder.manifest", "The manifest is complete: words, links, hosts, API version", needs="folder")
def manifest(stage: Stage) -> Troubles:
    """The manifest by itself."""
    given = stage.entry.manifest
    if given["confidence"] not in CONFIDENCE:
        yield "confidence", f"{given['confidence']!r} is not one of {', '.join(CONFIDENCE)}"
    for name in ("protocol", "api_version"):
        if not str(given.get(name, "")).strip():
            yield name, "is missing"
    if not isinstance(given.get("sunset"), str | date):
        yield "sunset", 'is missing; it is "" where the vendor names no date'
    elif isinstance(given["sunset"], str) and given["sunset"]:
        try:
            date.fromisoformat(given["sunset"])
        except ValueError:
            yield "sunset", f"{given['sunset']!r} is no date such as 2027-04-30"
    if not given.get("allowed_hosts"):
        yield "allowed_hosts", 'is missing; it is ["*"] where the address is the user\'s own'
    links = given.get("links") or {}
    if not links:
        yield "links", "there is no link to the vendor's documents"
    for name, link in links.items():
        if urlsplit(str(link)).scheme != "https" or "TODO" in str(link):
            yield f"links.{name}", f"{link!r} is no https address"


@question("folder.entities", "The manifest's entities and directions are those of system.py", needs="folder")
def entities(stage: Stage) -> Troubles:
    """The manifest beside the Python."""
    told = stage.entry.manifest.get("entities", {})
    there = {entity.name: entity for entity in stage.entry.system.entities}
    for name in sorted(set(told) | set(there)):
        if name not in told:
            yield name, "is in system.py and not in the manifest"
        elif name not in there:
            yield name, "is in the manifest and not in system.py"
        else:
            for direction in ("read", "write"):
                said, does = bool(told[name].get(direction)), getattr(there[name], direction) is not None
                if said != does:
                    yield name, f"the manifest says {direction} = {str(said).lower()}, system.py does otherwise"
            if told[name].get("confidence") not in CONFIDENCE:
                yield name, f"its confidence is not one of {', '.join(CONFIDENCE)}"


@question("folder.readme", "The README has every heading, with text, and names every entity", needs="folder")
def readme(stage: Stage) -> Troubles:
    """Headings in their order; nothing left to write."""
    path = _folder(stage) / "README.md"
    if not path.exists():
        yield "README.md", "is missing"
        return
    text = path.read_text("utf-8")
    parts = re.split(r"^## +(.+?)\s*$", text, flags=re.MULTILINE)
    bodies = dict(zip(parts[1::2], parts[2::2], strict=True))
    for heading in HEADINGS:
        body = bodies.get(heading)
        if body is None:
            yield "README.md", f"the heading {heading!r} is missing"
        elif not body.strip():
            yield "README.md", f"there is nothing under {heading!r}"
        elif found := _UNFINISHED.search(body):
            yield "README.md", f"{heading!r} is not written yet ({found[0]})"
    if [h for h in bodies if h in HEADINGS] != [h for h in HEADINGS if h in bodies]:
        yield "README.md", f"the headings are not in this order: {', '.join(HEADINGS)}"
    about = bodies.get("Entities", "").lower()
    for name in stage.entry.manifest.get("entities", {}):
        if name.lower() not in about and name.replace("_", " ").lower() not in about:
            yield "README.md", f"{name} is not mentioned under 'Entities'"


@question("folder.icon", "The icon is an SVG that refers to nothing outside itself", needs="folder")
def icon(stage: Stage) -> Troubles:
    """Our own neutral mark."""
    path = _folder(stage) / "icon.svg"
    if not path.exists():
        yield "icon.svg", "is missing"
        return
    data = path.read_bytes()
    if len(data) > LARGEST_ICON:
        yield "icon.svg", f"is larger than {LARGEST_ICON} bytes"
    try:
        root = parse(data)
    except TopstitchError as error:
        yield "icon.svg", error.message
        return
    yield from ((path.name, trouble) for trouble in _drawing(root))


def _drawing(root: etree._Element) -> list[str]:
    wrong = [] if local(root) == "svg" else [f"its root is {local(root)}"]
    if not root.get("viewBox") and not (root.get("width") and root.get("height")):
        wrong.append("it has no size (viewBox)")
    for element in root.iter():
        if local(element) not in _DRAWN:
            wrong.append(f"<{local(element)}> has no place in an icon")
        for name, given in element.attrib.items():
            plain, value = etree.QName(name).localname, str(given)
            if plain.startswith("on") or (plain == "href" and not value.startswith("#")):
                wrong.append(f"the attribute {plain} has no place in an icon")
            elif _POINTS_OUT.search(value):
                wrong.append(f"{plain} points outside: {value}")
    return wrong


@question("folder.files", "Every entity has its field list and samples, and there are none of others", needs="folder")
def files(stage: Stage) -> Troubles:
    """fields/<entity>.toml and samples/<entity>.json."""
    names = set(stage.entry.system.entity_names)
    for kind, ending in (("fields", ".toml"), ("samples", ".json")):
        found = {path.stem for path in (_folder(stage) / kind).glob(f"*{ending}")}
        for name in sorted(names - found):
            yield name, f"{kind}/{name}{ending} is missing"
        for name in sorted(found - names):
            yield name, f"{kind}/{name}{ending} belongs to no entity"


@question("folder.tests", "It has tests of what is peculiar to it", tier="gold", needs="folder")
def tests(stage: Stage) -> Troubles:
    """At least one file with one test."""
    paths = (_folder(stage) / "tests").glob("test_*.py")
    if not any("def test_" in path.read_text("utf-8") for path in paths):
        yield "tests", "there is no tests/test_*.py with a test"


def _folder(stage: Stage) -> Path:
    assert stage.entry.folder is not None
    return stage.entry.folder
