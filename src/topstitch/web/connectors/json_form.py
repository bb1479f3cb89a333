"""A connector as JSON, for advanced editors. Secrets are not in it; one that is written there replaces what is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from django import forms
from django.http import QueryDict
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from topstitch.errors import ConfigError, TopstitchError
from topstitch.redact import MASK
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.connectors import Draft
from topstitch.store.jsonb import check_storable
from topstitch.store.models import Connector
from topstitch.store.queries.connectors import is_taken
from topstitch.values.zones import find_zone
from topstitch.web.components.trouble import wrong, wrong_from
from topstitch.web.components.widgets import Code


class Document(BaseModel):
    """What may be written."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    zone: str = "UTC"
    date_format: str = Field(default="", max_length=40)
    base_url: str = Field(default="", max_length=500)
    #: Secrets that are left out stay, null takes one away.
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            find_zone(value)
        except ConfigError as error:
            raise ValueError(error.message) from error
        return value


#: A key with its colon, or a value. What is typed may not be JSON yet: quotes may be missing.
_WORD = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*"?|[^\s,:{}\[\]"]+)(?P<colon>\s*:)?')


class JsonForm(forms.Form):
    """The same interface as ConnectorForm, with one field."""

    template = "connectors/_json.html"
    document = forms.CharField(label="Connector", widget=Code({"rows": 16}), strip=False, max_length=200_000)

    def __init__(self, connector: Connector, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"document": text_of(connector)})
        self.connector, self.secrets = connector, dict[str, Any]()
        declared = CATALOGUE.get(connector.system).system.settings
        self._secret = {setting.name for setting in declared if setting.secret}
        self._plain = {*Document.model_fields, *(setting.name for setting in declared)} - self._secret

    def clean_document(self) -> Document:
        """Read, with the line that is wrong marked."""
        text = str(self.cleaned_data["document"])
        try:
            document = Document.model_validate(orjson.loads(text))
            check_storable(document.model_dump(), lambda *way: ".".join(map(str, way)))
        except orjson.JSONDecodeError as error:
            self.fields["document"].widget.error_line = error.lineno
            raise wrong(
                f"Line {error.lineno}, column {error.colno}: this is not JSON.", "Correct the line marked."
            ) from error
        except ValidationError as error:
            raise wrong(_first(error.errors())) from error
        except ConfigError as error:
            raise wrong_from(error) from error
        if masked := [name for name in sorted(self._secret) if document.settings.get(name) == MASK]:
            raise wrong(
                f"settings.{masked[0]}: {MASK} stands for what was typed and is not shown again.",
                "Type it again; leave it out, and what is kept stays.",
            )
        if is_taken(self.connector.group, document.name, but=self.connector):
            raise wrong(
                f"{self.connector.group.name} has another connector called {document.name}.", "Choose another name."
            )
        return document

    def clean(self) -> dict[str, Any]:
        """From here on it is only to be shown: without the secrets that were typed."""
        shown = without_secrets(self.data.get("document", ""), self._plain, self._secret)
        self.data = QueryDict(mutable=True)
        self.data["document"] = shown
        return self.cleaned_data

    @property
    def draft(self) -> Draft:
        """What was written. Only after it was read."""
        document: Document = self.cleaned_data["document"]
        one, more = self.connector, document.model_dump(exclude={"settings"})
        return Draft(
            group=one.group,
            system=one.system,
            environment=one.environment,
            values={name: value for name, value in document.settings.items() if value is not None},
            keeps=self._secret - document.settings.keys(),
            **more,
        )

    def refuse(self, error: TopstitchError) -> None:
        """What saving said against it."""
        self.add_error("document", wrong_from(error))


def text_of(connector: Connector) -> str:
    """A connector as it is written, without its secrets."""
    shown: Mapping[str, Any] = {
        "name": connector.name,
        "zone": connector.zone,
        "date_format": connector.date_format,
        "base_url": connector.base_url,
        "settings": connector.settings,
    }
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()


def without_secrets(text: str, plain: Collection[str], secret: Collection[str]) -> str:
    """JSON, or what is to become JSON, with every value masked but those of `plain` keys: a mistyped key may hold a secret."""
    key = ""

    def shown(word: re.Match[str]) -> str:
        nonlocal key
        before, name = key, word["text"].strip("\"'")
        if word["colon"] or name in plain or name in secret:
            key = name
            return word[0]
        key = ""
        closed = word["text"] != '"' and word["text"].startswith('"') == word["text"].endswith('"')
        if name == "null" or (before in plain and closed):
            return word[0]
        # Lines keep their numbers.
        return f'"{MASK}"' + "\n" * word["text"].count("\n")

    return _WORD.sub(shown, text)


def _first(errors: Sequence[Any]) -> str:
    place = ".".join(map(str, errors[0]["loc"])) or "the document"
    return f"{place}: {errors[0]['msg'].removeprefix('Value error, ')}"
