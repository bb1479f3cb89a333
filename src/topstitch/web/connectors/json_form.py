"""A connector as JSON, for advanced editors. Secrets are not in it; one that is written there replaces what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django import forms
from django.http import QueryDict
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from topstitch.errors import ConfigError, TopstitchError
from topstitch.store.actions.connectors import Draft, draft_of
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
    allow_private: bool = False
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


class JsonForm(forms.Form):
    """The same interface as ConnectorForm, with one field."""

    template = "connectors/_json.html"
    document = forms.CharField(label="Connector", widget=Code({"rows": 16}), strip=False, max_length=200_000)

    def __init__(self, connector: Connector, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"document": text_of(connector)})
        self.connector, self.secrets = connector, dict[str, Any]()

    def clean_document(self) -> Document:
        """Read, with the line that is wrong marked."""
        text = str(self.cleaned_data["document"])
        try:
            document = Document.model_validate(orjson.loads(text))
        except orjson.JSONDecodeError as error:
            self.fields["document"].widget.error_line = error.lineno
            raise wrong(
                f"Line {error.lineno}, column {error.colno}: this is not JSON.", "Correct the line marked."
            ) from error
        except ValidationError as error:
            raise wrong(_first(error.errors())) from error
        if is_taken(self.connector.group, document.name, but=self.connector):
            raise wrong(
                f"{self.connector.group.name} has another connector called {document.name}.", "Choose another name."
            )
        return document

    @property
    def draft(self) -> Draft:
        """What was written, with the secrets that stay. Only after `is_valid`."""
        document: Document = self.cleaned_data["document"]
        before = draft_of(self.connector)
        kept = {name: value for name, value in before.values.items() if name not in self.connector.settings}
        values = {name: value for name, value in {**kept, **document.settings}.items() if value is not None}
        more = document.model_dump(exclude={"settings"})
        return Draft(group=before.group, system=before.system, environment=before.environment, values=values, **more)

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
        "allow_private": connector.allow_private,
        "settings": connector.settings,
    }
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()


def _first(errors: Sequence[Any]) -> str:
    place = ".".join(map(str, errors[0]["loc"])) or "the document"
    return f"{place}: {errors[0]['msg'].removeprefix('Value error, ')}"
