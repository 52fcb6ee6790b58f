"""Joda-Time patterns: how ``Date.format`` writes and ``Date.parse`` reads.

A pattern is made of runs of one letter, text in single quotes, and everything else as it stands.
"""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import date as calendar_date
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.date import Date, date_of_local, time_zone

_LETTERS = frozenset("GCYxwyDMdEeaKhHkmsSzZ")
_MONTHS = list(calendar.month_name)
_DAYS = ("", *calendar.day_name)

# Long names of common zones; a zone that is not here is written by its short name.
_LONG_ZONES = {
    "UTC": "Coordinated Universal Time",
    "GMT": "Greenwich Mean Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
    "MST": "Mountain Standard Time",
    "MDT": "Mountain Daylight Time",
    "CST": "Central Standard Time",
    "CDT": "Central Daylight Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
    "CET": "Central European Time",
    "CEST": "Central European Summer Time",
}


@dataclass(frozen=True)
class Token:
    """A run of one pattern letter, or literal text when ``letter`` is empty."""

    letter: str
    width: int
    text: str = ""


@functools.lru_cache(maxsize=256)
def tokens(pattern: str) -> tuple[Token, ...]:
    """Split a pattern.

    Raises
    ------
    EarthEngineError
        If a letter has no meaning.
    """
    found: list[Token] = []
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "'":
            text, position = _quoted(pattern, position)
            found.append(Token("", 0, text))
        elif letter.isascii() and letter.isalpha():
            end = position
            while end < len(pattern) and pattern[end] == letter:
                end += 1
            if letter not in _LETTERS:
                raise EarthEngineError(f"Illegal pattern component: {pattern[position:end]}")
            found.append(Token(letter, end - position))
            position = end
        else:
            found.append(Token("", 0, letter))
            position += 1
    return tuple(found)


def _quoted(pattern: str, position: int) -> tuple[str, int]:
    """Return the text of a quotation and the position after it; a doubled quote is a quote."""
    if pattern.startswith("''", position):
        return "'", position + 2
    text, position = "", position + 1
    while position < len(pattern):
        if pattern.startswith("''", position):
            text, position = text + "'", position + 2
        elif pattern[position] == "'":
            return text, position + 1
        else:
            text, position = text + pattern[position], position + 1
    return text, position


def format_date(date: Date, pattern: str, zone: str | None = None) -> str:
    """Write a date by a pattern in a time zone."""
    moment = date.local(time_zone(zone))
    return "".join(
        token.text if not token.letter else _write(token, moment, zone or "UTC")
        for token in tokens(pattern)
    )


def _padded(value: int, width: int) -> str:
    return f"{value:0{width}d}"


def _year(value: int, width: int) -> str:
    return _padded(value % 100, 2) if width == 2 else _padded(value, width)


def _write(token: Token, moment: datetime, zone: str) -> str:
    letter, width = token.letter, token.width
    numbers: dict[str, Callable[[], int]] = {
        "C": lambda: moment.year // 100,
        "w": lambda: moment.isocalendar().week,
        "D": lambda: moment.timetuple().tm_yday,
        "d": lambda: moment.day,
        "e": lambda: moment.isoweekday(),
        "K": lambda: moment.hour % 12,
        "h": lambda: (moment.hour - 1) % 12 + 1,
        "H": lambda: moment.hour,
        "k": lambda: (moment.hour - 1) % 24 + 1,
        "m": lambda: moment.minute,
        "s": lambda: moment.second,
    }
    if letter in numbers:
        return _padded(numbers[letter](), width)
    if letter in "Yy":
        return _year(moment.year, width)
    if letter == "x":
        return _year(moment.isocalendar().year, width)
    if letter == "G":
        return "AD"
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "M":
        name = _MONTHS[moment.month]
        return _padded(moment.month, width) if width < 3 else name if width > 3 else name[:3]
    if letter == "E":
        name = _DAYS[moment.isoweekday()]
        return name if width > 3 else name[:3]
    if letter == "S":
        return f"{moment.microsecond // 1000:03d}".ljust(width, "0")[:width]
    if letter == "z":
        short = moment.tzname() or zone
        return _LONG_ZONES.get(short, short) if width > 3 else short
    return zone if width > 2 else _offset(moment, colon=width == 2)


def _offset(moment: datetime, *, colon: bool) -> str:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{':' if colon else ''}{rest:02d}"


# -- reading -------------------------------------------------------------------------------------

_DIGITS = {
    "C": "century",
    "w": "week",
    "D": "day_of_year",
    "d": "day",
    "e": "weekday",
    "K": "half_hour",
    "h": "half_clock_hour",
    "H": "hour",
    "k": "clock_hour",
    "m": "minute",
    "s": "second",
}


def _expression(run: tuple[Token, ...]) -> str:
    """Return the regular expression that reads a pattern, with one group a field."""
    found = []
    for position, token in enumerate(run):
        # A number that touches another one has exactly the width of its run.
        touches = position + 1 < len(run) and run[position + 1].letter in {*_DIGITS, *"YyxMS"}
        digits = rf"\d{{{token.width}}}" if touches else r"\d+"
        if not token.letter:
            found.append(re.escape(token.text))
        elif token.letter in "Yyx":
            found.append(rf"([+-]?{digits})")
        elif token.letter == "S":
            found.append(rf"(\d{{{token.width}}})" if touches else rf"(\d{{1,{token.width}}})")
        elif token.letter in _DIGITS or (token.letter == "M" and token.width < 3):
            found.append(f"({digits})")
        elif token.letter in "MEaG":
            found.append(r"([^\W\d_]+)")
        elif token.letter == "z":
            found.append(r"([A-Za-z]+)")
        else:
            found.append(r"(Z|[+-]\d{2}(?::?\d{2})?)" if token.width < 3 else r"([\w/+-]+)")
    return "".join(found)


def parse(pattern: str, text: str, zone: str | None = None) -> Date:
    """Read a date by a pattern; fields that it lacks are those of 1970-01-01T00:00:00.

    Raises
    ------
    EarthEngineError
        If the text does not match the pattern, or a field is out of range.
    """
    run = tokens(pattern)
    bad = EarthEngineError(f"Date/time '{text}' cannot be parsed with format '{pattern}'.")
    found = re.fullmatch(_expression(run), text, re.IGNORECASE)
    if found is None:
        raise bad
    fields: dict[str, Any] = {}
    where: tzinfo = time_zone(zone)
    for token, value in zip((t for t in run if t.letter), found.groups(), strict=True):
        where = _read(token, value, fields, where, bad)
    try:
        return date_of_local(_moment(fields, where))
    except (ValueError, OverflowError):
        raise bad from None


def _read(
    token: Token, value: str, fields: dict[str, Any], where: tzinfo, bad: EarthEngineError
) -> tzinfo:
    letter = token.letter
    if letter in "Yyx":
        year = int(value)
        if token.width == 2 and len(value) == 2:
            # As in Joda-Time, around the year that is thirty years past.
            first = datetime.now(UTC).year - 30 - 50
            year += first // 100 * 100 + (100 if year < first % 100 else 0)
        fields["week_year" if letter == "x" else "year"] = year
    elif letter in _DIGITS:
        fields[_DIGITS[letter]] = int(value)
    elif letter == "S":
        fields["microsecond"] = int(f"0{value.ljust(6, '0')[:3]}") * 1000
    elif letter == "M":
        fields["month"] = int(value) if token.width < 3 else _named(value, _MONTHS, bad)
    elif letter == "E":
        fields["weekday"] = _named(value, _DAYS, bad)
    elif letter == "a":
        fields["afternoon"] = value.upper() == "PM"
    elif letter == "Z":
        return time_zone(value)
    elif letter == "z":
        return time_zone({"PST": "-08:00", "PDT": "-07:00"}.get(value, value))
    return where


def _named(value: str, names: Any, bad: EarthEngineError) -> int:
    for number, name in enumerate(names):
        if name and value.lower() in (name.lower(), name[:3].lower()):
            return number
    raise bad


def _moment(fields: dict[str, Any], where: tzinfo) -> datetime:
    for name, last in (("clock_hour", 24), ("half_clock_hour", 12), ("half_hour", 11)):
        if not (name != "half_hour") <= fields.get(name, 1) <= last:
            raise ValueError(name)
    hour = fields.get("hour", fields.get("clock_hour", 0) % 24)
    if "half_hour" in fields or "half_clock_hour" in fields:
        hour = fields.get("half_hour", fields.get("half_clock_hour", 0) % 12)
        hour += 12 if fields.get("afternoon") else 0
    time = {
        "hour": hour,
        "minute": fields.get("minute", 0),
        "second": fields.get("second", 0),
        "microsecond": fields.get("microsecond", 0),
        "tzinfo": where,
    }
    if "week" in fields or "week_year" in fields:
        week_year = fields.get("week_year", fields.get("year", 1970))
        day = calendar_date.fromisocalendar(
            week_year, fields.get("week", 1), fields.get("weekday", 1)
        )
        return datetime(day.year, day.month, day.day, **time)
    year = fields.get("year", 1970)
    if "day_of_year" in fields:
        start = datetime(year, 1, 1, **time)
        if not 1 <= fields["day_of_year"] <= 365 + calendar.isleap(year):
            raise ValueError("day of the year")
        return start + timedelta(days=fields["day_of_year"] - 1)
    return datetime(year, fields.get("month", 1), fields.get("day", 1), **time)
