"""AggregateFeatureCollection.*: statistics of one property of a collection."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from gee_sm.emulator.coercion import type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element import select
from gee_sm.emulator.values.ordering import check_comparable, sort_key


def _values(collection: Collection, name: str) -> list[Any]:
    found = (select(element, name) for element in collection)
    return [value for value in found if value is not None]


def _comparable(collection: Collection, name: str) -> list[Any]:
    values = _values(collection, name)
    check_comparable(values)
    return values


def _numbers(collection: Collection, name: str) -> list[float]:
    numbers = []
    for value in _values(collection, name):
        if isinstance(value, bool):
            value = int(value)
        if not isinstance(value, int | float):
            raise EarthEngineError(
                f"Property '{name}' must be a number, found a {type_name(value)}."
            )
        numbers.append(value)
    return numbers


@implements("AggregateFeatureCollection.array")
def array(collection: Collection, property: str) -> list[Any]:
    """Return the values that are not null."""
    return _values(collection, property)


@implements("AggregateFeatureCollection.first")
def first(collection: Collection, property: str) -> Any:
    """Return the value of the first element."""
    element = next(iter(collection), None)
    return None if element is None else select(element, property)


@implements("AggregateFeatureCollection.count")
def count(collection: Collection, property: str) -> int:
    """Return how many values are not null."""
    return len(_values(collection, property))


@implements("AggregateFeatureCollection.count_distinct")
def count_distinct(collection: Collection, property: str) -> int:
    """Return how many different values there are."""
    return len({sort_key_text(value) for value in _values(collection, property)})


def sort_key_text(value: Any) -> str:
    """Return a text that is equal for equal values."""
    return repr(sort_key(value))


@implements("AggregateFeatureCollection.min")
def min_(collection: Collection, property: str) -> Any:
    """Return the smallest value; null if there is none."""
    return min(_comparable(collection, property), key=sort_key, default=None)


@implements("AggregateFeatureCollection.max")
def max_(collection: Collection, property: str) -> Any:
    """Return the largest value; null if there is none."""
    return max(_comparable(collection, property), key=sort_key, default=None)


@implements("AggregateFeatureCollection.sum")
def sum_(collection: Collection, property: str) -> float:
    """Return the sum; 0 if there are no values."""
    numbers = _numbers(collection, property)
    return sum(numbers) if all(isinstance(n, int) for n in numbers) else math.fsum(numbers)


@implements("AggregateFeatureCollection.product")
def product(collection: Collection, property: str) -> float:
    """Return the product; 1 if there are no values."""
    return math.prod(_numbers(collection, property))


@implements("AggregateFeatureCollection.mean")
def mean(collection: Collection, property: str) -> float | None:
    """Return the mean; null if there are no values."""
    numbers = _numbers(collection, property)
    return math.fsum(numbers) / len(numbers) if numbers else None


def _variance(numbers: list[float], *, lost: int) -> float | None:
    if len(numbers) <= lost:
        return None
    center = math.fsum(numbers) / len(numbers)
    return math.fsum((n - center) ** 2 for n in numbers) / (len(numbers) - lost)


def _root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(value)


@implements("AggregateFeatureCollection.total_var")
def total_var(collection: Collection, property: str) -> float | None:
    """Return the variance of the values as a population."""
    return _variance(_numbers(collection, property), lost=0)


@implements("AggregateFeatureCollection.sample_var")
def sample_var(collection: Collection, property: str) -> float | None:
    """Return the variance of the values as a sample."""
    return _variance(_numbers(collection, property), lost=1)


@implements("AggregateFeatureCollection.total_sd")
def total_sd(collection: Collection, property: str) -> float | None:
    """Return the standard deviation of the values as a population."""
    return _root(total_var(collection, property))


@implements("AggregateFeatureCollection.sample_sd")
def sample_sd(collection: Collection, property: str) -> float | None:
    """Return the standard deviation of the values as a sample."""
    return _root(sample_var(collection, property))


@implements("AggregateFeatureCollection.stats")
def stats(collection: Collection, property: str) -> dict[str, Any]:
    """Return all statistics."""
    numbers = _numbers(collection, property)
    total = sum_(collection, property)
    return {
        "max": max(numbers, default=None),
        "mean": mean(collection, property),
        "min": min(numbers, default=None),
        "sample_sd": sample_sd(collection, property),
        "sample_var": sample_var(collection, property),
        "sum": total,
        "sum_sq": math.fsum(n * n for n in numbers),
        "total_count": len(collection),
        "total_sd": total_sd(collection, property),
        "total_var": total_var(collection, property),
        "valid_count": len(numbers),
        "weight_sum": len(numbers),
        "weighted_sum": total,
    }


@implements("AggregateFeatureCollection.histogram")
def histogram(collection: Collection, property: str) -> dict[str, int]:
    """Return how often each value occurs, by the value as text."""
    values = (str(int(v)) if isinstance(v, bool) else str(v) for v in _values(collection, property))
    return dict(Counter(values))
