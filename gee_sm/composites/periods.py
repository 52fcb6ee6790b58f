"""The periods that images are composited over."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

from gee_sm.catalog.products import as_day

Step = Literal["day", "8 days", "16 days", "month", "season"]

_ONE_DAY = dt.timedelta(days=1)


class UnknownStepError(ValueError):
    """A length of period that does not exist was asked for."""


@dataclass(frozen=True)
class Period:
    """Days from `start` to the day before `end`, UTC.

    Attributes
    ----------
    start, end : datetime.date
        First day, and the day after the last one.
    """

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days

    @property
    def start_ms(self) -> int:
        """Start in milliseconds since 1970."""
        return _ms(self.start)

    @property
    def end_ms(self) -> int:
        """End in milliseconds since 1970, exclusive."""
        return _ms(self.end)


def periods(start: str | dt.date, end: str | dt.date, step: Step) -> tuple[Period, ...]:
    """Return the whole periods that contain the days from `start` to the day before `end`.

    Parameters
    ----------
    start, end : str or datetime.date
        First day and the day after the last one.
    step : {"day", "8 days", "16 days", "month", "season"}
        Periods of 8 and 16 days are those of MODIS: they start anew on 1 January, and the last one
        of a year is shorter. Seasons are December to February, March to May, and so on.

    Returns
    -------
    tuple of Period
        In order, without gaps. The first may start before `start` and the last may end after
        `end`: half a month is not the month.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    ValueError
        If the days are none, or not days.

    Examples
    --------
    >>> [str(period.start) for period in periods("2020-12-20", "2021-01-10", "8 days")]
    ['2020-12-18', '2020-12-26', '2021-01-01', '2021-01-09']
    """
    if step not in get_args(Step):
        raise UnknownStepError(f"step {step!r} is unknown; use one of {', '.join(get_args(Step))}")
    first, last = as_day(start), as_day(end)
    if not first < last:
        raise ValueError(f"a period must end after it starts; got {start} to {end}")
    found = [_containing(first, step)]
    while found[-1].end < last:
        found.append(_containing(found[-1].end, step))
    return tuple(found)


def _containing(day: dt.date, step: Step) -> Period:
    if step == "day":
        return Period(day, day + _ONE_DAY)
    if step == "month":
        return Period(day.replace(day=1), _months_later(day, 1))
    if step == "season":
        # Months since the last start: December, January and February give 0, 1, 2.
        start = _months_later(day, -(day.month % 3))
        return Period(start, _months_later(start, 3))
    length = 8 if step == "8 days" else 16
    new_year = day.replace(month=1, day=1)
    start = new_year + dt.timedelta(days=(day - new_year).days // length * length)
    return Period(
        start, min(start + dt.timedelta(days=length), new_year.replace(year=day.year + 1))
    )


def _months_later(day: dt.date, months: int) -> dt.date:
    """Return the first day of a month so many months away."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def _ms(day: dt.date) -> int:
    return calendar.timegm(day.timetuple()) * 1000
