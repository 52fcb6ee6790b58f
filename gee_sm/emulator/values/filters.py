"""Filters: conditions on one element, or on a pair of elements in a join."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.element import select
from gee_sm.emulator.values.element_columns import Column, ElementColumns, is_exact


class Filter(ABC):
    """A condition.

    In a join the left operand is read from the primary element and the right one from the
    secondary; when a collection is filtered both are read from the same element.
    """

    type_name = "Filter"

    @abstractmethod
    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""

    def at_once(self, columns: ElementColumns) -> np.ndarray | None:
        """Return which of the elements pass, as booleans.

        None if that cannot be told from columns, or if asking an element might be an error: then
        each is to be asked.
        """
        return None

    def measure(self, left: Any, right: Any) -> float:
        """Return how far apart a pair that passes is.

        Raises
        ------
        EarthEngineError
            If this kind of filter does not measure.
        """
        raise EarthEngineError(
            "The join condition produces no measure: "
            "use a single withinDistance or maxDifference filter."
        )

    def check(self) -> None:  # noqa: B027 - most filters have nothing to check
        """Raise if the filter can be built but not applied, as with an empty range of dates."""

    def to_json(self) -> dict[str, Any]:
        """Return a description; the service does not document one."""
        return {"type": "Filter"}


@dataclass(frozen=True)
class Operand:
    """One side of a comparison: a selector into the element, or a value."""

    field: str | None
    value: Any = None

    def of(self, element: Any) -> Any:
        """Return the operand for an element."""
        return self.value if self.field is None else select(element, self.field)


@dataclass(frozen=True)
class Comparison(Filter):
    """A predicate on two operands.

    A missing or null operand fails, unless the predicate says that it ``takes_null``.

    ``on_numbers`` is the predicate for numbers, of which one operand may be an array; with
    ``takes_range`` the other one is a range of dates. ``decides`` tells what of an operand the
    predicate looks at, if not all of it.
    """

    left: Operand
    right: Operand
    predicate: Callable[[Any, Any], bool]
    takes_null: bool = False
    distance: Callable[[Any, Any], float] | None = None
    on_numbers: Callable[[Any, Any], Any] | None = None
    takes_range: bool = False
    decides: Callable[[Any], Any] | None = None

    def at_once(self, columns: ElementColumns) -> np.ndarray | None:
        """Return which elements pass, if one operand is a value."""
        fields = [side.field for side in (self.left, self.right) if side.field is not None]
        if len(fields) != 1:
            return None
        column = columns.column(fields[0], sortable)
        given = sortable(self.right.value if self.right.field is None else self.left.value)
        if self.predicate is equal and isinstance(given, str):
            return np.array([isinstance(v, str) and v == given for v in column.values], bool)
        passes = self._of_numbers(column, given)
        return self._of_values(column, columns) if passes is None else passes

    def _of_numbers(self, column: Column, given: Any) -> np.ndarray | None:
        if self.on_numbers is None or column.numbers is None:
            return None
        if not (self.takes_range or is_exact(given)):
            return None
        sides = (column.numbers, given) if self.right.field is None else (given, column.numbers)
        # Null is not equal to a number, nor before or after it.
        return self.on_numbers(*sides) & ~column.is_null

    def _of_values(self, column: Column, columns: ElementColumns) -> np.ndarray | None:
        try:
            examples, places = column.alike(self.decides)
            if 2 * len(examples) > len(places):
                return None
            passes = [self.matches(*(columns.elements[i],) * 2) for i in examples]
        except Exception:  # whatever it is, the walk raises it for the element that is to blame
            return None
        return np.array(passes, bool)[places]

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""
        first, second = self.left.of(left), self.right.of(right)
        if (first is None or second is None) and not self.takes_null:
            return False
        return self.predicate(first, second)

    def measure(self, left: Any, right: Any) -> float:
        """Return how far apart the operands are."""
        if self.distance is None:
            return super().measure(left, right)
        return self.distance(self.left.of(left), self.right.of(right))

    def check(self) -> None:
        """Raise for an empty range of dates."""
        for operand in (self.left, self.right):
            if getattr(operand.value, "type_name", "") == "DateRange" and operand.value.is_empty:
                raise EarthEngineError("Empty date ranges not supported for the current operation.")


@dataclass(frozen=True)
class Always(Filter):
    """A filter with the same answer for everything."""

    answer: bool

    def at_once(self, columns: ElementColumns) -> np.ndarray | None:
        """Return the answer for each element."""
        return np.full(len(columns.elements), self.answer)

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""
        return self.answer


@dataclass(frozen=True)
class Not(Filter):
    """The opposite of another filter."""

    inner: Filter

    def at_once(self, columns: ElementColumns) -> np.ndarray | None:
        """Return which elements do not pass the other filter."""
        passes = self.inner.at_once(columns)
        return None if passes is None else ~passes

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""
        return not self.inner.matches(left, right)

    def check(self) -> None:
        """Raise if the inner filter cannot be applied."""
        self.inner.check()


@dataclass(frozen=True)
class Combined(Filter):
    """All (``and``) or any (``or``) of several filters."""

    filters: tuple[Filter, ...]
    every: bool

    def at_once(self, columns: ElementColumns) -> np.ndarray | None:
        """Return which elements pass all or any of the filters, if all of them can tell."""
        found = np.full(len(columns.elements), self.every)
        for inner in self.filters:
            passes = inner.at_once(columns)
            if passes is None:
                return None
            found = found & passes if self.every else found | passes
        return found

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""
        passes = (inner.matches(left, right) for inner in self.filters)
        return all(passes) if self.every else any(passes)

    def check(self) -> None:
        """Raise if one of the filters cannot be applied."""
        for inner in self.filters:
            inner.check()


@dataclass(frozen=True)
class OnElement(Filter):
    """A test of one element, the left one in a join."""

    test: Callable[[Any], bool]

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the left element passes."""
        return self.test(left)


def operands(
    left_field: str | None, right_value: Any, right_field: str | None, left_value: Any
) -> tuple[Operand, Operand]:
    """Return the two operands of a comparison from its four arguments.

    Raises
    ------
    EarthEngineError
        If a side is given twice, or there is no selector at all.
    """
    if left_field is not None and left_value is not None:
        raise EarthEngineError("Only one of 'leftField' and 'leftValue' may be specified.")
    if right_field is not None and right_value is not None:
        raise EarthEngineError("Only one of 'rightField' and 'rightValue' may be specified.")
    if left_field is None and right_field is None:
        raise EarthEngineError("At least one of 'leftField' and 'rightField' must be specified.")
    return Operand(left_field, left_value), Operand(right_field, right_value)


def sortable(value: Any) -> Any:
    """Return a value in the form in which it is compared: dates as milliseconds."""
    if isinstance(value, Date):
        return value.millis
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [sortable(item) for item in value]
    return value


def equal(left: Any, right: Any) -> bool:
    """Compare by value: numbers whatever their type, dates as milliseconds."""
    return bool(sortable(left) == sortable(right))


def ordered(left: Any, right: Any, *, before: Callable[[Any, Any], bool]) -> bool:
    """Compare the order of two values; values of different kinds have none."""
    first, second = sortable(left), sortable(right)
    try:
        return bool(before(first, second))
    except TypeError:
        return False


@converts("Filter")
def _filter(value: Any) -> Filter:
    if isinstance(value, Filter):
        return value
    raise NotConvertible
