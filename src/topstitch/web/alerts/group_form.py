"""The form of a notification group: who is in it, and its channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from topstitch.alerts.actions.groups import ChannelDraft, GroupDraft
from topstitch.alerts.models import Channel, ChannelKind, NotificationGroup
from topstitch.alerts.queries.recipients import people_to_tell
from topstitch.alerts.telling.channels import new_secret
from topstitch.errors import ConfigError
from topstitch.web.alerts.forms import AddressesField
from topstitch.web.components.trouble import wrong
from topstitch.web.components.widgets import Choices, Secret
from topstitch.web.components.words import sentence

KINDS = [("", "None"), *ChannelKind.choices]


class GroupForm(forms.Form):
    """A group as it is, or an empty one. Of a channel only what is new is filled in: its address never comes back."""

    name = forms.CharField(max_length=200)
    people = forms.MultipleChoiceField(
        required=False, widget=Choices, help_text="Who leaves the company is told no more."
    )
    addresses = AddressesField(label="Other e-mail addresses", help_text="One a line.")
    new_kind = forms.ChoiceField(label="Add a channel", choices=KINDS, required=False)
    new_name = forms.CharField(label="Its name", max_length=200, required=False)
    new_url = forms.CharField(
        label="Its address",
        max_length=2000,
        required=False,
        widget=Secret,
        help_text="Begins with https://. It is kept encrypted and never shown again.",
    )

    def __init__(self, company_id: int, group: NotificationGroup | None, data: Any = None) -> None:
        self.channels = list(group.channels.order_by("name")) if group else []
        super().__init__(data, initial=_initial(group))
        #: Signing secrets that saving makes, to be shown once: channel and secret.
        self.secrets: list[tuple[str, str]] = []
        for name in ("new_name", "new_url"):
            self.fields[name].when = {"new_kind": ChannelKind.values}  # type: ignore[attr-defined]  # read by components.fields
        people: Any = self.fields["people"]
        known = people_to_tell(company_id)
        gone = [email for email in self.initial.get("people", ()) if email not in dict(known)]
        people.choices = [*known, *((email, f"{email}, who has left") for email in gone)]
        for channel in self.channels:
            self.fields |= _channel_fields(channel)

    @property
    def channel_rows(self) -> Iterator[tuple[Channel, list[forms.BoundField]]]:
        """The channels that there are, each with its fields."""
        for channel in self.channels:
            yield channel, [self[name] for name in _channel_fields(channel)]

    def clean(self) -> dict[str, Any]:
        """A new channel needs a name and an address."""
        values = super().clean() or {}
        if values.get("new_kind"):
            for name, words in (("new_name", "Give the channel a name."), ("new_url", "Enter the address.")):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return values

    def draft(self) -> GroupDraft:
        """The group as filled in. Only after `is_valid`."""
        values = self.cleaned_data
        drafts = [self._kept(channel) for channel in self.channels if not values[f"channel_{channel.pk}_remove"]]
        if kind := values["new_kind"]:
            drafts.append(
                ChannelDraft(values["new_name"], kind, values["new_url"], self._secret(values["new_name"], kind))
            )
        return GroupDraft(values["people"], values["addresses"], drafts)

    def _kept(self, channel: Channel) -> ChannelDraft:
        values = self.cleaned_data
        turned = values.get(f"channel_{channel.pk}_secret")
        secret = self._secret(channel.name, channel.kind) if turned else None
        return ChannelDraft(channel.name, channel.kind, values[f"channel_{channel.pk}_url"] or None, secret)

    def _secret(self, name: str, kind: str) -> str | None:
        if kind != ChannelKind.WEBHOOK:
            return None
        secret = new_secret()
        self.secrets.append((name, secret))
        return secret

    def refuse(self, error: ConfigError) -> None:
        """What saving said against it: beside the address of the channel that it names, if it names one."""
        fields = {channel.name: f"channel_{channel.pk}_url" for channel in self.channels}
        fields[self.cleaned_data["new_name"]] = "new_url"
        _, separator, named = error.place.partition(", channel ")
        # The message begins with the place, which stands beside it here.
        words = sentence(error.message.removeprefix(f"{error.place}: "))
        self.add_error(fields.get(named) if separator else None, wrong(words, error.hint))


def _initial(group: NotificationGroup | None) -> dict[str, Any]:
    if group is None:
        return {}
    people = sorted(group.people.values_list("email", flat=True))
    return {"name": group.name, "people": people, "addresses": list(group.addresses)}


def _channel_fields(channel: Channel) -> dict[str, forms.Field]:
    begin = f"channel_{channel.pk}"
    fields: dict[str, forms.Field] = {
        f"{begin}_url": forms.CharField(
            label="Another address", max_length=2000, required=False, widget=Secret(kept=True)
        )
    }
    if channel.kind == ChannelKind.WEBHOOK:
        fields[f"{begin}_secret"] = forms.BooleanField(label="Make a new signing secret", required=False)
    return fields | {f"{begin}_remove": forms.BooleanField(label="Remove this channel", required=False)}
