"""Join.*: pairs of elements of two collections that pass a filter."""

from __future__ import annotations

from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.filters import Filter
from gee_sm.emulator.values.joins import Inner, Join, SaveAll, SaveBest, SaveFirst, Simple


@implements("Join.simple")
def simple() -> Join:
    """Keep the primary elements that have a match."""
    return Simple()


@implements("Join.inverted")
def inverted() -> Join:
    """Keep the primary elements that have no match."""
    return Simple(inverted=True)


@implements("Join.inner")
def inner(primaryKey: str, secondaryKey: str, measureKey: str | None) -> Join:
    """Make one feature of each pair."""
    return Inner(primaryKey, secondaryKey, measureKey)


@implements("Join.saveAll")
def save_all(
    matchesKey: str, ordering: str | None, ascending: bool, measureKey: str | None, outer: bool
) -> Join:
    """Save the list of matches in a property of each primary element."""
    return SaveAll(matchesKey, ordering, ascending, measureKey, outer)


@implements("Join.saveFirst")
def save_first(
    matchKey: str, ordering: str | None, ascending: bool, measureKey: str | None, outer: bool
) -> Join:
    """Save the first match in a property of each primary element."""
    return SaveFirst(matchKey, ordering, ascending, measureKey, outer)


@implements("Join.saveBest")
def save_best(matchKey: str, measureKey: str, outer: bool) -> Join:
    """Save the match with the smallest measure in a property of each primary element."""
    return SaveBest(matchKey, measureKey, outer)


@implements("Join.apply")
def apply(join: Join, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
    """Join two collections."""
    condition.check()
    return join.of(primary, secondary, condition)
