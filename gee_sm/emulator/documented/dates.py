"""Documented outputs of dates and date ranges."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

AUGUST = "ee.Date('2020-08-18')"
JULY = "ee.Date('1975-07-23T21:13:59')"
APRIL = "ee.Date('2021-4-30T07:15:31.24')"

DATES = (
    *outputs("Date", "apidocs/ee-date", {
        "ee.Date(0).format()": '"1970-01-01T00:00:00"',
        "ee.Date(60 * 1000).format()": '"1970-01-01T00:01:00"',
        "ee.Date('2020').format()": '"2020-01-01T00:00:00"',
        "ee.Date('2017-6-24').format()": '"2017-06-24T00:00:00"',
        "ee.Date('2017-06-24').format()": '"2017-06-24T00:00:00"',
        "ee.Date('2017-6-24T00:14:46').format()": '"2017-06-24T00:14:46"',
        "ee.Date('2017-06-24T23:59:59').format()": '"2017-06-24T23:59:59"',
        "ee.Date('2020', 'US/Mountain').format()": '"2020-01-01T07:00:00"',
    }),
    *outputs("Date", 'search?q="Date:+Parameter+value+is+required"&type=code', {
        "ee.Date(ee.Feature(None).get('x')).millis()": (
            "error: Date: Parameter 'value' is required and may not be null."
        ),
    }, source="recorded"),
    *outputs("Date.format", "apidocs/ee-date-format", {
        f"{AUGUST}.format(None, 'GMT')": '"2020-08-18T00:00:00"',
        f"{AUGUST}.format(None, 'Etc/GMT')": '"2020-08-18T00:00:00"',
        f"{AUGUST}.format(None, 'Etc/GMT+0')": '"2020-08-18T00:00:00"',
        f"{AUGUST}.format(None, 'Zulu')": '"2020-08-18T00:00:00"',
        f"{AUGUST}.format(None, 'UTC')": '"2020-08-18T00:00:00"',
        f"{AUGUST}.format(None, 'America/Los_Angeles')": '"2020-08-17T17:00:00"',
        f"{AUGUST}.format(None, 'US/Pacific')": '"2020-08-17T17:00:00"',
        f"{AUGUST}.format(None, 'PST8PDT')": '"2020-08-17T17:00:00"',
        f"{AUGUST}.format(None, 'Australia/Tasmania')": '"2020-08-18T10:00:00"',
        f"{AUGUST}.format(None, 'Etc/GMT-10')": '"2020-08-18T10:00:00"',
        f"{JULY}.format('YYYY GG')": '"1975 AD"',
        f"{JULY}.format('CC YY')": '"19 75"',
        f"{JULY}.format('xxxx ww')": '"1975 30"',
        f"{JULY}.format('yy DDD')": '"75 204"',
        f"{JULY}.format('MM dd')": '"07 23"',
        f"{JULY}.format('e E')": '"3 Wed"',
        f"{JULY}.format('e EEEEEEEE')": '"3 Wednesday"',
        f"{JULY}.format('a K h')": '"PM 9 9"',
        f"{JULY}.format('a KK hh')": '"PM 09 09"',
        f"{JULY}.format('H k m s S')": '"21 21 13 59 0"',
        f"{JULY}.format('HH kk mm ss SS')": '"21 21 13 59 00"',
        f"{JULY}.format('z')": '"UTC"',
        f"{JULY}.format('zzzz')": '"Coordinated Universal Time"',
        f"{JULY}.format('z', 'PST8PDT')": '"PDT"',
        f"{JULY}.format('zzzz', 'PST8PDT')": '"Pacific Daylight Time"',
        f"{JULY}.format('Z')": '"+0000"',
        f"{JULY}.format('ZZ')": '"+00:00"',
        f"{JULY}.format('ZZZ')": '"UTC"',
        f"{JULY}.format('Z', 'PST8PDT')": '"-0700"',
        f"{JULY}.format('ZZ', 'PST8PDT')": '"-07:00"',
        # The Python sample; the JavaScript one prints the long name of the zone.
        f"{JULY}.format('ZZZ', 'PST8PDT')": '"PST8PDT"',
        f"{JULY}.format(\"YY 'yada' MM\")": '"75 yada 07"',
        f"{JULY}.format(\"YY ''MM'' dd\")": "\"75 '07' 23\"",
    }),
    *outputs("Date.format", "apidocs/ee-date-format", {
        f"{AUGUST}.format(None, 'Etc/GMT+8')": '"2020-08-17T17:00:00"',
    }, disagrees=(
        "The printed hour is that of Pacific summer time; Etc/GMT+8 is eight hours west of "
        "Greenwich all the year round, as Etc/GMT-10 is printed ten hours east."
    )),
    *outputs("Date.advance", "apidocs/ee-date-advance", {
        "ee.Date('2020-7-1T13:00', 'UTC').advance(1, 'week').format()": '"2020-07-08T13:00:00"',
        "ee.Date('2020-7-1T13:00', 'UTC').advance(2, 'years').format()": '"2022-07-01T13:00:00"',
        "ee.Date('2020-7-1T13:00', 'UTC').advance(-1, 'second').format()": (
            '"2020-07-01T12:59:59"'
        ),
    }, source="stated"),
    *outputs("Date.difference", "apidocs/ee-date-difference", {
        "ee.Date('2020-01-15').difference(ee.Date('2020-01-01'), 'days')": "14",
        "ee.Date('2020-01-01').difference(ee.Date('2020-01-15'), 'weeks')": "-2",
    }, source="stated"),
    *outputs("Date.fromYMD", "apidocs/ee-date-fromymd", {
        "ee.Date.fromYMD(2021, 4, 30).format()": '"2021-04-30T00:00:00"',
        "ee.Date.fromYMD(2021, 4, 30, 'America/Los_Angeles').format()": '"2021-04-30T07:00:00"',
    }, source="stated"),
    *outputs("Date.get", "apidocs/ee-date-get", {
        f"{APRIL}.get('year')": "2021",
        f"{APRIL}.get('month')": "4",
        f"{APRIL}.get('week')": "17",
        f"{APRIL}.get('day')": "30",
        f"{APRIL}.get('hour')": "7",
        f"{APRIL}.get('minute')": "15",
        f"{APRIL}.get('second')": "31",
    }, source="stated"),
    *outputs("Date.getFraction", "apidocs/ee-date-getfraction", {
        f"{APRIL}.getFraction('second')": "0.24",
    }, source="stated"),
    *outputs("Date.getRange", "apidocs/ee-date-getrange", {
        "ee.Date('2013-3-15').getRange('year').start().format('yyyy-MM-dd')": '"2013-01-01"',
        "ee.Date('2013-3-15').getRange('year').end().format('yyyy-MM-dd')": '"2014-01-01"',
    }),
    *outputs("Date.getRelative", "apidocs/ee-date-getrelative", {
        f"{APRIL}.getRelative('month', 'year')": "3",
        f"{APRIL}.getRelative('day', 'year')": "119",
        f"{APRIL}.getRelative('day', 'month')": "29",
        f"{APRIL}.getRelative('minute', 'day')": "435",
        f"{APRIL}.getRelative('second', 'minute')": "31",
        f"{APRIL}.getRelative('year', 'month')": "0",
    }, source="stated"),
    *outputs("Date.parse", "apidocs/ee-date-parse", {
        "ee.Date.parse('YYYY MM dd', '2021 4 30').format()": '"2021-04-30T00:00:00"',
        "ee.Date.parse('YYYY-MM-dd', '2021-4-30').format()": '"2021-04-30T00:00:00"',
        "ee.Date.parse('YYYY/MM/dd', '2021/4/30').format()": '"2021-04-30T00:00:00"',
        "ee.Date.parse('MM/dd/YY', '4/30/21').format()": '"2021-04-30T00:00:00"',
        "ee.Date.parse('MMM. dd, YYYY', 'Apr. 30, 2021').format()": '"2021-04-30T00:00:00"',
        "ee.Date.parse('YYYY-MM-dd HH:mm:ss', '2021-4-30 00:00:00').format()": (
            '"2021-04-30T00:00:00"'
        ),
    }, source="stated"),
    *outputs("Date.unitRatio", "apidocs/ee-date-unitratio", {
        "ee.Date.unitRatio('day', 'minute')": "1440",
    }),
    *outputs("Date.unitRatio", "apidocs/ee-date-unitratio", {
        "ee.Date.unitRatio('week', 'hour')": "168",
    }, source="stated"),
    *outputs("Date.update", "apidocs/ee-date-update", {
        f"{APRIL}.update(year=2010, minute=59).format('yyyy-MM-dd HH:mm:ss.SSS')": (
            '"2010-04-30 07:59:31.240"'
        ),
    }, source="stated"),
    *outputs("Date", "gee-community/geemap/issues/1830", {
        "ee.Date('2023-02-32').millis()": "error: Date: Bad date/time '2023-02-32'.",
    }, source="recorded"),
    *outputs("Date.parse", "rfernand387/LEAF-Toolbox/issues/16", {
        "ee.Date.parse('DD/MM/yy', '2021-01-01')": (
            "error: Date.parse: Date/time '2021-01-01' cannot be parsed with format 'DD/MM/yy'."
        ),
    }, source="recorded"),
    *outputs("Date", "gee-community/geetools/blob/main/tests/test_Date.py", {
        "ee.Date('0003-01-01').format('YYYY-MM-DD')": '"0003-01-01"',
        "ee.Date.fromYMD(2020, 1, 1).advance(366, 'day').format('YYYY-MM-dd')": '"2021-01-01"',
    }, source="recorded"),
)  # fmt: skip

JUNE = "ee.DateRange('2017-06-24', '2017-07-24')"
LATER = "ee.DateRange('2017-06-30', '2018-07-10')"

DATE_RANGES = (
    *outputs("DateRange", "apidocs/ee-daterange", {
        f"{JUNE}.start().millis()": "1498262400000",
        f"{JUNE}.end().millis()": "1500854400000",
        "ee.DateRange('2017-06-24', '2017-07-24', 'America/Los_Angeles').start().format()": (
            '"2017-06-24T07:00:00"'
        ),
        "ee.DateRange('2017-06-24').end().millis().subtract("
        "ee.DateRange('2017-06-24').start().millis())": "1",
        "ee.DateRange(1498262400000, 1500854400000).start().format('yyyy-MM-dd')": '"2017-06-24"',
        "ee.DateRange(1498262400000, 1500854400000).end().format('yyyy-MM-dd')": '"2017-07-24"',
    }, source="stated"),
    *outputs("DateRange.contains", "apidocs/ee-daterange-contains", {
        f"{JUNE}.contains(ee.DateRange('2017-06-30', '2017-07-10'))": "true",
        f"{JUNE}.contains(ee.DateRange('2010-06-24', '2020-07-24'))": "false",
    }, source="stated"),
    *outputs("DateRange.union", "apidocs/ee-daterange-union", {
        f"{JUNE}.union({LATER}).start().format('yyyy-MM-dd')": '"2017-06-24"',
        f"{JUNE}.union({LATER}).end().format('yyyy-MM-dd')": '"2018-07-10"',
    }, source="stated"),
)  # fmt: skip
