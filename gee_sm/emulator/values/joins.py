"""Joins: what becomes of the pairs of elements that match."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.filters import Filter
from gee_sm.emulator.values.ordering import sort_elements


class Join(ABC):
    """A way to put the pairs of two collections together."""

    type_name = "Join"

    @abstractmethod
    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the joined collection."""

    def to_json(self) -> dict[str, Any]:
        """Return a description; the service does not document one."""
        return {"type": "Join"}


def matches(element: Any, secondary: Collection, condition: Filter) -> list[Any]:
    """Return the elements of the secondary collection that match one of the primary."""
    return [other for other in secondary if condition.matches(element, other)]


def _with(element: Any, **properties: Any) -> Any:
    return element.with_properties({**element.properties, **properties})


@dataclass(frozen=True)
class Simple(Join):
    """Keep the primary elements that have a match, or that have none."""

    inverted: bool = False

    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the primary elements, unchanged."""

        def kept() -> Iterator[Any]:
            for element in primary:
                found = any(condition.matches(element, other) for other in secondary)
                if found != self.inverted:
                    yield element

        return primary.derived(kept())


@dataclass(frozen=True)
class Inner(Join):
    """Make one feature, without geometry, of each pair."""

    primary_key: str
    secondary_key: str
    measure_key: str | None

    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the pairs."""

        def pairs() -> Iterator[Any]:
            for element in primary:
                for other in matches(element, secondary, condition):
                    indices = (e.properties.get("system:index", "") for e in (element, other))
                    properties = {
                        "system:index": "_".join(map(str, indices)),
                        self.primary_key: element,
                        self.secondary_key: other,
                    }
                    if self.measure_key is not None:
                        properties[self.measure_key] = condition.measure(element, other)
                    yield Feature(None, properties)

        return Collection(pairs(), of_images=False)


@dataclass(frozen=True)
class SaveAll(Join):
    """Save the list of matches in a property of each primary element."""

    matches_key: str
    ordering: str | None
    ascending: bool
    measure_key: str | None
    outer: bool

    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the primary elements with their matches."""

        def saved() -> Iterator[Any]:
            for element in primary:
                found = matches(element, secondary, condition)
                if not found and not self.outer:
                    continue
                if self.measure_key is not None:
                    found = [
                        _with(other, **{self.measure_key: condition.measure(element, other)})
                        for other in found
                    ]
                if self.ordering is not None:
                    found = sort_elements(found, self.ordering, ascending=self.ascending)
                yield _with(element, **{self.matches_key: found})

        return primary.derived(saved())


@dataclass(frozen=True)
class SaveFirst(Join):
    """Save the first match in a property of each primary element."""

    match_key: str
    ordering: str | None
    ascending: bool
    measure_key: str | None
    outer: bool

    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the primary elements with their first match."""

        def saved() -> Iterator[Any]:
            for element in primary:
                found = matches(element, secondary, condition)
                if self.ordering is not None:
                    found = sort_elements(found, self.ordering, ascending=self.ascending)
                if not found:
                    if self.outer:
                        yield element
                    continue
                first = found[0]
                if self.measure_key is not None:
                    first = _with(first, **{self.measure_key: condition.measure(element, first)})
                yield _with(element, **{self.match_key: first})

        return primary.derived(saved())


@dataclass(frozen=True)
class SaveBest(Join):
    """Save the match with the smallest measure in a property of each primary element."""

    match_key: str
    measure_key: str
    outer: bool

    def of(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Return the primary elements with their best match."""

        def saved() -> Iterator[Any]:
            for element in primary:
                found = matches(element, secondary, condition)
                if not found:
                    if self.outer:
                        yield element
                    continue
                measured = [(condition.measure(element, other), other) for other in found]
                distance, best = min(measured, key=lambda pair: pair[0])
                yield _with(
                    element, **{self.match_key: _with(best, **{self.measure_key: distance})}
                )

        return primary.derived(saved())


@converts("Join")
def _join(value: Any) -> Join:
    if isinstance(value, Join):
        return value
    raise NotConvertible
