"""The part `alerts` of configuration files: notification groups, rules, and the days on which credentials end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from topstitch.alerts.actions.expiry import set_expiry
from topstitch.alerts.actions.groups import (
    ChannelDraft,
    GroupDraft,
    check_address,
    checked_addresses,
    people_of,
    save_group,
    shown_group,
)
from topstitch.alerts.actions.rules import WHOM, RuleDraft, check_draft, save_rule, shown_rule
from topstitch.alerts.models import AlertRule, Channel, ChannelKind, ConnectorWatch, NotificationGroup
from topstitch.alerts.telling.channels import channel_secrets, secret_bytes
from topstitch.errors import ConfigError
from topstitch.store.files.export import variable
from topstitch.store.files.plan import Change, Plan, differing
from topstitch.store.files.read import Loaded, placed
from topstitch.store.files.secrets import Hidden, resolved
from topstitch.store.models import CompanyGroup, Connector, Service

if TYPE_CHECKING:
    from topstitch.accounts.models import User

GROUP, RULE, EXPIRY = "notification group", "alerts", "credentials"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelFile(_Model):
    """A channel. `url` and `secret` may be `{env: NAME}` or `{file: path}`."""

    kind: ChannelKind
    url: str | dict[str, str]
    secret: str | dict[str, str] | None = None


class GroupFile(_Model):
    """A notification group."""

    people: list[str] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    channels: dict[str, ChannelFile] = Field(default_factory=dict)


class RuleFile(_Model):
    """Alerts of a service, or the company's default. A number that is null is not told."""

    on: bool = True
    groups: list[str] = Field(default_factory=list)
    people: list[str] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    frequency: str = "immediate"
    hour: int = 8
    zone: str = "UTC"
    failures: int | None = 1
    run_failed: bool = True
    no_success_hours: int | None = 24
    not_run: bool = True
    empty_runs: int | None = None
    connector: bool = True
    credentials: bool = True


class AlertsFile(_Model):
    """The whole part."""

    groups: dict[str, GroupFile] = Field(default_factory=dict)
    default: RuleFile | None = None
    services: dict[str, RuleFile] = Field(default_factory=dict)
    #: Connector to the last day on which its credentials hold.
    credentials: dict[str, date] = Field(default_factory=dict)


def plan(files: Sequence[Loaded], group: CompanyGroup, so_far: Plan) -> Iterator[Change]:
    """The changes of all files. Raises ConfigError with file and line."""
    read = [(loaded, _read(loaded)) for loaded in files if loaded.content.alerts]
    _refuse_repeats(read)
    for loaded, content in read:
        for name, wanted in content.groups.items():
            yield _group_change(loaded, name, wanted, group)
    groups = set(NotificationGroup.objects.filter(company=group.company).values_list("name", flat=True))
    groups |= {name for _, content in read for name in content.groups}
    for loaded, content in read:
        if content.default:
            yield _rule_change(loaded, None, content.default, group, groups)
        for name, rule in content.services.items():
            _known("service", name, Service.objects.filter(group=group), so_far, loaded.place(*_AT, "services", name))
            yield _rule_change(loaded, name, rule, group, groups)
        for name, day in content.credentials.items():
            place = loaded.place(*_AT, "credentials", name)
            _known("connector", name, Connector.objects.filter(group=group), so_far, place)
            yield _expiry_change(name, day, place, group)


_AT = ("alerts",)


def _read(loaded: Loaded) -> AlertsFile:
    try:
        return AlertsFile.model_validate(loaded.content.alerts)
    except ValidationError as error:
        raise placed(error, loaded, *_AT) from error


def _refuse_repeats(read: Sequence[tuple[Loaded, AlertsFile]]) -> None:
    """Raise ConfigError when two files say the same thing."""
    seen: dict[tuple[str, ...], str] = {}
    for loaded, content in read:
        keys = [(part, name) for part in ("groups", "services", "credentials") for name in getattr(content, part)]
        for key in [*keys, *([("default",)] if content.default else [])]:
            place = loaded.place(*_AT, *key)
            if key in seen:
                raise ConfigError(f"alerts {' '.join(key)} stand at {seen[key]} already", place=place)
            seen[key] = place


@contextmanager
def _placed_at(place: str) -> Iterator[None]:
    """The errors of actions name what they are about; in a file that is a line."""
    try:
        yield
    except ConfigError as error:
        message = error.message.removeprefix(f"{error.place}: ")
        raise ConfigError(message, place=place, key=error.key, hint=error.hint) from error


def _known(what: str, name: str, there: Any, so_far: Plan, place: str) -> None:
    if there.filter(name=name).exists() or any(c.kind == what and c.name == name for c in so_far.changes):
        return
    known = ", ".join(there.values_list("name", flat=True)) or "none yet"
    raise ConfigError(f"there is no {what} {name!r}; there are {known}", place=place)


def _group_change(loaded: Loaded, name: str, wanted: GroupFile, group: CompanyGroup) -> Change:
    place = loaded.place(*_AT, "groups", name)
    draft = _draft(loaded, name, wanted, place)
    with _placed_at(place):
        people = sorted(person.email for person in people_of(group.company, draft.people, name))
        addresses = checked_addresses(draft.addresses, name)
        for channel in draft.channels:
            check_address(channel.url or "", name)
            if channel.secret is not None:
                secret_bytes(channel.secret)
    existing = NotificationGroup.objects.filter(company=group.company, name=name).first()
    if existing is None:
        return Change("create", GROUP, name, place, (), draft)
    before = {**shown_group(existing), "channels": {c.name: _comparable(c) for c in existing.channels.all()}}
    after = {"people": people, "addresses": addresses, "channels": _wanted(draft, before["channels"])}
    return _change(GROUP, name, place, before, after, draft)


def _draft(loaded: Loaded, name: str, wanted: GroupFile, place: str) -> GroupDraft:
    channels = []
    for called, channel in wanted.channels.items():
        given = {key: value for key in ("url", "secret") if (value := getattr(channel, key)) is not None}
        secrets = resolved(given, loaded.path.parent, place)
        channels.append(ChannelDraft(called, channel.kind.value, secrets["url"], secrets.get("secret")))
    return GroupDraft(wanted.people, wanted.addresses, channels)


def _comparable(channel: Channel) -> dict[str, object]:
    return {"kind": channel.kind, **{key: Hidden(value) for key, value in _readable(channel).items()}}


def _readable(channel: Channel) -> Mapping[str, Any]:
    """Secrets under a lost key count as changed: applying the file is how they are entered again."""
    try:
        return channel_secrets(channel)
    except ConfigError:
        return {}


def _wanted(draft: GroupDraft, before: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """Channels as the draft leaves them: a secret that it does not name stays."""
    wanted: dict[str, dict[str, object]] = {}
    for channel in draft.channels:
        wanted[channel.name] = {"kind": channel.kind, "url": Hidden(channel.url)}
        if channel.kind == ChannelKind.WEBHOOK:
            kept = before.get(channel.name, {}).get("secret")
            wanted[channel.name]["secret"] = Hidden(channel.secret) if channel.secret else kept
    return wanted


def _rule_change(
    loaded: Loaded, service: str | None, wanted: RuleFile, group: CompanyGroup, groups: set[str]
) -> Change:
    place = loaded.place(*_AT, "default") if service is None else loaded.place(*_AT, "services", service)
    with _placed_at(place):
        draft = RuleDraft(**wanted.model_dump())
        check_draft(draft, service or "default")
        people_of(group.company, draft.people, service or "default")
        draft = RuleDraft(**{**wanted.model_dump(), "addresses": checked_addresses(draft.addresses, "")})
        for name in draft.groups:
            if name not in groups:
                known = ", ".join(sorted(groups)) or "none yet"
                raise ConfigError(f"there is no notification group {name!r}; there are {known}", place=place)
    existing = _existing_rule(service, group)
    name = "default" if service is None else service
    after = {**wanted.model_dump(), **{part: sorted(getattr(draft, part)) for part in WHOM}}
    before = shown_rule(existing) if existing else None
    if before:
        before["addresses"] = sorted(before["addresses"])
    return _change(RULE, name, place, before, after, (service, draft))


def _existing_rule(service: str | None, group: CompanyGroup) -> AlertRule | None:
    if service is None:
        return AlertRule.objects.filter(company=group.company, service=None).first()
    return AlertRule.objects.filter(service__group=group, service__name=service).first()


def _expiry_change(name: str, day: date, place: str, group: CompanyGroup) -> Change:
    watch = ConnectorWatch.objects.filter(connector__group=group, connector__name=name).first()
    before = {"until": watch.expires_on.isoformat()} if watch and watch.expires_on else None
    return _change(EXPIRY, name, place, before, {"until": day.isoformat()}, day)


def _change(kind: str, name: str, place: str, before: Any, after: Any, wanted: Any) -> Change:
    if before is None:
        return Change("create", kind, name, place, (), wanted)
    differences = list(differing(before, after))
    return Change("update" if differences else "nothing", kind, name, place, differences, wanted)


def apply(change: Change, group: CompanyGroup, person: User | None) -> None:
    """Make one change."""
    if change.kind == GROUP:
        save_group(group.company, change.name, change.wanted, person=person)
    elif change.kind == EXPIRY:
        set_expiry(Connector.objects.get(group=group, name=change.name), change.wanted, person=person)
    else:
        service, draft = change.wanted
        owner = group.company if service is None else Service.objects.get(group=group, name=service)
        save_rule(owner, draft, person=person)


def export(group: CompanyGroup) -> dict[str, Any]:
    """A company's groups and default, and the rules and days of a group's services and connectors."""
    found = NotificationGroup.objects.filter(company=group.company).order_by("name")
    rules = AlertRule.objects.filter(service__group=group).select_related("service").order_by("service__name")
    default = _existing_rule(None, group)
    dated = ConnectorWatch.objects.filter(connector__group=group, expires_on__isnull=False).select_related("connector")
    content = {
        "groups": {each.name: _exported_group(each) for each in found},
        "default": _exported_rule(default) if default else None,
        "services": {rule.service.name: _exported_rule(rule) for rule in rules if rule.service},
        "credentials": {w.connector.name: str(w.expires_on) for w in dated.order_by("connector__name")},
    }
    return {part: value for part, value in content.items() if value or (part == "default" and default)}


def _exported_group(group: NotificationGroup) -> dict[str, Any]:
    out = {part: value for part, value in shown_group(group).items() if value}
    if "channels" in out:
        out["channels"] = {
            channel.name: _exported_channel(group, channel) for channel in group.channels.order_by("name")
        }
    return out


def _exported_channel(group: NotificationGroup, channel: Channel) -> dict[str, Any]:
    names = ["url", "secret"] if channel.kind == ChannelKind.WEBHOOK else ["url"]
    references = {name: {"env": variable(f"{group.name}_{channel.name}", name)} for name in names}
    return {"kind": channel.kind, **references}


def _exported_rule(rule: AlertRule) -> dict[str, Any]:
    usual = RuleFile().model_dump()
    return {name: value for name, value in shown_rule(rule).items() if value != usual[name]}
