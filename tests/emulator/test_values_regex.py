"""Regular expressions, against what Google's RE2 finds."""

from __future__ import annotations

import contextlib
import re

import ee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.regex import compile_re2

# Pattern, text, and the first match with its groups by RE2 (google-re2 of PyPI); None if refused.
FOUND = [
    ('\\p{L}+', '1éß2', ['éß']),
    ('\\pN', 'a٣', ['٣']),
    ('\\p{Lu}\\p{Ll}', 'aÉé', ['Éé']),
    ('\\PL+', 'ab1-c', ['1-']),
    ('[\\p{L}_]+', '-é_1', ['é_']),
    ('\\p{^L}', 'a1', ['1']),
    ('[^\\pL]', 'é1', ['1']),
    ('\\d', '٣', []),
    ('\\w+', 'é_a1', ['_a1']),
    ('\\s', 'a\x0bb', []),
    ('\\W', 'aé', ['é']),
    ('\\bfoo\\b', 'éfoo', ['foo']),
    ('[[:^alpha:]]+', 'ab12', ['12']),
    ('[[:foo:]]', 'a', None),
    ('[:alpha:]+', ':a:', [':a:']),
    ('[]a]+', 'a]', ['a]']),
    ('[^]a]', 'a]b', ['b']),
    ('[a-z&&[^b]]', '&&[b]', ['b]']),
    ('[a-]', '-', ['-']),
    ('[a-\\d]', 'a', None),
    ('[z-a]', 'a', None),
    ('[a', 'a', None),
    ('\\Qa.b\\E+', 'xa.bbb', ['a.bbb']),
    ('\\Q+', '+', ['+']),
    ('\\x{1F600}', '😀', ['😀']),
    ('\\x41\\101\\07?', 'AA', ['AA']),
    ('\\1', 'a', None),
    ('(a)\\1', 'aa', None),
    ('\\u0041', 'A', None),
    ('\\h', 'h', None),
    ('\\Z', 'a', None),
    ('a\\z', 'a\n', []),
    ('a$', 'a\n', []),
    ('(?m)a$', 'a\n', ['a']),
    ('^b', 'a\nb', []),
    ('(?m)^b', 'a\nb', ['b']),
    ('a.b', 'a\nb', []),
    ('(?s)a.b', 'a\nb', ['a\nb']),
    ('(?U)a+', 'aaa', ['a']),
    ('(?U)a+?', 'aaa', ['aaa']),
    ('a+?', 'aaa', ['a']),
    ('(?i)É', 'é', ['é']),
    ('a(?i)b|c', 'aB', ['aB']),
    ('a(?i)b|c', 'C', ['C']),
    ('(?i:A)b', 'ab', ['ab']),
    ('(?i:A)b', 'aB', []),
    ('((?i)a)b', 'AB', []),
    ('(?i)a(?-i)b', 'Ab', ['Ab']),
    ('(?i)a(?-i)b', 'AB', []),
    ('a{,3}', 'aa{,3}', ['a{,3}']),
    ('a{', 'a{', ['a{']),
    ('a{2,3}', 'aaaa', ['aaa']),
    ('a{2,}?', 'aaaa', ['aa']),
    ('a{1001}', 'a', None),
    ('a++', 'a', None),
    ('a**', 'a', None),
    ('*a', 'a', None),
    ('a{3,2}', 'a', None),
    ('(?=a)', 'a', None),
    ('(?<!a)b', 'b', None),
    ('(?>a)', 'a', None),
    ('(?#x)a', 'a', None),
    ('(?P<x>a)b', 'ab', ['ab', 'a']),
    ('(?<x>a)b', 'ab', ['ab', 'a']),
    ('(?P=x)', 'a', None),
    ('(', 'a', None),
    ('a)', 'a', None),
    ('', 'a', ['']),
    ('a|', 'b', ['']),
    ('\\', 'a', None),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "expected"), FOUND)
def test_a_pattern_finds_what_re2_finds(pattern, text, expected):
    if expected is None:
        with pytest.raises(EarthEngineError, match="Invalid regular expression"):
            compile_re2(pattern)
        return
    found = compile_re2(pattern).search(text)
    assert ([] if found is None else [found[0], *found.groups()]) == expected


def test_what_is_not_known_of_unicode_is_refused():
    with pytest.raises(EarthEngineError, match=r"invalid character class range: \\p{Greek}"):
        compile_re2(r"\p{Greek}")


def test_nesting_beyond_pythons_is_refused():
    with pytest.raises(EarthEngineError, match="nesting too deep"):
        compile_re2("(" * 5000 + ")" * 5000)


@given(st.text(max_size=12))
def test_a_quoted_text_matches_itself_alone(text):
    text = text.replace("\\", "/")
    assert compile_re2(rf"\Q{text}\E").fullmatch(text)


@given(st.text(alphabet="ab[]()^$\\|*+?{}0123,-.:pPLdDwQEixsmU<>=!#", max_size=12))
def test_any_text_is_a_pattern_or_refused(pattern):
    with contextlib.suppress(EarthEngineError):
        assert isinstance(compile_re2(pattern), re.Pattern)


def test_bands_are_selected_and_renamed_by_the_same_patterns(run, message, earth_engine):
    image = ee.Image([1, 2, 3]).rename(["B1", "B12", "QA"])
    assert run(image.select("B[[:digit:]]+").bandNames()) == ["B1", "B12"]
    assert run(image.select(r"\pL\pL").bandNames()) == ["QA"]
    assert run(image.regexpRename("^B(.)", "b_$1").bandNames()) == ["b_1", "b_12", "QA"]
    assert "did not match any bands" in message(image.select("B("))
    assert "Invalid regular expression: '('" in message(image.regexpRename("(", "x"))
