"""List.*: sequences of values."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.string import text_of
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values import algorithm as _algorithm  # noqa: F401 - registers a converter
from gee_sm.emulator.values.filters import Filter, equal
from gee_sm.emulator.values.ordering import check_comparable, sort_key

Items = list[Any]

_LONGEST = 10_000_000


def _position(items: Items, index: int) -> int:
    """Return an index from the start.

    Raises
    ------
    EarthEngineError
        If it is out of range, in the service's words.
    """
    count = len(items)
    if not -count <= index < count:
        if not count:
            raise EarthEngineError(f"List index {index} is out of range of an empty list.")
        raise EarthEngineError(
            f"List index must be between 0 and {count - 1}, or -{count} and -1. Found {index}."
        )
    return index % count


# -- looking -------------------------------------------------------------------------------------


@implements("List.get")
def get(list: Items, index: int) -> Any:
    """Return an item."""
    return list[_position(list, index)]


def _typed(kind: str) -> None:
    def function(list: Items, index: int) -> Any:
        value = list[_position(list, index)]
        return None if value is None else coerce(value, kind, f"List.get{kind}", "list")

    function.__doc__ = f"Return an item that is a {kind}."
    implements(f"List.get{kind}")(function)


for _kind in ("Number", "String", "Array", "Geometry"):
    _typed(_kind)


@implements("List.length", "List.size")
def length(list: Items) -> int:
    """Return the number of items."""
    return len(list)


@implements("List.contains")
def contains(list: Items, element: Any) -> bool:
    """Whether an item equals the value."""
    return any(equal(item, element) for item in list)


@implements("List.containsAll")
def contains_all(list: Items, other: Items) -> bool:
    """Whether the list contains all items of the other, in any order."""
    return all(contains(list, item) for item in other)


@implements("List.equals")
def equals(list: Items, other: Items) -> bool:
    """Whether both lists have equal items in the same order."""
    return len(list) == len(other) and all(map(equal, list, other))


@implements("List.frequency")
def frequency(list: Items, element: Any) -> int:
    """Return how often the value occurs."""
    return sum(equal(item, element) for item in list)


@implements("List.indexOf")
def index_of(list: Items, element: Any) -> int:
    """Return where the value first occurs, or -1."""
    return next((i for i, item in enumerate(list) if equal(item, element)), -1)


@implements("List.indexOfSublist")
def index_of_sublist(list: Items, target: Items) -> int:
    """Return where a run of items first occurs, or -1."""
    return next(iter(_places(list, target)), -1)


@implements("List.lastIndexOfSubList")
def last_index_of_sublist(list: Items, target: Items) -> int:
    """Return where a run of items last occurs, or -1."""
    return max(_places(list, target), default=-1)


def _places(items: Items, target: Items) -> Items:
    return [
        i for i in range(len(items) - len(target) + 1) if equals(items[i : i + len(target)], target)
    ]


# -- changing ------------------------------------------------------------------------------------


@implements("List.add")
def add(list: Items, element: Any) -> Items:
    """Return the list with a further item."""
    return [*list, element]


@implements("List.cat")
def cat(list: Items, other: Items) -> Items:
    """Return one list after the other."""
    return [*list, *other]


@implements("List.insert")
def insert(list: Items, index: int, element: Any) -> Items:
    """Return the list with an item put before a position."""
    place = len(list) if index == len(list) else _position(list, index)
    return [*list[:place], element, *list[place:]]


@implements("List.set")
def set_(list: Items, index: int, element: Any) -> Items:
    """Return the list with an item replaced."""
    place = _position(list, index)
    return [*list[:place], element, *list[place + 1 :]]


@implements("List.remove")
def remove(list: Items, element: Any) -> Items:
    """Return the list without the first item equal to the value."""
    place = index_of(list, element)
    return [*list] if place < 0 else [*list[:place], *list[place + 1 :]]


@implements("List.removeAll")
def remove_all(list: Items, other: Items) -> Items:
    """Return the list without the items that are in the other."""
    return [item for item in list if not contains(other, item)]


@implements("List.replace")
def replace(list: Items, oldval: Any, newval: Any) -> Items:
    """Return the list with the first item equal to the value replaced."""
    place = index_of(list, oldval)
    return [*list] if place < 0 else [*list[:place], newval, *list[place + 1 :]]


@implements("List.replaceAll")
def replace_all(list: Items, oldval: Any, newval: Any) -> Items:
    """Return the list with all items equal to the value replaced."""
    return [newval if equal(item, oldval) else item for item in list]


@implements("List.swap")
def swap(list: Items, pos1: int, pos2: int) -> Items:
    """Return the list with two items exchanged."""
    first, second = _position(list, pos1), _position(list, pos2)
    found = [*list]
    found[first], found[second] = found[second], found[first]
    return found


@implements("List.slice")
def slice_(list: Items, start: int, end: int | None, step: int | None) -> Items:
    """Return a part; negative positions count from the end."""
    if step is not None and step < 1:
        raise EarthEngineError(f"The step must be positive, got {step}.")
    return list[start : end : step or 1]


@implements("List.splice")
def splice(list: Items, start: int, count: int, other: Items | None) -> Items:
    """Return the list with a run of items replaced by others."""
    if count < 0:
        raise EarthEngineError(f"The count may not be negative, got {count}.")
    place = len(list) if start == len(list) else _position(list, start)
    return [*list[:place], *(other or ()), *list[place + count :]]


@implements("List.reverse")
def reverse(list: Items) -> Items:
    """Return the items from last to first."""
    return list[::-1]


@implements("List.rotate")
def rotate(list: Items, distance: int) -> Items:
    """Return the items moved to higher positions, those at the end to the start."""
    if not list:
        return []
    shift = distance % len(list)
    return list[-shift:] + list[:-shift] if shift else [*list]


@implements("List.shuffle")
def shuffle(list: Items, seed: Any) -> Items:
    """Return the items in an order that depends on the seed; without one if it is false."""
    if isinstance(seed, bool) and not seed:
        generator = random.Random()
    else:
        generator = random.Random(coerce(seed or 0, "Integer", "List.shuffle", "seed"))
    found = [*list]
    generator.shuffle(found)
    return found


@implements("List.distinct")
def distinct(list: Items) -> Items:
    """Return the first of each group of equal items."""
    found: Items = []
    for item in list:
        if not contains(found, item):
            found.append(item)
    return found


@implements("List.flatten")
def flatten(list: Items) -> Items:
    """Return the items of all inner lists, however deep."""
    found: Items = []
    for item in list:
        found.extend(flatten(item) if type(item) is type(found) else [item])
    return found


@implements("List.sort")
def sort(list: Items, keys: Items | None) -> Items:
    """Return the items in ascending order of themselves or of keys; equal ones stay in order."""
    check_comparable(list if keys is None else keys)
    if keys is None:
        return sorted(list, key=sort_key)
    if len(keys) != len(list):
        raise EarthEngineError(
            f"The list and the keys must have the same length, got {len(list)} and {len(keys)}."
        )
    order = sorted(range(len(keys)), key=lambda i: sort_key(keys[i]))
    return [list[i] for i in order]


@implements("List.zip")
def zip_(list: Items, other: Items) -> Items:
    """Return pairs of items, as many as the shorter list has."""
    return [[a, b] for a, b in zip(list, other, strict=False)]


@implements("List.unzip")
def unzip(list: Items) -> Items:
    """Return the first items of all inner lists, the second ones, and so on."""
    rows = [coerce(row, "List", "List.unzip", "list") for row in list]
    return [[*column] for column in zip(*rows, strict=False)]


@implements("List.filter")
def filter_(list: Items, filter: Filter) -> Items:
    """Return the items that pass; an item that is not an element is called ``item``."""
    filter.check()
    return [item for item in list if filter.matches(item, item)]


@implements("List.join")
def join(list: Items, separator: str) -> str:
    """Return the items as one text."""
    return separator.join("" if item is None else text_of(item) for item in list)


# -- making --------------------------------------------------------------------------------------


def _count(count: int) -> int:
    """Return a length that a list can have.

    Raises
    ------
    EarthEngineError
        If it is negative, or too large for an answer.
    """
    if not 0 <= count <= _LONGEST:
        raise EarthEngineError(f"The count must lie between 0 and {_LONGEST}, got {count}.")
    return count


@implements("List.repeat")
def repeat(value: Any, count: int) -> Items:
    """Return a value so many times."""
    return [value] * _count(count)


@implements("List.sequence")
def sequence(start: float, end: float | None, step: float, count: int | None) -> Items:
    """Return evenly spaced real numbers, by step up to the end or by count."""
    start, step = float(start), float(step)
    if end is None and count is None:
        raise EarthEngineError("Expected one of end or count to be specified.")
    if count is not None:
        if _count(count) < 1:
            raise EarthEngineError(f"The count must be positive, got {count}.")
        if end is None:
            return [start + step * i for i in range(count)]
        if count == 1:
            return [start]
        span = end - start
        return [start + span * i / (count - 1) for i in range(count)]
    if step == 0:
        raise EarthEngineError("The step may not be zero.")
    ratio = (end - start) / step
    if not math.isfinite(ratio):
        raise EarthEngineError(f"A sequence from {start} to {end} has no end.")
    return [start + step * i for i in range(_count(max(math.floor(ratio + 1e-10) + 1, 0)))]


# -- functions -----------------------------------------------------------------------------------


@implements("List.map")
def map_(list: Items, baseAlgorithm: Callable[..., Any], dropNulls: bool) -> Items:
    """Return the results of a function on each item."""
    found = [baseAlgorithm(item) for item in list]
    return [item for item in found if item is not None] if dropNulls else found


@implements("List.iterate")
def iterate(list: Items, function: Callable[..., Any], first: Any) -> Any:
    """Return the last state of a function of the item and the state before."""
    state = first
    for item in list:
        state = function(item, state)
    return state


@implements("List.reduce")
def reduce(list: Items, reducer: Any) -> Any:
    """Reduce the items; one output is returned bare, several as a dictionary."""
    if reducer.inputs == 1:
        columns = [[*list]]
    else:
        rows = [coerce(row, "List", "List.reduce", "list") for row in list]
        if any(len(row) != reducer.inputs for row in rows):
            raise EarthEngineError(f"Each item must be a list of {reducer.inputs} inputs.")
        columns = [[*column] for column in zip(*rows, strict=True)] or [[]] * reducer.inputs
    found = reducer.apply_columns(columns, None)
    return next(iter(found.values())) if len(found) == 1 else found
