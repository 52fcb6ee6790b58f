from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.composites.periods import UnknownStepError, periods

STEPS = ("day", "8 days", "16 days", "month", "season")
_days = st.dates(dt.date(2000, 1, 1), dt.date(2029, 12, 31))


@given(start=_days, length=st.integers(1, 500), step=st.sampled_from(STEPS))
def test_periods_tile_the_days_asked_for(start, length, step):
    end = start + dt.timedelta(days=length)
    found = periods(start, end, step)
    assert found[0].start <= start < found[0].end
    assert found[-1].start < end <= found[-1].end
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    longest = {"day": 1, "8 days": 8, "16 days": 16, "month": 31, "season": 92}[step]
    assert all(1 <= period.days <= longest for period in found)
    assert all((p.end_ms - p.start_ms) == p.days * 86_400_000 for p in found)


@given(day=_days, step=st.sampled_from(STEPS))
def test_a_day_has_the_same_period_whatever_was_asked_for(day, step):
    alone = periods(day, day + dt.timedelta(days=1), step)
    among = periods(day - dt.timedelta(days=200), day + dt.timedelta(days=200), step)
    assert len(alone) == 1
    assert alone[0] in among


def test_seasons_and_the_short_ends_of_years():
    winter = periods("2020-01-15", "2020-01-16", "season")[0]
    assert (winter.start, winter.end) == (dt.date(2019, 12, 1), dt.date(2020, 3, 1))
    december = periods("2020-12-31", "2021-01-01", "season")[0]
    assert december.start == dt.date(2020, 12, 1)
    # Leap years end with an 8-day period of 6 days, others of 5; 16-day ones of 14 and 13.
    for year, eight, sixteen in ((2020, 6, 14), (2021, 5, 13)):
        last = dt.date(year, 12, 31)
        after = last + dt.timedelta(days=1)
        assert periods(last, after, "8 days")[0].days == eight
        assert periods(last, after, "16 days")[0].days == sixteen


def test_wrong_arguments():
    with pytest.raises(UnknownStepError, match="'week' is unknown; use one of day, 8 days"):
        periods("2020-01-01", "2020-02-01", "week")
    with pytest.raises(ValueError, match="must end after it starts"):
        periods("2020-02-01", "2020-02-01", "day")
