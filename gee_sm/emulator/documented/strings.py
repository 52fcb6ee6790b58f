"""Documented outputs of strings."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

LETTERS = "ee.String('abcdefghijklmnopqrstuvwxyz')"
COMMAS = "ee.String('a,b,cdee f,g')"
CASES = "ee.String('aBAbcD')"
SPECIAL = "ee.String('a.b*c?d')"
MIXED = "ee.String('ABCabc123')"

STRINGS = (
    *outputs("String", "apidocs/ee-string", {
        "ee.String('I am a string')": '"I am a string"',
        "ee.String('🧲⚡️👀')": '"🧲⚡️👀"',
        "ee.String('')": '""',
    }),
    *outputs("String.cat", "apidocs/ee-string-cat", {
        "ee.String('cat').cat(' bird')": '"cat bird"',
    }),
    *outputs("String.compareTo", "apidocs/ee-string-compareto", {
        "ee.String('a').compareTo('b')": "-1",
        "ee.String('a').compareTo('a')": "0",
        "ee.String('b').compareTo('a')": "1",
        "ee.String('a').compareTo(ee.String('b'))": "-1",
    }),
    *outputs("String.encodeJSON", "apidocs/ee-string-encodejson", {
        "ee.String.encodeJSON(ee.String('earth'))": r'"\"earth\""',
        "ee.String.encodeJSON(ee.Number(1))": '"1"',
        "ee.String.encodeJSON(ee.List([1, 2, 3]))": '"[1,2,3]"',
        "ee.String.encodeJSON(ee.Dictionary({'lc_name': 'grassland', 'lc_class': 3}))": (
            r'"{\"lc_class\":3,\"lc_name\":\"grassland\"}"'
        ),
    }),
    *outputs("String.index", "apidocs/ee-string-index", {
        "ee.String('abc123').index('')": "0",
        "ee.String('abc123').index('c1')": "2",
        "ee.String('abc123').index('ZZ')": "-1",
    }),
    *outputs("String.rindex", "apidocs/ee-string-rindex", {
        "ee.String('aBc-Abc').rindex('A')": "4",
        "ee.String('aBc-Abc').rindex('a')": "0",
        "ee.String('aBc-Abc').rindex('Bc')": "1",
        "ee.String('aBc-Abc').rindex('Z')": "-1",
        "ee.String('aBc-Abc').rindex('-')": "3",
        "ee.String('aBc-Abc').rindex('')": "7",
    }),
    *outputs("String.length", "apidocs/ee-string-length", {
        "ee.String('').length()": "0",
        "ee.String('abc123').length()": "6",
    }),
    *outputs("String.match", "apidocs/ee-string-match", {
        f"{MIXED}.match('')": '[""]',
        f"{MIXED}.match('ab', 'g')": '["ab"]',
        f"{MIXED}.match('ab', 'i')": '["AB"]',
        f"{MIXED}.match('AB', 'ig')": '["AB", "ab"]',
        f"{MIXED}.match('[a-z]+[0-9]+')": '["abc123"]',
        rf"{MIXED}.match('\\d{{2}}')": '["12"]',
        f"{MIXED}.match('abc[^0-9]', 'i')": '["ABCa"]',
    }),
    *outputs("String.replace", "apidocs/ee-string-replace", {
        "ee.String('abc-abc').replace('abc', 'X')": '"X-abc"',
        "ee.String('abc-abc').replace('abc', 'X', 'g')": '"X-X"',
        "ee.String('abc-abc').replace('abc', '', 'g')": '"-"',
        "ee.String('aBc-Abc').replace('abc', 'Z', 'i')": '"Z-Abc"',
        "ee.String('aBc-Abc').replace('abc', 'Z', 'ig')": '"Z-Z"',
    }),
    *outputs("String.slice", "apidocs/ee-string-slice", {
        "ee.String('').slice(0)": '""',
        "ee.String('').slice(-1)": '""',
        f"{LETTERS}.slice(0)": '"abcdefghijklmnopqrstuvwxyz"',
        f"{LETTERS}.slice(24)": '"yz"',
        f"{LETTERS}.slice(-3)": '"xyz"',
        f"{LETTERS}.slice(3, 3)": '""',
        f"{LETTERS}.slice(2, 3)": '"c"',
        f"{LETTERS}.slice(-4, 25)": '"wxy"',
    }),
    *outputs("String.split", "apidocs/ee-string-split", {
        f"{CASES}.split('Ab')": '["aB", "cD"]',
        f"{CASES}.split('ab', 'i')": '["", "", "cD"]',
        f"{CASES}.split('[bc]', 'i')": '["a", "A", "", "D"]',
        f"{CASES}.split('(BA|c)')": '["a", "b", "D"]',
        f"{COMMAS}.split('')": '["a", ",", "b", ",", "c", "d", "e", "e", " ", "f", ",", "g"]',
        f"{COMMAS}.split(' ')": '["a,b,cdee", "f,g"]',
        f"{COMMAS}.split('[[:space:]]')": '["a,b,cdee", "f,g"]',
        f"{COMMAS}.split(',')": '["a", "b", "cdee f", "g"]',
        f"{COMMAS}.split('ee')": '["a,b,cd", " f,g"]',
        f"{COMMAS}.split('[a-z]')": '["", ",", ",", "", "", "", " ", ","]',
        f"{COMMAS}.split('[^a-z]')": '["a", "b", "cdee", "f", "g"]',
        rf"{SPECIAL}.split('\\.')": '["a", "b*c?d"]',
        f"{SPECIAL}.split('[*]')": '["a.b", "c?d"]',
        f"{SPECIAL}.split('[?]')": '["a.b*c", "d"]',
    }),
    *outputs("String.toLowerCase", "apidocs/ee-string-tolowercase", {
        "ee.String('AaBbCc123').toLowerCase()": '"aabbcc123"',
    }),
    *outputs("String.toUpperCase", "apidocs/ee-string-touppercase", {
        "ee.String('AaBbCc123').toUpperCase()": '"AABBCC123"',
    }),
    *outputs("String.trim", "apidocs/ee-string-trim", {
        r"ee.String('\t\n\r abc\t\n\r ').trim()": '"abc"',
        r"ee.String(' a\t\n\r b ').trim()": r'"a\t\n\r b"',
    }),
)  # fmt: skip
