"""What the emulator assumes of dates."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

DATES = Section(
    "Dates",
    (
        "The calendar is the ISO one of Joda-Time. The reference prints 17:00 for midnight "
        "of 18 August 2020 in Etc/GMT+8, which is eight hours behind: 16:00."
    ),
    (
        Assumption(
            "Date.unitRatio",
            "The average year has 365.2425 days, a month is a twelfth of it.",
            "ee.Date.unitRatio('year', 'second')",
            "31556952.0",
        ),
        Assumption(
            "Date.advance",
            "Months and years are clipped to the end of the month.",
            "ee.Date('2021-01-31').advance(1, 'month').format()",
            '"2021-02-28T00:00:00"',
        ),
        Assumption(
            "Date.advance",
            "The fraction of a month or year counts as that part of its average length.",
            "ee.Date('2021-01-01').advance(0.5, 'month').format()",
            '"2021-01-16T05:14:33"',
        ),
        Assumption(
            "Date.advance",
            (
                "Days are calendar days of the zone: across a change of the clocks the time of day "
                "stays."
            ),
            "ee.Date('2021-03-13T20:00').advance(1, 'day', 'America/Los_Angeles').format()",
            '"2021-03-14T19:00:00"',
        ),
        Assumption(
            "Date.update",
            "A day that is not set is clipped to the end of the month.",
            "ee.Date('2020-02-29').update(2021).format('yyyy-MM-dd')",
            '"2021-02-28"',
        ),
        Assumption(
            "Date.getRange",
            "Weeks start on Monday.",
            "ee.Date('2021-05-02').getRange('week').start().format('yyyy-MM-dd')",
            '"2021-04-26"',
        ),
        Assumption(
            "Date.getRelative",
            "Weeks in a year are counted from 1 January.",
            "ee.Date('2021-01-10').getRelative('week', 'year')",
            "1",
        ),
        Assumption(
            "Date",
            "Text that is not a date is an error of these words.",
            "ee.Date('yesterday').millis()",
            "error: Date: Bad date/time 'yesterday'.",
        ),
        Assumption(
            "Date",
            (
                "Texts are in the forms of ISO 8601 that Joda-Time reads: weeks and fractions of "
                "hours too, but no blank in place of the T."
            ),
            "ee.Date('2020-01-05 07:08').millis()",
            "error: Date: Bad date/time '2020-01-05 07:08'.",
        ),
        Assumption(
            "Date.format",
            "An unknown zone is an error of these words.",
            "ee.Date(0).format(None, 'Mars/Olympus')",
            "error: Date.format: The time zone id 'Mars/Olympus' is not recognised.",
        ),
        Assumption(
            "Date.format",
            "Fractions of a second are cut, not rounded; beyond three digits come zeros.",
            "ee.Date(1999).format('ss.SSSS')",
            '"01.9990"',
        ),
        Assumption(
            "Date.format",
            (
                "Long names are known for UTC, GMT and the zones of North America and central "
                "Europe; others are written by their short name."
            ),
            "ee.Date('2020-07-01').format('zzzz', 'Asia/Tokyo')",
            '"JST"',
        ),
        Assumption(
            "Date.parse",
            "Two-digit years lie from 80 years before the present to 19 after it, as in Joda-Time.",
            (
                "ee.List([ee.Date.parse('yy', '30').get('year'), ee.Date.parse('yy', '70')"
                ".get('year')])"
            ),
            "[2030, 1970]",
        ),
        Assumption(
            "Date.parse",
            "Fields that a pattern lacks are those of 1970-01-01T00:00:00.",
            "ee.Date.parse('HH', '07').format()",
            '"1970-01-01T07:00:00"',
        ),
        Assumption(
            "Date.advance",
            "Years outside of 1 to 9999 are an error.",
            "ee.Date('9999-01-01').advance(1, 'year').millis()",
            "error: Date.advance: Advancing by 1 year leaves the years 1 to 9999.",
        ),
        Assumption(
            "DateRange.union",
            "Ranges apart give one range that covers both.",
            (
                "ee.DateRange('2017-01-01', '2017-01-02').union(ee.DateRange('2017-02-01', "
                "'2017-02-02')).end().format('yyyy-MM-dd')"
            ),
            '"2017-02-02"',
        ),
        Assumption(
            "DateRange.intersection",
            "Ranges apart give an empty range at the later start.",
            (
                "ee.DateRange('2017-01-01', '2017-01-02').intersection(ee.DateRange('2017-02-01', "
                "'2017-02-02'))"
            ),
            '{"type": "DateRange", "dates": [1485907200000, 1485907200000]}',
        ),
        Assumption(
            "DateRange",
            "JSON has the two ends in milliseconds under `dates`.",
            "ee.DateRange(0, 1)",
            '{"type": "DateRange", "dates": [0, 1]}',
        ),
        Assumption(
            "BetterDateRangeCollection",
            (
                "With a reset at year boundaries the range that crosses one keeps its length, and "
                "the next starts on 1 January."
            ),
            (
                "ee.ApiFunction.call_('BetterDateRangeCollection', ee.Date('2019-01-01'), "
                "ee.Date('2021-01-01'), 300, 'day', True).aggregate_array('system:index')"
            ),
            '["20190101", "20191028", "20200101", "20201027"]',
        ),
    ),
)
