"""Dates and date ranges against the calendar and pandas, and what the reference says in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ee
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values import date_pattern
from gee_sm.emulator.values.date import Date, advance, date_of_text, floor_to, time_zone

moments = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)


def of(moment):
    return Date(round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)))


PARSED = {
    "ee.Date('1996-001')": "1996-01-01T00:00:00",
    "ee.Date('1996-366')": "1996-12-31T00:00:00",
    "ee.Date('1996-01-01T08:00')": "1996-01-01T08:00:00",
    "ee.Date.fromYMD(2017, 3, 4)": "2017-03-04T00:00:00",
    "ee.Date.parse('dd/MM/yyyy HH:mm', '07/02/2021 13:45')": "2021-02-07T13:45:00",
    "ee.Date.parse('yyyyDDD', '2021045')": "2021-02-14T00:00:00",
    "ee.Date.parse('YYYYMMdd', '20200229')": "2020-02-29T00:00:00",
    "ee.Date.parse('dd MMM yy', '03 Feb 98')": "1998-02-03T00:00:00",
    "ee.Date.parse('yyyy-MM-dd HH', '2020-01-01 00', 'America/Los_Angeles')": "2020-01-01T08:00:00",
    "ee.Date.parse('hh:mm a', '09:30 PM')": "1970-01-01T21:30:00",
    "ee.Date.parse('xxxx ww e', '1975 30 3')": "1975-07-23T00:00:00",
}


@pytest.mark.parametrize(("text", "expected"), PARSED.items())
def test_reading(run, earth_engine, text, expected):
    assert run(eval(text, {"ee": ee}).format()) == expected


# new DateTime(text, zone) and DateTimeFormat.forPattern(pattern).withZone(zone).parseMillis(text)
# of Joda-Time 2.1, which the service's patterns name; None where it throws.
JODA_TEXTS = {
    "2020-W01": 1577664000000,
    "2020-W53-7": 1609632000000,
    "2021-W53-1": None,
    "2020-W54": None,
    "2020-01-05T07.5": 1578209400000,
    "2020-01-05T07:30.5": 1578209430000,
    "2020-01-05T07:08:09,123456": 1578208089123,
    "2020-01-05T07:08:09z": 1578208089000,
    "2020-01-05T07:08:09+01": 1578204489000,
    "2020-01-05T": 1578182400000,
    "2020-01-05T+01:00": 1578178800000,
    "2020-01-05 07:08": None,
    "2020-01-05T07:08:09.": None,
    "2020-01-05T24:00": None,
    "2020-01-05Z": None,
    " 2020": None,
}
JODA_PATTERNS = {
    ("hh:mm a", "12:30 AM"): 1800000,
    ("hh:mm a", "00:30 AM"): None,
    ("hh:mm a", "13:00 PM"): None,
    ("KK:mm a", "12:30 AM"): None,
    ("kk", "24"): 0,
    ("kk", "00"): None,
    ("HH:mm:ss.SSS", "01:02:03.4"): 3723400,
    ("HH:mm:ss.SSS", "01:02:03.4567"): None,
    ("ss.S", "01.55"): None,
    ("yyyy-MM-dd Z", "2020-01-05 -08"): 1578211200000,
    ("yyyy-MM-dd Z", "2020-01-05 +0530"): 1578162600000,
    ("MMM d, yyyy", "January 5, 2020"): 1578182400000,
    ("yyyy-DDD", "2020-000"): None,
}


@pytest.mark.parametrize(("text", "expected"), JODA_TEXTS.items())
def test_texts_are_read_as_joda_reads_them(text, expected):
    if expected is None:
        with pytest.raises(EarthEngineError, match="Bad date/time"):
            date_of_text(text)
    else:
        assert date_of_text(text).millis == expected


@pytest.mark.parametrize(("case", "expected"), JODA_PATTERNS.items())
def test_patterns_read_as_jodas_do(case, expected):
    if expected is None:
        with pytest.raises(EarthEngineError, match="cannot be parsed with format"):
            date_pattern.parse(*case)
    else:
        assert date_pattern.parse(*case).millis == expected


@given(moments)
def test_patterns_agree_with_strftime(moment):
    pattern = "yyyy-MM-dd DDD HH:mm:ss SSS xxxx ww e EEE MMMM"
    written = date_pattern.format_date(of(moment), pattern)
    expected = moment.strftime("%Y-%m-%d %j %H:%M:%S ") + f"{moment.microsecond // 1000:03d}"
    assert written == expected + moment.strftime(" %G %V %u %a %B")


@given(moments)
def test_reading_undoes_writing(moment):
    for pattern in ("yyyy-MM-dd'T'HH:mm:ss.SSS", "dd MMM YYYY hh:mm:ss.SSS a", "yyyyDDDHHmmssSSS"):
        text = date_pattern.format_date(of(moment), pattern)
        assert date_pattern.parse(pattern, text) == of(moment)


@given(moments)
def test_iso_text_is_read(moment):
    assert date_of_text(moment.strftime("%Y-%m-%dT%H:%M:%S.%f")) == of(moment)


def test_json(run, earth_engine):
    assert run(ee.Date("2017-06-24")) == {"type": "Date", "value": 1498262400000}
    assert run(ee.Date("2017-06-24").millis()) == 1498262400000


def test_fields(run, earth_engine):
    date = ee.Date("2021-4-30T07:15:31")
    wanted = {
        "year": 2021, "month": 4, "week": 17, "day": 30, "hour": 7, "minute": 15, "second": 31,
    }  # fmt: skip
    assert {unit: run(date.get(unit)) for unit in wanted} == wanted
    assert run(date.get("hour", "America/Los_Angeles")) == 0
    assert run(ee.Date("2021-01-01").get("week")) == 53


def test_relative_fields(run, earth_engine):
    date = ee.Date("2021-4-30T07:15:31.24")
    assert run(date.getRelative("month", "year")) == 3
    assert run(date.getRelative("day", "year")) == 119
    assert run(date.getRelative("day", "month")) == 29
    assert run(date.getRelative("minute", "day")) == 7 * 60 + 15
    assert run(date.getRelative("second", "minute")) == 31
    assert run(date.getRelative("year", "year")) == 0
    assert run(date.getRelative("year", "month")) == 0
    assert run(ee.Date("2020-12-31").getRelative("day", "year")) == 365


def test_fractions_are_of_that_very_year(run, earth_engine):
    assert run(ee.Date("2020-07-02").getFraction("year")) == pytest.approx(183 / 366)
    assert run(ee.Date("2021-07-02T12:00").getFraction("year")) == pytest.approx(0.5)
    assert run(ee.Date("2021-02-15").getFraction("month")) == pytest.approx(0.5)
    assert run(ee.Date("2021-4-30T07:15:31.24").getFraction("second")) == pytest.approx(0.24)


def test_difference_uses_average_units(run, earth_engine):
    def between(end, start, unit):
        return run(ee.Date(end).difference(ee.Date(start), unit))

    assert between("2020-01-15", "2020-01-01", "days") == 14
    assert between("2020-01-01", "2020-01-15", "weeks") == -2
    assert between("2020-01-01", "2019-01-01", "month") == pytest.approx(11.99, abs=0.005)
    assert 215.9 < between("2016-01-01", "1998-01-01", "month") < 216
    assert run(ee.Date.unitRatio("day", "minute")) == 1440
    assert run(ee.Date.unitRatio("year", "month")) == 12


def test_update(run, earth_engine):
    date = ee.Date("2021-4-30T07:15:31.24").update(year=2010, minute=59)
    assert run(date.format("yyyy-MM-dd HH:mm:ss.SSS")) == "2010-04-30 07:59:31.240"
    fraction = ee.Date("2021-04-30").update(second=12.5)
    assert run(fraction.format("HH:mm:ss.SSS")) == "00:00:12.500"


def test_range_of_a_unit(run, earth_engine):
    year = ee.Date("2013-3-15").getRange("year")
    assert run(year.start().format("yyyy-MM-dd")) == "2013-01-01"
    assert run(year.end().format("yyyy-MM-dd")) == "2014-01-01"
    week = ee.Date("2021-4-30").getRange("week")
    assert run(week.start().format("yyyy-MM-dd")) == "2021-04-26"
    hour = ee.Date("2021-4-30T07:15").getRange("hour", "Asia/Kolkata")
    assert run(hour.start().format()) == "2021-04-30T06:30:00"


def test_advancing_keeps_the_day_and_clips_the_end_of_the_month(run, earth_engine):
    def advanced(start, delta, unit, zone=None):
        return run(ee.Date(start).advance(delta, unit, zone).format("yyyy-MM-dd HH:mm"))

    assert advanced("2021-01-31", 1, "month") == "2021-02-28 00:00"
    assert advanced("2020-02-29", 1, "year") == "2021-02-28 00:00"
    assert advanced("2020-03-31", -1, "month") == "2020-02-29 00:00"
    assert advanced("2021-01-31", 2, "weeks") == "2021-02-14 00:00"
    assert advanced("2021-01-01", 1.5, "day") == "2021-01-02 12:00"
    assert advanced("2021-01-01", 90, "minute") == "2021-01-01 01:30"
    # The day on which the clocks go forward has 23 hours.
    assert advanced("2021-03-13T20:00", 1, "day", "America/Los_Angeles") == "2021-03-14 19:00"
    assert advanced("2021-03-13T20:00", 1, "day") == "2021-03-14 20:00"


@given(moments, st.integers(-400, 400), st.sampled_from(["year", "month", "week", "day"]))
def test_advancing_agrees_with_pandas(moment, delta, unit):
    expected = pd.Timestamp(moment) + pd.DateOffset(**{f"{unit}s": delta})
    assert advance(of(moment), delta, unit) == of(expected.to_pydatetime())


@given(moments, st.sampled_from(["year", "month", "week", "day", "hour", "minute", "second"]))
def test_a_date_lies_in_its_unit(moment, unit):
    date = of(moment)
    start = floor_to(date, unit)
    assert start <= date < advance(start, 1, unit)
    assert floor_to(start, unit) == start


@given(moments, st.sampled_from(["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"]))
def test_starts_of_days_are_local_midnights(moment, zone):
    start = floor_to(of(moment), "day", time_zone(zone)).local(time_zone(zone))
    assert (start.hour, start.minute) == (0, 0) or start.fold or start.dst()


def test_half_open_ranges(run, earth_engine):
    june = ee.DateRange("2017-06-24", "2017-07-24")
    assert run(june) == {"type": "DateRange", "dates": [1498262400000, 1500854400000]}
    assert run(june.contains(ee.Date("2017-06-24"))) is True
    assert run(june.contains(ee.Date("2017-07-24"))) is False
    assert run(june.contains(ee.DateRange("2017-06-30", "2017-07-10"))) is True
    assert run(june.contains(ee.DateRange("2010-06-24", "2020-07-24"))) is False
    assert run(june.intersects(ee.DateRange("2017-07-24", "2018-01-01"))) is False
    single = ee.DateRange("2017-06-24")
    assert run(ee.Number(single.end().millis()).subtract(single.start().millis())) == 1


def test_ranges_read_text_in_their_zone(run, earth_engine):
    found = ee.DateRange("2017-06-24", "2017-07-24", "America/Los_Angeles")
    assert run(found.start().format()) == "2017-06-24T07:00:00"


def test_empty_ranges_keep_their_ends(run, earth_engine):
    backwards = ee.DateRange("2017-07-24", "2017-06-24")
    assert run(backwards.isEmpty()) is True
    assert run(backwards.start().format("yyyy-MM")) == "2017-07"
    assert run(ee.DateRange("2017-06-24", "2017-06-24").isEmpty()) is True


def test_unions_and_intersections(run, earth_engine):
    first = ee.DateRange("2017-06-24", "2017-07-24")
    second = ee.DateRange("2017-06-30", "2018-07-10")
    both = first.intersection(second)
    assert run(both.start().format("yyyy-MM-dd")) == "2017-06-30"
    assert run(both.end().format("yyyy-MM-dd")) == "2017-07-24"
    union = first.union(ee.DateRange("1970-06-24", "1971-07-24"))
    assert run(union.start().format("yyyy-MM-dd")) == "1970-06-24"
    assert run(union.end().format("yyyy-MM-dd")) == "2017-07-24"
    assert run(ee.DateRange.unbounded().isUnbounded()) is True


def test_collections_of_ranges(run, earth_engine):
    made = ee.ApiFunction.call_(
        "BetterDateRangeCollection", ee.Date("2020-01-15"), ee.Date("2020-04-01"), 1, "month"
    )
    found = run(made)["features"]
    assert [f["id"] for f in found] == ["202001", "202002", "202003"]
    assert found[0]["properties"]["date_range"]["dates"][1] == 1581724800000  # 15 February
    years = ee.ApiFunction.call_(
        "BetterDateRangeCollection",
        ee.Date("2019-01-01"), ee.Date("2021-01-01"), 300, "day", True,
    )  # fmt: skip
    assert [f["id"] for f in run(years)["features"]] == [
        "20190101", "20191028", "20200101", "20201027",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["2020-13-01", "yesterday", "2021-366", "2020-02-30", ""])
def test_bad_text(message, earth_engine, text):
    assert message(ee.Date(text).millis()) == f"Date: Bad date/time '{text}'."


def test_bad_units_and_zones(message, earth_engine):
    assert "Unknown unit 'decade'" in message(ee.Date(0).advance(1, "decade"))
    assert "time zone id 'Mars/Olympus'" in message(ee.Date(0).format(None, "Mars/Olympus"))
    assert "Illegal pattern component" in message(ee.Date(0).format("JJ"))


def test_null_dates_are_refused(message, earth_engine):
    assert message(ee.Date(ee.Feature(None).get("x")).millis()) == (
        "Date: Parameter 'value' is required and may not be null."
    )
