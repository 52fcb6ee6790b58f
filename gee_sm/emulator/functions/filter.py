"""Filter.*: conditions by which collections are filtered and joined."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from gee_sm.emulator.coercion import type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.filter_expression import parse_filter
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.date_range import DateRange, as_date_range
from gee_sm.emulator.values.element import geometry_of, is_element, property_value, select
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.filters import (
    Always,
    Combined,
    Comparison,
    Filter,
    Not,
    OnElement,
    equal,
    operands,
    ordered,
    sortable,
)
from gee_sm.emulator.values.geometry import EVERYWHERE, Geometry, as_geometry
from gee_sm.emulator.values.geometry_measures import area as area_of
from gee_sm.emulator.values.geometry_relations import distance_between, relate
from gee_sm.emulator.values.image import Image

_TIME = "system:time_start"

_less = functools.partial(ordered, before=operator.lt)
_greater = functools.partial(ordered, before=operator.gt)


# -- combinations --------------------------------------------------------------------------------


@implements("Filter.always")
def always() -> Filter:
    """Pass everything."""
    return Always(True)


@implements("Filter.never")
def never() -> Filter:
    """Pass nothing."""
    return Always(False)


@implements("Filter.and")
def and_(filters: list[Any]) -> Filter:
    """Pass what passes all filters."""
    return Combined(tuple(_filters(filters)), every=True)


@implements("Filter.or")
def or_(filters: list[Any]) -> Filter:
    """Pass what passes one of the filters."""
    return Combined(tuple(_filters(filters)), every=False)


@implements("Filter.not")
def not_(filter: Filter) -> Filter:
    """Pass what the filter does not."""
    return Not(filter)


def _filters(values: list[Any]) -> list[Filter]:
    for value in values:
        if not isinstance(value, Filter):
            raise EarthEngineError(f"Expected a list of filters, found a {type_name(value)}.")
    return values


# -- comparisons ---------------------------------------------------------------------------------


@implements("Filter.equals", "Filter.eq")
def equals(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass equal operands; a missing property equals null."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, equal, takes_null=True, on_numbers=operator.eq)


@implements("Filter.neq", "Filter.notEquals")
def not_equals(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass unless the operands are equal."""
    return Not(equals(leftField, rightValue, rightField, leftValue))


@implements("Filter.lt", "Filter.lessThan")
def less_than(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if left is less than right."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _less, on_numbers=operator.lt)


@implements("Filter.gt", "Filter.greaterThan")
def greater_than(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if left is greater than right."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _greater, on_numbers=operator.gt)


@implements("Filter.gte", "Filter.greaterThanOrEquals")
def at_least(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass unless left is less than right."""
    return Not(less_than(leftField, rightValue, rightField, leftValue))


@implements("Filter.lte", "Filter.lessThanOrEquals")
def at_most(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass unless left is greater than right."""
    return Not(greater_than(leftField, rightValue, rightField, leftValue))


def _of_strings(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def predicate(left: Any, right: Any) -> bool:
        return isinstance(left, str) and isinstance(right, str) and test(left, right)

    return predicate


@implements("Filter.stringStartsWith")
def string_starts_with(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if left starts with right."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _of_strings(str.startswith))


@implements("Filter.stringEndsWith")
def string_ends_with(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if left ends with right."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _of_strings(str.endswith))


@implements("Filter.stringContains")
def string_contains(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if left contains right."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _of_strings(lambda left, right: right in left))


def _list_contains(left: Any, right: Any) -> bool:
    items = left.to_list() if hasattr(left, "to_list") else left
    return isinstance(items, list) and any(equal(item, right) for item in items)


@implements("Filter.listContains", "Filter.inList")
def list_contains(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if the left operand, a list, contains the right one.

    The client's ``ee.Filter.inList`` sends its operands swapped; the service's function of that
    name takes the list on the left too.
    """
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, _list_contains)


@implements("Filter.rangeContains")
def range_contains(field: str, minValue: Any, maxValue: Any) -> Filter:
    """Pass values between two bounds, both inclusive."""

    def test(element: Any) -> bool:
        value = select(element, field)
        return (
            value is not None
            and not (_less(value, minValue) or _greater(value, maxValue))
            and _comparable(value, minValue)
            and _comparable(value, maxValue)
        )

    return OnElement(test)


def _comparable(left: Any, right: Any) -> bool:
    return isinstance(sortable(left), str) == isinstance(sortable(right), str)


@implements("Filter.maxDifference")
def max_difference(
    difference: float, leftField: Any, rightValue: Any, rightField: Any, leftValue: Any
) -> Filter:
    """Pass numbers that are at most so far apart; the distance is the join's measure."""

    def apart(left: Any, right: Any) -> float:
        return abs(_number(left) - _number(right))

    return Comparison(
        *operands(leftField, rightValue, rightField, leftValue),
        lambda left, right: apart(left, right) <= difference,
        distance=apart,
    )


def _number(value: Any) -> float:
    value = sortable(value)
    if not isinstance(value, int | float):
        raise EarthEngineError(f"Expected a number or a date, found a {type_name(value)}.")
    return value


@implements("Filter.notNull")
def not_null(properties: list[str]) -> Filter:
    """Pass elements that have all the properties."""
    return OnElement(lambda element: all(select(element, name) is not None for name in properties))


@implements("Filter.hasType")
def has_type(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass operands of a type or one of its subtypes."""
    sides = operands(leftField, rightValue, rightField, leftValue)
    return Comparison(*sides, lambda left, right: right in _types(left))


def _types(value: Any) -> tuple[str, ...]:
    name = type_name(value)
    if name in ("Integer", "Float"):
        return (name, "Long" if name == "Integer" else "Double", "Number", "Object")
    if name == "Geometry":
        return (value.shape.geom_type, "Geometry", "Object")
    if name in ("Image", "Feature"):
        return (name, "Element", "Object")
    return (name, "Object")


# -- time ----------------------------------------------------------------------------------------


@implements("Filter.dateRangeContains")
def date_range_contains(leftField: Any, rightValue: Any, rightField: Any, leftValue: Any) -> Filter:
    """Pass if the left operand, a range of dates, contains the right one, a date."""

    def contains(left: Any, right: Any) -> bool:
        return as_date_range(left).contains(_number(right))

    def contains_numbers(left: Any, right: Any) -> Any:
        return (left.start <= right) & (right < left.end)

    range_is_given = isinstance(leftValue, DateRange)
    return Comparison(
        *operands(leftField, rightValue, rightField, leftValue),
        contains,
        on_numbers=contains_numbers if range_is_given else None,
        takes_range=range_is_given,
    )


_CALENDAR: dict[str, Callable[[Any], int]] = {
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "day_of_year": lambda moment: moment.timetuple().tm_yday,
    "day_of_month": lambda moment: moment.day,
    "day_of_week": lambda moment: moment.isoweekday(),
}


@implements("Filter.calendarRange")
def calendar_range(start: int, end: int | None, field: str) -> Filter:
    """Pass times whose calendar field lies in a range, both ends inclusive; it may wrap."""
    if field not in _CALENDAR:
        raise EarthEngineError(
            f"Unknown calendar field '{field}'. Expected one of: {', '.join(_CALENDAR)}."
        )
    read = _CALENDAR[field]
    last = start if end is None else end

    def test(element: Any) -> bool:
        time = property_value(element, _TIME) if is_element(element) else element
        if time is None:
            return False
        value = read(Date(int(_number(time))).local())
        if last < start:
            return value >= start or value <= last
        return start <= value <= last

    return OnElement(test)


@implements("Filter.dayOfYear")
def day_of_year(start: int, end: int) -> Filter:
    """Pass times whose day of the year lies in a range, both ends inclusive."""
    return calendar_range(start, end, "day_of_year")


# -- place ---------------------------------------------------------------------------------------


def _geometry(operand: Any) -> Geometry | None:
    """Return the geometry of an operand; an image without a footprint is everywhere."""
    value = geometry_of(operand) if is_element(operand) else operand
    if value is None:
        return EVERYWHERE if isinstance(operand, Image) else None
    return as_geometry(value)


def _spatial(relation: str, maxError: ErrorMargin, arguments: tuple[Any, Any, Any, Any]) -> Filter:
    def predicate(left: Any, right: Any) -> bool:
        first, second = _geometry(left), _geometry(right)
        return (
            first is not None and second is not None and relate(relation, first, second, maxError)
        )

    return Comparison(*operands(*arguments), predicate, decides=_geometry)


@implements("Filter.intersects")
def intersects(
    leftField: Any, rightValue: Any, rightField: Any, leftValue: Any, maxError: ErrorMargin
) -> Filter:
    """Pass geometries that have a point in common."""
    return _spatial("intersects", maxError, (leftField, rightValue, rightField, leftValue))


@implements("Filter.disjoint")
def disjoint(
    leftField: Any, rightValue: Any, rightField: Any, leftValue: Any, maxError: ErrorMargin
) -> Filter:
    """Pass unless the geometries intersect."""
    return Not(intersects(leftField, rightValue, rightField, leftValue, maxError))


@implements("Filter.contains")
def contains(
    leftField: Any, rightValue: Any, rightField: Any, leftValue: Any, maxError: ErrorMargin
) -> Filter:
    """Pass if the left geometry contains the right one."""
    return _spatial("contains", maxError, (leftField, rightValue, rightField, leftValue))


@implements("Filter.isContained")
def is_contained(
    leftField: Any, rightValue: Any, rightField: Any, leftValue: Any, maxError: ErrorMargin
) -> Filter:
    """Pass if the right geometry contains the left one."""
    return _spatial("within", maxError, (leftField, rightValue, rightField, leftValue))


@implements("Filter.withinDistance")
def within_distance(
    distance: float,
    leftField: Any,
    rightValue: Any,
    rightField: Any,
    leftValue: Any,
    maxError: ErrorMargin,
) -> Filter:
    """Pass geometries at most so many metres apart; the distance is the join's measure."""

    def apart(left: Any, right: Any) -> float:
        first, second = _geometry(left), _geometry(right)
        if first is None or second is None:
            return float("inf")
        return distance_between(first, second, maxError, spherical=True)

    return Comparison(
        *operands(leftField, rightValue, rightField, leftValue),
        lambda left, right: apart(left, right) <= distance,
        distance=apart,
        decides=_geometry,
    )


@implements("Filter.hasGeometry")
def has_geometry() -> Filter:
    """Pass elements whose geometry is not null."""
    return OnElement(lambda element: is_element(element) and geometry_of(element) is not None)


@implements("Filter.area")
def area(
    min: float, max: float, maxError: ErrorMargin | None, geometrySelector: str | None
) -> Filter:
    """Pass geometries whose area in square metres lies in a range, both ends inclusive."""

    def test(element: Any) -> bool:
        found = _geometry(select(element, geometrySelector or ".geo"))
        return found is not None and min <= area_of(found, maxError) <= max

    return OnElement(test)


@implements("Filter.expression")
def expression(expression: str) -> Filter:
    """Read a filter from text such as ``cloud < 20 and place == 'A'``."""
    return parse_filter(expression)
