"""Dates: an instant in milliseconds, read and moved through the calendar of a time zone."""

from __future__ import annotations

import calendar
import math
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError

_SECOND = 1000
_DAY = 86_400 * _SECOND
_YEAR = 31_556_952 * _SECOND  # the mean Gregorian year, 365.2425 days

MILLISECONDS = {
    "year": _YEAR,
    "month": _YEAR // 12,
    "week": 7 * _DAY,
    "day": _DAY,
    "hour": 3600 * _SECOND,
    "minute": 60 * _SECOND,
    "second": _SECOND,
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = re.compile(
    r"(?P<year>[+-]?\d{1,9})"
    r"(?:-(?P<day_of_year>\d{3})|-W(?P<week>\d{1,2})(?:-(?P<weekday>\d))?"
    r"|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:T(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}))?)?"
    r"(?:[.,](?P<fraction>\d+))?)?(?P<zone>[Zz]|[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")


@dataclass(frozen=True, order=True)
class Date:
    """An instant, in milliseconds since 1970-01-01T00:00:00Z."""

    millis: int

    type_name = "Date"

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON."""
        return {"type": "Date", "value": self.millis}

    def local(self, zone: tzinfo = UTC) -> datetime:
        """Return the date and time of day in a zone.

        Raises
        ------
        EarthEngineError
            If the year is not between 1 and 9999.
        """
        try:
            return (_EPOCH + timedelta(milliseconds=self.millis)).astimezone(zone)
        except (OverflowError, ValueError):
            raise EarthEngineError(
                f"The date {self.millis} lies outside of the years 1 to 9999."
            ) from None


def date_of_local(moment: datetime) -> Date:
    """Return the instant of a date and time that knows its zone."""
    passed = moment - _EPOCH
    return Date(passed.days * _DAY + passed.seconds * _SECOND + passed.microseconds // 1000)


def time_zone(name: str | None) -> tzinfo:
    """Return the zone of an IANA name or of an offset such as ``+05:30``; UTC for None.

    Raises
    ------
    EarthEngineError
        If there is no zone of that name.
    """
    if name in (None, "UTC", "Z", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise EarthEngineError(f"The time zone id '{name}' is not recognised.") from None


def date_of_text(text: str, zone: str | None = None) -> Date:
    """Read a date such as ``2020``, ``1996-001``, ``2017-6-24`` or ``2017-6-24T00:14:46.24``.

    These are the forms of ISO 8601 that Joda-Time reads. The zone is used where the text itself
    names none.

    Raises
    ------
    EarthEngineError
        If the text is not a date.
    """
    found = _TEXT.fullmatch(text)
    bad = EarthEngineError(f"Bad date/time '{text}'.")
    if found is None:
        raise bad
    part = found.groupdict()
    where = time_zone(part["zone"].upper() if part["zone"] else zone)
    smallest = "second" if part["second"] else "minute" if part["minute"] else "hour"
    fraction = float(f"0.{part['fraction']}") if part["fraction"] else 0.0
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"] or 1),
            int(part["day"] or 1),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            tzinfo=where,
        )
        moment += timedelta(milliseconds=math.floor(fraction * MILLISECONDS[smallest]))
        if part["day_of_year"]:
            days = int(part["day_of_year"])
            if not 1 <= days <= 365 + calendar.isleap(moment.year):
                raise bad
            moment += timedelta(days=days - 1)
        if part["week"]:
            week, weekday = int(part["week"]), int(part["weekday"] or 1)
            day = datetime.fromisocalendar(moment.year, week, weekday)
            moment = moment.replace(month=1, day=1) + (day - datetime(moment.year, 1, 1))
        return date_of_local(moment)
    except (ValueError, OverflowError):
        raise bad from None


def unit_of(name: str) -> str:
    """Return the singular name of a unit of time.

    Raises
    ------
    EarthEngineError
        If it is none of year, month, week, day, hour, minute and second.
    """
    unit = name.lower().removesuffix("s")
    if unit not in MILLISECONDS:
        raise EarthEngineError(
            f"Unknown unit '{name}'. Expected one of: {', '.join(MILLISECONDS)}."
        )
    return unit


def floor_to(date: Date, unit: str, zone: tzinfo = UTC) -> Date:
    """Return the start of the year, month, week (Monday) ... that contains a date."""
    moment = date.local(zone)
    if unit in ("hour", "minute", "second"):
        # Within an hour the local clock does not jump, and offsets are whole seconds.
        offset = moment.utcoffset() or timedelta()
        shift = int(offset.total_seconds()) * 1000
        length = MILLISECONDS[unit]
        return Date((date.millis + shift) // length * length - shift)
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "year":
        start = start.replace(month=1, day=1)
    elif unit == "month":
        start = start.replace(day=1)
    elif unit == "week":
        start -= timedelta(days=start.weekday())
    return date_of_local(start)


def advance(date: Date, delta: float, unit: str, zone: tzinfo = UTC) -> Date:
    """Move a date by calendar units; the fraction of a unit counts as its average length."""
    if not math.isfinite(delta):
        raise EarthEngineError(f"The distance must be finite, got {delta}.")
    whole = math.trunc(delta)
    if unit in ("hour", "minute", "second"):
        return Date(date.millis + round(delta * MILLISECONDS[unit]))
    moment = date.local(zone)
    try:
        if unit in ("year", "month"):
            months = moment.year * 12 + moment.month - 1 + whole * (12 if unit == "year" else 1)
            year, month = divmod(months, 12)
            last = calendar.monthrange(year, month + 1)[1]
            moment = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
        else:
            moment += timedelta(days=whole * (7 if unit == "week" else 1))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        raise EarthEngineError(f"Advancing by {delta} {unit} leaves the years 1 to 9999.") from None
    rest = round((delta - whole) * MILLISECONDS[unit])
    return Date(date_of_local(moment).millis + rest)


@converts("Date")
def as_date(value: Any) -> Date:
    """Return a date of a date, a number of milliseconds or a text."""
    if isinstance(value, Date):
        return value
    if isinstance(value, bool):
        raise NotConvertible
    if isinstance(value, int | float) and math.isfinite(value):
        return Date(math.floor(value))
    if isinstance(value, str):
        return date_of_text(value)
    if isinstance(value, dict) and value.get("type") == "Date":
        return as_date(value.get("value"))
    raise NotConvertible
