"""Date functions. Every date they give has a zone; text without one is in the zone of the run unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import NOTHING, VALUE, VALUES, Environment, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, Constant, pair, zone_or
from topstitch.values.date_arithmetic import EDGES, UNITS, compile_round, compile_shift, whole_units
from topstitch.values.date_letters import compile_format, unix_milliseconds
from topstitch.values.dates import NAMED_FORMATS, compile_date_reader
from topstitch.values.numbers import to_integer
from topstitch.values.text import show
from topstitch.values.truth import is_empty
from topstitch.values.zones import find_zone

_INPUT_FORMATS = Param(
    "input_format",
    "Input format",
    list,
    default=(),
    offer="date_letters",
    help="one or more formats, tried in order before ISO 8601; letters such as d/m/Y, or a name such as unix_ms",
)
_FROM_ZONE = Param(
    "from_zone", "Time zone of dates without one", str, default="", offer="zone", help="empty: the zone of the service"
)
_BST = timezone(timedelta(hours=1))


def _formatter(named: str, custom: str) -> Callable[[datetime], str]:
    if (named == "custom") != bool(custom):
        raise ConfigError(
            "give either a named format, or the format `custom` and date letters in the parameter 'custom'"
        )
    if named == "iso8601_utc":
        return compile_format(r"Y-m-d\TH:i:s\Z")
    if named == "unix_ms":
        return lambda moment: str(unix_milliseconds(moment))
    return compile_format(custom or NAMED_FORMATS[named])


def _target(named: str, to_zone: str) -> tzinfo | None:
    zone = find_zone(to_zone) if to_zone else None
    if named != "iso8601_utc":
        return zone
    if zone not in (None, UTC):
        raise ConfigError(f"the format `iso8601_utc` is in UTC, so its time zone cannot be {to_zone}")
    return UTC


@function(
    "date.format",
    title="Format",
    group="date",
    summary="Writes a date in another format: a named one, or date letters (j.m.Y). A day without a time never shifts.",
    takes=VALUE,
    gives="text",
    params=[
        Param("format", "Format", str, default="custom", choices=("custom", *NAMED_FORMATS)),
        Param("custom", "Custom format", str, default="", maximum=200, offer="date_letters"),
        _INPUT_FORMATS,
        _FROM_ZONE,
        Param("to_zone", "Time zone of the result", str, default="", offer="zone", help="empty: the date's own"),
    ],
    examples=[
        Example(input="2023-10-26T07:51:07-04:00", args={"format": "unix"}, output="1698321067"),
        Example(input="2023-10-26T07:51:07-04:00", args={"custom": "j.m.Y"}, output="26.10.2023"),
        Example(
            input="2023-10-26T23:30:00Z",
            args={"format": "datetime", "to_zone": "Europe/London"},
            output="2023-10-27 00:30:00",
        ),
        Example(input="26/10/2023", args={"format": "date", "input_format": ["d/m/Y", "d.m.Y"]}, output="2023-10-26"),
        Example(input="2023-10-26", args={"format": "date", "to_zone": "America/New_York"}, output="2023-10-26"),
        Example(input="05/06/2023", args={"format": "date"}, fails="not a date in the format ISO 8601"),
        Example(input=None, args={"format": "date"}, output=None),
    ],
)
def format_(env: Environment, format: str, custom: str, input_format: list[str], from_zone: str, to_zone: str) -> Apply:
    write = _formatter(format, custom)
    target = _target(format, to_zone)
    read = compile_date_reader(input_format, zone_or(from_zone, env), target)
    if target is None:
        return lambda value: write(read(value))

    def apply(value: object) -> object:
        try:
            return write(read(value).astimezone(target))
        except OverflowError as error:
            raise MappingError(f"{show(value)} has no date in the zone {to_zone}", value=value) from error

    return apply


_ROUNDING = {
    "none": None,
    "start_of_day": compile_round("start", "day"),
    "end_of_day": compile_round("end", "day"),
}


@function(
    "date.dynamic",
    title="Custom dynamic date",
    group="date",
    summary="The time of the run, first rounded to the start or end of the day if asked, then shifted.",
    takes=NOTHING,
    gives="date",
    params=[
        Param("round", "Round", str, default="none", choices=tuple(_ROUNDING)),
        Param("unit", "Unit", str, default="day", choices=UNITS),
        Param("adjustment", "Adjustment", int, default=0, help="whole units; 36 hours for a day and a half"),
        Param("zone", "Time zone", str, default="", offer="zone", help="empty: the zone of the service"),
    ],
    examples=[
        Example(args={"round": "end_of_day"}, output=datetime(2023, 8, 10, 23, 59, 59, tzinfo=UTC)),
        Example(args={"unit": "hour", "adjustment": -36}, output=datetime(2023, 8, 8, 22, 30, tzinfo=UTC)),
        Example(
            args={"round": "start_of_day", "adjustment": 1, "zone": "Europe/London"},
            output=datetime(2023, 8, 11, tzinfo=_BST),
        ),
    ],
    pure=False,
)
def dynamic(env: Environment, round: str, unit: str, adjustment: int, zone: str) -> Constant:
    moment = env.now.astimezone(zone_or(zone, env))
    rounded = _ROUNDING[round]
    try:
        constant = compile_shift(adjustment, unit)(rounded(moment) if rounded else moment)
    except MappingError as error:
        raise ConfigError(error.message) from error
    return lambda: constant


@function(
    "date.parse",
    title="Parse date",
    group="date",
    summary="Reads text as a date: given formats in their order, then ISO 8601. Day and month are never guessed.",
    takes=VALUE,
    gives="date",
    params=[_INPUT_FORMATS, _FROM_ZONE],
    examples=[
        Example(
            input="26.10.2023 07:51",
            args={"input_format": "d.m.Y H:i", "from_zone": "Europe/London"},
            output=datetime(2023, 10, 26, 7, 51, tzinfo=_BST),
        ),
        Example(
            input=1698321067000,
            args={"input_format": "unix_ms"},
            output=datetime(2023, 10, 26, 11, 51, 7, tzinfo=UTC),
        ),
        Example(input="30/02/2023", args={"input_format": "d/m/Y"}, fails="day is out of range for month"),
    ],
)
def parse(env: Environment, input_format: list[str], from_zone: str) -> Apply:
    return compile_date_reader(input_format, zone_or(from_zone, env))


_OWN_ZONE = Param("zone", "Time zone", str, default="", offer="zone", help="empty: the date's own")


def _changed(env: Environment, zone: str, change: Callable[[datetime], datetime]) -> Apply:
    read = compile_date_reader((), zone_or(zone, env))
    if not zone:
        return lambda value: change(read(value))
    target = find_zone(zone)
    return lambda value: change(_in_zone(read(value), target))


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError as error:
        raise MappingError(f"{moment.isoformat()} has no date in the zone {zone}", value=moment) from error


@function(
    "date.adjust",
    title="Adjust date",
    group="date",
    summary="Shifts a date. Days and longer keep the time on the clock; 31 January and a month is the end of February.",
    takes=VALUE,
    gives="date",
    params=[Param("amount", "Amount", int), Param("unit", "Unit", str, choices=UNITS), _OWN_ZONE],
    examples=[
        Example(
            input="2023-01-31T10:00:00Z",
            args={"amount": 1, "unit": "month"},
            output=datetime(2023, 2, 28, 10, tzinfo=UTC),
        ),
        Example(
            input="2023-03-25T12:00:00Z",
            args={"amount": 1, "unit": "day", "zone": "Europe/London"},
            output=datetime(2023, 3, 26, 11, tzinfo=UTC),
        ),
        Example(input="9999-12-31", args={"amount": 1, "unit": "day"}, fails="outside the years 1 to 9999"),
    ],
)
def adjust(env: Environment, amount: int, unit: str, zone: str) -> Apply:
    return _changed(env, zone, compile_shift(amount, unit))


@function(
    "date.shift",
    title="Shift date by a field",
    group="date",
    summary="The date in the first source field, shifted by the whole number in the second: a due date by days of credit.",
    takes=VALUES,
    gives="date",
    params=[Param("unit", "Unit", str, default="day", choices=UNITS), _OWN_ZONE],
    examples=[
        Example(input=["2026-01-31", 30], output=datetime(2026, 3, 2, tzinfo=UTC)),
        Example(input=["2026-01-31", "-1"], args={"unit": "month"}, output=datetime(2025, 12, 31, tzinfo=UTC)),
        Example(input=["2026-01-31", None], output=datetime(2026, 1, 31, tzinfo=UTC)),
        Example(input=[None, 30], output=None),
        Example(input=["2026-01-31", "soon"], fails="'soon' is not a number"),
        Example(input=["2026-01-31", 10**9], fails="outside the years 1 to 9999"),
    ],
)
def shift(env: Environment, unit: str, zone: str) -> ApplyAll:
    def apply(values: list[object]) -> object:
        moment, amount = pair(values)
        if is_empty(moment):
            return None
        by = 0 if is_empty(amount) else to_integer(amount)
        try:
            change = compile_shift(by, unit)
        except ConfigError as error:
            raise MappingError(
                f"{show(moment)} shifted by {by} {unit}s is outside the years 1 to 9999", value=by
            ) from error
        return _changed(env, zone, change)(moment)

    return apply


@function(
    "date.round",
    title="Round date",
    group="date",
    summary="The first or last second of the date's minute, hour, day, week (from Monday), month or year.",
    takes=VALUE,
    gives="date",
    params=[
        Param("edge", "Start or end", str, choices=EDGES),
        Param("unit", "Unit", str, default="day", choices=UNITS[1:]),
        _OWN_ZONE,
    ],
    examples=[
        Example(
            input="2024-02-10T10:30:00Z",
            args={"edge": "end", "unit": "month"},
            output=datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        ),
        Example(input="2023-10-29", args={"edge": "start", "unit": "week"}, output=datetime(2023, 10, 23, tzinfo=UTC)),
    ],
)
def round_(env: Environment, edge: str, unit: str, zone: str) -> Apply:
    return _changed(env, zone, compile_round(edge, unit))


@function(
    "date.convert_zone",
    title="Convert time zone",
    group="date",
    summary="The same moment on the clock of another zone.",
    takes=VALUE,
    gives="date",
    params=[Param("to_zone", "To time zone", str, offer="zone"), _FROM_ZONE],
    examples=[
        Example(
            input="2023-10-26T07:51:07-04:00",
            args={"to_zone": "Europe/London"},
            output=datetime(2023, 10, 26, 12, 51, 7, tzinfo=_BST),
        ),
        Example(
            input="2023-10-26 12:51:07",
            args={"to_zone": "UTC", "from_zone": "Europe/London"},
            output=datetime(2023, 10, 26, 11, 51, 7, tzinfo=UTC),
        ),
    ],
)
def convert_zone(env: Environment, to_zone: str, from_zone: str) -> Apply:
    target = find_zone(to_zone)
    read = compile_date_reader((), zone_or(from_zone, env), target)
    return lambda value: _in_zone(read(value), target)


@function(
    "date.difference",
    title="Difference",
    group="date",
    summary="Whole units from the first source field to the second, or to the time of the run; negative when that is earlier.",
    takes=VALUES,
    gives="integer",
    params=[
        Param("unit", "Unit", str, default="day", choices=UNITS),
        _INPUT_FORMATS,
        _FROM_ZONE,
    ],
    examples=[
        Example(input=["2026-01-31", "2026-03-01"], output=29),
        Example(input=["2026-03-01T12:00:00Z", "2026-03-01T10:30:00Z"], args={"unit": "hour"}, output=-1),
        Example(input=["2026-01-31", "2026-02-28"], args={"unit": "month"}, output=0),
        Example(input=["2023-08-08T10:00:00Z"], output=2),
        Example(input=["2026-01-31", None], output=None),
        Example(input=["1", "2", "3"], fails="takes one or two source fields, not 3"),
    ],
)
def difference(env: Environment, unit: str, input_format: list[str], from_zone: str) -> ApplyAll:
    zone = zone_or(from_zone, env)
    read = compile_date_reader(input_format, zone)

    def apply(values: list[object]) -> object:
        if not 1 <= len(values) <= 2:
            raise MappingError(f"takes one or two source fields, not {len(values)}", value=values)
        if any(value is None or value == "" for value in values):
            return None
        try:
            start, *end = (read(value).astimezone(zone) for value in values)
            return whole_units(start, end[0] if end else env.now, unit)
        except OverflowError as error:
            raise MappingError(f"{show(values[0])} is too far from any other date", value=values) from error

    return apply


_PARTS: dict[str, Callable[[datetime], int]] = {
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "month": lambda moment: moment.month,
    "week": lambda moment: moment.isocalendar().week,
    "week_year": lambda moment: moment.isocalendar().year,
    "day": lambda moment: moment.day,
    "weekday": datetime.isoweekday,
    "day_of_year": lambda moment: moment.timetuple().tm_yday,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
}


@function(
    "date.part",
    title="Part of a date",
    group="date",
    summary="A number out of a date: its year, month, weekday (Monday is 1), ISO week, hour...",
    takes=VALUE,
    gives="integer",
    params=[Param("part", "Part", str, choices=tuple(_PARTS)), _INPUT_FORMATS, _OWN_ZONE],
    examples=[
        Example(input="2023-10-26T07:51:07Z", args={"part": "weekday"}, output=4),
        Example(input="2024-12-30", args={"part": "week"}, output=1),
        Example(input="2024-12-30", args={"part": "week_year"}, output=2025),
        Example(input="2023-12-31T23:30:00Z", args={"part": "year", "zone": "Europe/Berlin"}, output=2024),
        Example(input="31/12/2024", args={"part": "day_of_year", "input_format": "d/m/Y"}, output=366),
        Example(input="today", args={"part": "year"}, fails="'today' is not a date"),
    ],
)
def part(env: Environment, part: str, input_format: list[str], zone: str) -> Apply:
    pick, read = _PARTS[part], compile_date_reader(input_format, zone_or(zone, env))
    if not zone:
        return lambda value: pick(read(value))
    target = find_zone(zone)
    return lambda value: pick(_in_zone(read(value), target))
