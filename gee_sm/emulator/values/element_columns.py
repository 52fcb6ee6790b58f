"""Properties of stored elements as columns, so that a filter need not ask thousands one by one.

A column is made when a filter first reads it and kept as long as the elements. What a column cannot
tell for certain it does not tell: the filter then walks over the elements, which is the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gee_sm.emulator.values.element import select

# Doubles hold integers up to here; beyond it they compare otherwise than Python's.
_EXACT = 2**53
_TEXT = (str, bool, int, float)


class Column:
    """One selector's values of all elements.

    Parameters
    ----------
    values : list
        What the selector names in each element; None where there is nothing.
    number : callable
        Turns a value into what it is compared by: dates into milliseconds.
    """

    def __init__(self, values: list[Any], number: Callable[[Any], Any]):
        self.values = values
        self.is_null = np.array([value is None for value in values], bool)
        self.numbers = _numbers(values, number)
        self._alike: dict[Any, tuple[list[int], np.ndarray]] = {}

    def alike(self, decides: Callable[[Any], Any] | None) -> tuple[list[int], np.ndarray]:
        """Return examples of values that differ, and for each element the place of its example.

        Parameters
        ----------
        decides : callable, optional
            What of a value matters, where that is not the value itself.
        """
        if decides not in self._alike:
            known: dict[Any, int] = {}
            examples: list[int] = []
            places = np.empty(len(self.values), np.intp)
            parts = [v if decides is None or v is None else decides(v) for v in self.values]
            for position, part in enumerate(parts):
                # What may not be hashable is alike if it is the same one.
                key = (type(part), part) if isinstance(part, _TEXT) else id(part)
                place = known.setdefault(key, len(examples))
                if place == len(examples):
                    examples.append(position)
                places[position] = place
            self._alike[decides] = (examples, places)
        return self._alike[decides]


def _numbers(values: list[Any], number: Callable[[Any], Any]) -> np.ndarray | None:
    """Return values as doubles, NaN for null; None unless all are numbers that doubles hold."""
    found = np.full(len(values), np.nan)
    for position, value in enumerate(values):
        if value is not None:
            value = number(value)
            if not is_exact(value):
                return None
            found[position] = value
    return found


def is_exact(value: Any) -> bool:
    """Whether a value is a number that a double holds as it is."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= _EXACT)


class ElementColumns:
    """The elements of a stored collection, and the columns of them that were asked for.

    Parameters
    ----------
    elements : sequence
        Images or features, which nobody changes.
    """

    def __init__(self, elements: Sequence[Any]):
        self.elements = elements
        self._columns: dict[str, Column] = {}

    def column(self, selector: str, number: Callable[[Any], Any]) -> Column:
        """Return the column of a selector; threads that come at once make the same one."""
        found = self._columns.get(selector)
        if found is None:
            values = [select(element, selector) for element in self.elements]
            found = self._columns[selector] = Column(values, number)
        return found
