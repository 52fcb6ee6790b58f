"""Date ranges: from a start, inclusive, to an end, exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.values.date import Date, as_date

_FIRST = -(2**63)
_LAST = 2**63 - 1


@dataclass(frozen=True)
class DateRange:
    """All instants from ``start``, inclusive, to ``end``, exclusive, in milliseconds."""

    start: int
    end: int

    type_name = "DateRange"

    @property
    def is_empty(self) -> bool:
        """Whether no instant lies in it."""
        return self.end <= self.start

    @property
    def is_unbounded(self) -> bool:
        """Whether every instant lies in it."""
        return self.start == _FIRST and self.end == _LAST

    def contains(self, millis: float) -> bool:
        """Whether an instant lies in it."""
        return self.start <= millis < self.end

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON."""
        return {"type": "DateRange", "dates": [self.start, self.end]}


UNBOUNDED = DateRange(_FIRST, _LAST)


@converts("DateRange")
def as_date_range(value: Any) -> DateRange:
    """Return a range of a range, or the millisecond of a date."""
    if isinstance(value, DateRange):
        return value
    if isinstance(value, dict) and value.get("type") == "DateRange":
        dates = value.get("dates")
        if not isinstance(dates, list) or len(dates) != 2:
            raise NotConvertible
        return DateRange(*(as_date(date).millis for date in dates))
    if isinstance(value, Date):
        return DateRange(value.millis, value.millis + 1)
    raise NotConvertible
