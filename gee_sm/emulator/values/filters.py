"""Filters: conditions on one element, or on a pair of elements in a join."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.element import select


class Filter(ABC):
    """A condition.

    In a join the left operand is read from the primary element and the right one from the
    secondary; when a collection is filtered both are read from the same element.
    """

    type_name = "Filter"

    @abstractmethod
    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""

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
    """

    left: Operand
    right: Operand
    predicate: Callable[[Any, Any], bool]
    takes_null: bool = False
    distance: Callable[[Any, Any], float] | None = None

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

    def matches(self, left: Any, right: Any) -> bool:
        """Whether the pair passes."""
        return self.answer


@dataclass(frozen=True)
class Not(Filter):
    """The opposite of another filter."""

    inner: Filter

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
