"""DateRange.*: spans of time, and collections of consecutive ones."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.date import Date, advance, date_of_text, floor_to, unit_of
from gee_sm.emulator.values.date_pattern import format_date
from gee_sm.emulator.values.date_range import UNBOUNDED, DateRange
from gee_sm.emulator.values.feature import Feature


@implements("DateRange")
def construct(start: Any, end: Any, timeZone: str | None) -> DateRange:
    """Return the range between two dates, or the millisecond of one.

    A range alone is returned as it is: the client wraps what ``filterDate`` is given.
    """
    if isinstance(start, DateRange) and end is None:
        return start
    first = _instant(start, timeZone, "start")
    last = Date(first.millis + 1) if end is None else _instant(end, timeZone, "end")
    return DateRange(first.millis, last.millis)


def _instant(value: Any, zone: str | None, name: str) -> Date:
    if value is None:
        raise EarthEngineError(f"DateRange: Parameter '{name}' is required and may not be null.")
    if isinstance(value, str):
        return date_of_text(value, zone)
    return coerce(value, "Date", "DateRange", name)


@implements("DateRange.unbounded")
def unbounded() -> DateRange:
    """Return the range of all dates."""
    return UNBOUNDED


@implements("DateRange.start")
def start(dateRange: DateRange) -> Date:
    """Return the first instant."""
    return Date(dateRange.start)


@implements("DateRange.end")
def end(dateRange: DateRange) -> Date:
    """Return the end, which is not in the range."""
    return Date(dateRange.end)


@implements("DateRange.isEmpty")
def is_empty(dateRange: DateRange) -> bool:
    """Whether there is no instant in it."""
    return dateRange.is_empty


@implements("DateRange.isUnbounded")
def is_unbounded(dateRange: DateRange) -> bool:
    """Whether all dates are in it."""
    return dateRange.is_unbounded


@implements("DateRange.contains")
def contains(dateRange: DateRange, other: Any) -> bool:
    """Whether a date, or all of a range, lies in the range."""
    if isinstance(other, DateRange):
        return dateRange.start <= other.start and other.end <= dateRange.end
    return dateRange.contains(_instant(other, None, "other").millis)


@implements("DateRange.intersects")
def intersects(dateRange: DateRange, other: DateRange) -> bool:
    """Whether the ranges have an instant in common."""
    return not intersection(dateRange, other).is_empty


@implements("DateRange.intersection")
def intersection(dateRange: DateRange, other: DateRange) -> DateRange:
    """Return the instants of both; an empty range where there are none."""
    first, last = max(dateRange.start, other.start), min(dateRange.end, other.end)
    return DateRange(first, max(first, last))


@implements("DateRange.union")
def union(dateRange: DateRange, other: DateRange) -> DateRange:
    """Return the smallest range that holds both; an empty one adds nothing."""
    if dateRange.is_empty:
        return other
    if other.is_empty:
        return dateRange
    return DateRange(min(dateRange.start, other.start), max(dateRange.end, other.end))


_INDEX_PATTERNS = {
    "year": "YYYY",
    "month": "YYYYMM",
    "week": "YYYYMMdd",
    "day": "YYYYMMdd",
    "hour": "YYYYMMddHH",
    "minute": "YYYYMMddHHmm",
    "second": "YYYYMMddHHmmss",
}


@implements("BetterDateRangeCollection")
def date_ranges(
    start: Date,
    end: Date,
    delta: int,
    unit: str,
    resetAtYearBoundaries: bool,
    format: str | None,
) -> Collection:
    """Return features with consecutive ``date_range`` properties."""
    unit = unit_of(unit)
    if delta == 0 or (delta > 0) != (start <= end):
        raise EarthEngineError(f"A step of {delta} does not lead from the start to the end.")
    pattern = format or _INDEX_PATTERNS[unit]
    spans: list[DateRange] = []
    position, count = start, 0
    while (position < end) if delta > 0 else (position > end):
        count += 1
        following = advance(position, delta, unit)
        spans.append(DateRange(*sorted((position.millis, following.millis))))
        if resetAtYearBoundaries and following.local().year != position.local().year:
            turn = following if delta > 0 else position
            following = floor_to(turn, "year")
        position = following
        if count > 100_000:
            raise EarthEngineError("Too many date ranges.")
    return Collection(
        [
            Feature(
                None,
                {"system:index": format_date(Date(span.start), pattern), "date_range": span},
            )
            for span in spans
        ],
        of_images=False,
    )


@implements("DateRangeCollection")
def date_range_collection(
    startTime: int, endTime: int, interval: int, units: str, resetAtYearBoundaries: bool
) -> Collection:
    """Return features with consecutive ``date_range`` properties, by days or years."""
    if units not in ("days", "years"):
        raise EarthEngineError(f"Unknown units '{units}'. Expected one of: days, years.")
    return date_ranges(Date(startTime), Date(endTime), interval, units, resetAtYearBoundaries, None)
