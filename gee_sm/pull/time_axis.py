"""The times a pull has: one value each, also where there is no image."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gee_sm.catalog.product import Product
from gee_sm.composites.periods import Step, periods

__all__ = ["TimeAxis", "composite_axis", "ms_of", "native_axis"]

DAY_MS = 86_400_000
_MONTH_DAYS = 28
_YEAR_DAYS = 365


@dataclass(frozen=True)
class TimeAxis:
    """Steps of time, one value each.

    Attributes
    ----------
    start_ms, end_ms : ndarray of int64, shape (steps,)
        Milliseconds since 1970, UTC; ends exclusive. Steps are in order. They may overlap: the
        last composite of 16 days of a year reaches into the next one.
    """

    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start_ms)

    @property
    def reach_ms(self) -> NDArray[np.int64]:
        """Up to when an image that starts belongs to a step: where the next one starts."""
        return np.append(self.start_ms[1:], self.end_ms[-1:])

    @property
    def starts(self) -> NDArray[np.datetime64]:
        """Start of each step."""
        return self.start_ms.astype("datetime64[ms]").astype("datetime64[ns]")

    @property
    def bounds(self) -> NDArray[np.datetime64]:
        """Start and end of each step, shape (steps, 2)."""
        both = np.stack([self.start_ms, self.end_ms], axis=1)
        return both.astype("datetime64[ms]").astype("datetime64[ns]")

    def steps_of(self, times_ms: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the step that images starting at some times belong to; -1 for none."""
        found = np.searchsorted(self.start_ms, times_ms, side="right") - 1
        beyond = times_ms >= self.reach_ms[np.maximum(found, 0)]
        return np.where((found < 0) | beyond, -1, found)


def composite_axis(start: dt.date, end: dt.date, step: Step) -> TimeAxis:
    """Return the whole periods that contain the days from `start` to the day before `end`.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    """
    found = periods(start, end, step)
    return TimeAxis(
        np.array([period.start_ms for period in found], dtype=np.int64),
        np.array([period.end_ms for period in found], dtype=np.int64),
    )


def native_axis(
    product: Product, start: dt.date, end: dt.date, times_ms: NDArray[np.int64]
) -> TimeAxis:
    """Return a product's own steps that touch a period.

    Parameters
    ----------
    product : Product
        A product that changes with time.
    start, end : datetime.date
        First day and the day after the last one, UTC.
    times_ms : ndarray of int64
        When its images start. They tell on which day of the year composites of several days
        begin (those of Aqua 8 days after those of Terra); other products do not need them.

    Returns
    -------
    TimeAxis
        Products of a day or less: regular steps from `start`, so that the image of a day is the
        one that starts on that UTC day, whatever its hour. Composites of several days: from each
        start of a year on. Months and years: as the calendar has them.
    """
    days = product.period_days
    if days <= 1:
        length = round(days * DAY_MS)
        starts = np.arange(ms_of(start), ms_of(end), length, dtype=np.int64)
        return TimeAxis(starts, starts + length)
    if days >= _YEAR_DAYS:
        starts = [dt.date(year, 1, 1) for year in range(start.year, end.year + 2)]
        return _touching(starts[:-1], starts[1:], start, end)
    if product.cut_at == "month" and days >= _MONTH_DAYS:
        months = [
            dt.date(year, month, 1)
            for year in range(start.year, end.year + 2)
            for month in range(1, 13)
        ]
        return _touching(months[:-1], months[1:], start, end)
    return _composites_of_days(product, start, end, times_ms)


def _composites_of_days(
    product: Product, start: dt.date, end: dt.date, times_ms: NDArray[np.int64]
) -> TimeAxis:
    length = int(product.period_days)
    first_day = _phase(times_ms, length)
    starts, ends = [], []
    for year in range(start.year - 1, end.year + 1):
        new_year = dt.date(year, 1, 1)
        next_year = dt.date(year + 1, 1, 1)
        day = new_year + dt.timedelta(days=first_day)
        while day < next_year:
            stop = day + dt.timedelta(days=length)
            starts.append(day)
            ends.append(min(stop, next_year) if product.cut_at == "year" else stop)
            day = stop
    return _touching(starts, ends, start, end)


def _phase(times_ms: NDArray[np.int64], length: int) -> int:
    """Return how many days after New Year the first composite starts."""
    days = times_ms.astype("datetime64[ms]").astype("datetime64[D]")
    since = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) % length
    return Counter(since.tolist()).most_common(1)[0][0] if since.size else 0


def _touching(starts: list[dt.date], ends: list[dt.date], start: dt.date, end: dt.date) -> TimeAxis:
    kept = [(a, b) for a, b in zip(starts, ends, strict=True) if a < end and b > start]
    return TimeAxis(
        np.array([ms_of(a) for a, _ in kept], dtype=np.int64),
        np.array([ms_of(b) for _, b in kept], dtype=np.int64),
    )


def ms_of(day: dt.date) -> int:
    """Return when a day begins, milliseconds since 1970, UTC."""
    return int(np.datetime64(day, "ms").astype(np.int64))
