"""What FTP servers write in listings: MLSD facts (RFC 3659), and the free-form lines of LIST."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from topstitch.net.files import RemoteFile

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNIX = re.compile(
    r"(?P<mode>[-dlbcps][-rwxsStT]{9})[+@.]?\s+\d+\s+\S+\s+(?:\S+\s+)?(?P<size>\d+)\s+"
    r"(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<when>\d{1,2}:\d\d|\d{4})\s(?P<name>.+)"
)
_DOS = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d{4}|\d\d)\s+(?P<hour>\d\d):(?P<minute>\d\d)(?P<half>[AP]M)?\s+"
    r"(?:(?P<folder><DIR>)|(?P<size>[\d,.]+))\s+(?P<name>.+)",
    re.IGNORECASE,
)


#: What a symbolic link is called, among the types that RFC 3659 leaves to the operating system.
_LINKS = ("os.unix=slink", "os.unix=symlink")


def from_mlsd(line: str, folder: str, zone: tzinfo = UTC) -> RemoteFile | None:
    """One line of MLSD or MLST: `type=file;size=12;modify=20240501103000; name`. None for `.`, `..` and what is no file.

    `zone` is that of the server's times.
    """
    facts_text, _, name = line.strip("\r\n").lstrip().partition(" ")
    facts = dict(fact.lower().split("=", 1) for fact in facts_text.split(";") if "=" in fact)
    kind = facts.get("type", "file")
    link = kind.startswith(_LINKS)
    if not (link or kind in ("file", "dir")) or name in ("", ".", ".."):
        return None
    size = facts.get("size", facts.get("sizd", "0"))
    changed = stamp(facts.get("modify", ""), zone)
    return RemoteFile(joined(folder, name), int(size) if size.isdigit() else 0, changed, kind == "dir", link)


def from_list(line: str, folder: str, now: datetime, zone: tzinfo = UTC) -> RemoteFile | None:
    """One line of LIST, as Unix or DOS servers write it; None for anything else. `zone` is that of its times."""
    text = line.rstrip("\r\n")
    if found := _UNIX.fullmatch(text):
        name, kind = found["name"], found["mode"][0]
        if kind == "l":
            name = name.partition(" -> ")[0]
        if name in (".", "..") or kind not in "-dl" or found["month"].lower() not in _MONTHS:
            return None
        changed = _unix_time(found, now, zone)
        return RemoteFile(joined(folder, name), int(found["size"]), changed, kind == "d", kind == "l")
    if found := _DOS.fullmatch(text):
        size = re.sub(r"[,.]", "", found["size"] or "0")
        return RemoteFile(joined(folder, found["name"]), int(size), _dos_time(found, zone), bool(found["folder"]))
    return None


def stamp(text: str, zone: tzinfo = UTC) -> int:
    """`20240501103000` or with fractions as Unix seconds; 0 when it is no time. It is UTC, or what the server takes for it."""
    try:
        return int(datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=zone).timestamp())
    except ValueError:
        return 0


def joined(folder: str, name: str) -> str:
    """`name` inside `folder`."""
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"


def _unix_time(found: re.Match[str], now: datetime, zone: tzinfo) -> int:
    month, day, when = _MONTHS.index(found["month"].lower()) + 1, int(found["day"]), found["when"]
    try:
        if ":" not in when:
            return int(datetime(int(when), month, day, tzinfo=zone).timestamp())
        hour, minute = map(int, when.split(":"))
        guess = datetime(now.year, month, day, hour, minute, tzinfo=zone)
        # A line without a year is of the last half year; a day's grace for servers that are not on UTC.
        if guess > now + timedelta(days=1):
            guess = guess.replace(year=now.year - 1)
        return int(guess.timestamp())
    except ValueError:
        return 0


def _dos_time(found: re.Match[str], zone: tzinfo) -> int:
    year, hour = int(found["year"]), int(found["hour"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
    try:
        moment = datetime(year, int(found["month"]), int(found["day"]), hour, int(found["minute"]), tzinfo=zone)
        return int(moment.timestamp())
    except ValueError:
        return 0
