"""Images of products that are there already: told by the names of their files, since the shop keeps copies of its own."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from topstitch.sdk import Connection
from topstitch.systems.shopify.api import Json, query
from topstitch.systems.shopify.convert import at, given

#: A product has no more media than this.
_MOST = 250
_MEDIA = (
    "query Images($id: ID!, $first: Int!) { product(id: $id) { media(first: $first) { nodes { "
    "__typename id status ... on MediaImage { image { url } } } } } }"
)
#: What the shop adds to the name of a file when it has another of that name.
_SUFFIX = re.compile(r"_[0-9a-f]{8}(_[0-9a-f]{4}){3}_[0-9a-f]{12}$")
Image = tuple[str, str | None]


class Images:
    """The media of one product, and which images it lacks."""

    def __init__(self, conn: Connection, product: str) -> None:
        found = query(conn, _MEDIA, {"id": product, "first": _MOST}).get("product") or {}
        media = [each for each in (found.get("media") or {}).get("nodes", []) if each["status"] != "FAILED"]
        self._others = [each["id"] for each in media if each["__typename"] != "MediaImage"]
        images = [each for each in media if each["__typename"] == "MediaImage"]
        self._there = [(each["id"], _name(str(url))) for each in images if (url := at(each, "image.url"))]
        #: Whether the shop is still busy with an image, whose name it does not tell until then.
        self.busy = len(self._there) < len(images)

    def matched(self, images: list[Image]) -> list[tuple[Image, str]]:
        """Each image with the id it has on the product; "" for one that it lacks."""
        left = list(self._there)
        found = []
        for image in images:
            name = _name(image[0])
            same = next((each for each in left if name in (each[1], _SUFFIX.sub("", each[1]))), None)
            if same:
                left.remove(same)
            found.append((image, same[0] if same else ""))
        return found

    def lacking(self, images: list[Image]) -> list[Image]:
        """The images that the product does not have."""
        return [image for image, identifier in self.matched(images) if not identifier]

    def files(self, images: list[Image]) -> list[Json]:
        """`files` of `productSet`, which takes what is not listed off the product: these images, and all that is no image."""
        wanted = [
            given(id=identifier, alt=alt) if identifier else new_file((url, alt))
            for (url, alt), identifier in self.matched(images)
        ]
        return wanted + [{"id": identifier} for identifier in self._others]


def new_file(image: Image) -> Json:
    """A `FileSetInput` for the shop to fetch."""
    return given(originalSource=image[0], alt=image[1], contentType="IMAGE")


def _name(url: str) -> str:
    """The name of a file without its ending, as far as the shop keeps it."""
    return re.sub(r"[^a-z0-9]+", "_", PurePosixPath(unquote(urlsplit(url).path)).stem.lower())
