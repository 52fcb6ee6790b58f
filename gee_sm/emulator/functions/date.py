"""Date.*: instants and calendar arithmetic."""

from __future__ import annotations

import calendar
import math
from datetime import timedelta
from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values import date_pattern
from gee_sm.emulator.values.date import (
    MILLISECONDS,
    Date,
    advance,
    date_of_local,
    date_of_text,
    floor_to,
    time_zone,
    unit_of,
)
from gee_sm.emulator.values.date_range import DateRange

_ISO = "yyyy-MM-dd'T'HH:mm:ss"


@implements("Date")
def construct(value: Any, timeZone: str | None) -> Date:
    """Return the date of a number of milliseconds or of a text."""
    if value is None:
        raise EarthEngineError("Date: Parameter 'value' is required and may not be null.")
    if isinstance(value, str):
        return date_of_text(value, timeZone)
    return coerce(value, "Date", "Date", "value")


@implements("Date.fromYMD")
def from_ymd(year: int, month: int, day: int, timeZone: str | None) -> Date:
    """Return the start of a day."""
    return date_of_text(f"{year}-{month}-{day}", timeZone)


@implements("Date.parse")
def parse(format: str, date: str, timeZone: str | None) -> Date:
    """Read a text by a Joda pattern."""
    return date_pattern.parse(format, date, timeZone)


@implements("Date.format")
def format_(date: Date, format: str | None, timeZone: str | None) -> str:
    """Write a date by a Joda pattern; without one, as ISO date and time without zone."""
    return date_pattern.format_date(date, _ISO if format is None else format, timeZone)


@implements("Date.millis")
def millis(date: Date) -> int:
    """Return the milliseconds since 1970-01-01T00:00:00Z."""
    return date.millis


@implements("Date.advance")
def advance_(date: Date, delta: float, unit: str, timeZone: str | None) -> Date:
    """Move a date by calendar units."""
    return advance(date, delta, unit_of(unit), time_zone(timeZone))


@implements("Date.difference")
def difference(date: Date, start: Date, unit: str) -> float:
    """Return the time since ``start`` in units of average length."""
    return (date.millis - start.millis) / MILLISECONDS[unit_of(unit)]


@implements("Date.unitRatio")
def unit_ratio(numerator: str, denominator: str) -> float:
    """Return the ratio of the average lengths of two units."""
    return MILLISECONDS[unit_of(numerator)] / MILLISECONDS[unit_of(denominator)]


@implements("Date.get")
def get(date: Date, unit: str, timeZone: str | None) -> int:
    """Return a calendar field; the week is that of the ISO week year."""
    moment = date.local(time_zone(timeZone))
    unit = unit_of(unit)
    return moment.isocalendar().week if unit == "week" else getattr(moment, unit)


@implements("Date.getRelative")
def get_relative(date: Date, unit: str, inUnit: str, timeZone: str | None) -> int:
    """Return how many whole units of the larger unit have passed, from 0."""
    zone = time_zone(timeZone)
    unit, within = unit_of(unit), unit_of(inUnit)
    if MILLISECONDS[unit] >= MILLISECONDS[within]:
        return 0
    start = floor_to(date, within, zone)
    if unit == "month":
        return date.local(zone).month - 1
    if unit in ("day", "week"):
        days = (date.local(zone).date() - start.local(zone).date()).days
        return days // 7 if unit == "week" else days
    return (date.millis - start.millis) // MILLISECONDS[unit]


@implements("Date.getFraction")
def get_fraction(date: Date, unit: str, timeZone: str | None) -> float:
    """Return the elapsed fraction of that very unit of the calendar."""
    spanned = get_range(date, unit, timeZone)
    return (date.millis - spanned.start) / (spanned.end - spanned.start)


@implements("Date.getRange")
def get_range(date: Date, unit: str, timeZone: str | None) -> DateRange:
    """Return the unit of the calendar that contains the date."""
    zone = time_zone(timeZone)
    unit = unit_of(unit)
    start = floor_to(date, unit, zone)
    return DateRange(start.millis, advance(start, 1, unit, zone).millis)


@implements("Date.update")
def update(
    date: Date,
    year: int | None,
    month: int | None,
    day: int | None,
    hour: int | None,
    minute: int | None,
    second: float | None,
    timeZone: str | None,
) -> Date:
    """Set fields of a date, in a time zone; seconds may be fractional.

    A day that is not given is clipped to the end of the month.
    """
    fields = {"year": year, "month": month, "day": day, "hour": hour, "minute": minute}
    given = {name: value for name, value in fields.items() if value is not None}
    moment = date.local(time_zone(timeZone))
    fraction = timedelta()
    if second is not None:
        if not math.isfinite(second):
            raise EarthEngineError(f"The date cannot be updated: second is {second}.")
        given["second"] = math.floor(second)
        given["microsecond"] = 0
        fraction = timedelta(milliseconds=round((second - math.floor(second)) * 1000))
    try:
        if day is None:
            last = calendar.monthrange(given.get("year", moment.year), month or moment.month)[1]
            given["day"] = min(moment.day, last)
        return date_of_local(moment.replace(**given) + fraction)
    except (ValueError, OverflowError) as error:
        raise EarthEngineError(f"The date cannot be updated: {error}.") from None
