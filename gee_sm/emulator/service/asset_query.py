"""Filters of the list calls: comparisons joined by AND, OR and NOT, and ``intersects``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import shapely
import shapely.geometry
import shapely.wkt

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.feature_json import geojson_geometry
from gee_sm.emulator.values.geometry import Geometry

__all__ = ["Matcher", "matcher"]

Matcher = Callable[[dict[str, Any], Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
        |(?P<operator><=|>=|!=|<|>|=|:|\(|\))
        |(?P<word>[^\s()<>=!:"']+(?:\."[^"]*")?))""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    ":": lambda a, b: str(b) in str(a),
}
_TIMES = {"starttime": "system:time_start", "endtime": "system:time_end"}
_DEPTH = 50


def matcher(text: str | None, region: str | None = None) -> Matcher:
    """Return a test of an asset's or feature's (properties, geometry).

    Parameters
    ----------
    text : str or None
        Such as ``properties.CLOUDS < 20 AND startTime >= "2020-01-01T00:00:00Z"``.
    region : str or None
        GeoJSON or WKT that the geometry must intersect.

    Raises
    ------
    EarthEngineError
        If the filter cannot be understood.
    """
    tests: list[Matcher] = []
    if text and text.strip():
        tests.append(_Parser(text).parse())
    if region:
        tests.append(_intersects(region))
    return lambda properties, geometry: all(test(properties, geometry) for test in tests)


@dataclass
class _Token:
    kind: str
    text: str


class _Parser:
    def __init__(self, source: str):
        self.source = source
        self.tokens = self._tokens(source)
        self.position = 0
        self.depth = 0

    def _bad(self) -> EarthEngineError:
        return EarthEngineError(f"Invalid filter: '{self.source:.200}'.")

    def _tokens(self, source: str) -> list[_Token]:
        found, position = [], 0
        source = source.rstrip()
        while position < len(source):
            token = _TOKEN.match(source, position)
            if token is None:
                raise self._bad()
            kind = token.lastgroup or ""
            found.append(_Token(kind, token[kind]))
            position = token.end()
        return found

    def _next(self) -> _Token:
        if self.position == len(self.tokens):
            raise self._bad()
        self.position += 1
        return self.tokens[self.position - 1]

    def _accept(self, word: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position].text.upper() == word:
            self.position += 1
            return True
        return False

    def parse(self) -> Matcher:
        found = self._or()
        if self.position != len(self.tokens):
            raise self._bad()
        return found

    def _or(self) -> Matcher:
        tests = [self._and()]
        while self._accept("OR"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda p, g: any(test(p, g) for test in tests)

    def _and(self) -> Matcher:
        tests = [self._not()]
        while self._accept("AND"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda p, g: all(test(p, g) for test in tests)

    def _not(self) -> Matcher:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self._bad()
        try:
            if self._accept("NOT"):
                inner = self._not()
                return lambda p, g: not inner(p, g)
            if self._accept("("):
                inner = self._or()
                if not self._accept(")"):
                    raise self._bad()
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Matcher:
        name = self._next()
        if name.text == "intersects":
            if not self._accept("("):
                raise self._bad()
            region = self._next()
            if region.kind != "text" or not self._accept(")"):
                raise self._bad()
            return _intersects(region.text[1:-1])
        operator, literal = self._next(), self._next()
        compare = _COMPARISONS.get(operator.text)
        if name.kind == "operator" or literal.kind == "operator" or compare is None:
            raise self._bad()
        return _compared(_field(name.text), compare, _literal(literal))


def _field(text: str) -> str:
    name = text.strip("\"'").removeprefix("properties.").strip('"')
    return _TIMES.get(name.replace("_", "").lower(), name)


def _literal(token: _Token) -> Any:
    if token.kind == "text":
        return re.sub(r"\\(.)", r"\1", token.text[1:-1])
    for convert in (int, float):
        try:
            return convert(token.text)
        except ValueError:
            continue
    return token.text


def _compared(field: str, compare: Callable[[Any, Any], bool], literal: Any) -> Matcher:
    if field in _TIMES.values() and isinstance(literal, str):
        literal = _milliseconds(literal)

    def test(properties: dict[str, Any], geometry: Any) -> bool:
        value = properties.get(field)
        if value is None and field == "system:time_end":
            value = properties.get("system:time_start")
        if value is None:
            return False
        try:
            return bool(compare(value, literal))
        except TypeError:  # a text is neither above nor below a number
            return False

    return test


def _milliseconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise EarthEngineError(f"Invalid time in a filter: '{text:.40}'.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _intersects(text: str) -> Matcher:
    try:
        if text.lstrip().startswith("{"):
            region = shapely.geometry.shape(json.loads(text.replace("'", '"')))
        else:
            region = shapely.wkt.loads(text)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        raise EarthEngineError(
            f"Invalid region: expected GeoJSON or WKT, got '{text:.80}'."
        ) from None

    def test(properties: dict[str, Any], geometry: Any) -> bool:
        if not isinstance(geometry, Geometry):
            return False
        plain = geojson_geometry(geometry)
        return plain is not None and bool(shapely.intersects(region, shapely.geometry.shape(plain)))

    return test
