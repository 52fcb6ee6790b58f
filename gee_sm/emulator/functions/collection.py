"""Collection.*: what images' and features' collections have in common."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import shapely
from scipy import special

from gee_sm.emulator.coercion import NotConvertible, coerce, type_name
from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.filter_expression import parse_filter
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import as_array
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.confusion_matrix import ConfusionMatrix, error_matrix
from gee_sm.emulator.values.element import geometry_of, is_element, select
from gee_sm.emulator.values.error_margin import ErrorMargin
from gee_sm.emulator.values.feature import Feature, with_index
from gee_sm.emulator.values.filters import Filter
from gee_sm.emulator.values.geometry import (
    EMPTY,
    EVERYWHERE,
    WGS84,
    Geometry,
    gathered,
    merged_geometry,
    parts,
)
from gee_sm.emulator.values.geometry_measures import bounds as bounds_of
from gee_sm.emulator.values.geometry_relations import dissolve
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.values.ordering import sort_elements
from gee_sm.emulator.values.random_points import random_points

_MOST_EDGES = 2_000_000
_MOST_POINTS = 10_000_000


# -- making --------------------------------------------------------------------------------------


@implements("Collection")
def construct(features: list[Any]) -> Collection:
    """Return the collection of the elements; those without an index get their position."""
    return Collection(indexed(features))


def indexed(elements: list[Any]) -> Iterator[Any]:
    """Yield elements, each with a ``system:index``.

    Raises
    ------
    EarthEngineError
        If one of them is not an element.
    """
    for position, item in enumerate(elements):
        element = (
            item
            if isinstance(item, Collection)
            else coerce(item, "Element", "Collection", "features")
        )
        if element.properties.get("system:index") is None:
            element = with_index(element, str(position))
        yield element


@implements("Collection.fromColumns")
def from_columns(
    columns: list[list[Any]], propertyNames: list[str], propertyTypes: list[Any] | None
) -> Collection:
    """Return features with the items of parallel lists as properties."""
    if len(columns) != len(propertyNames):
        raise EarthEngineError(
            f"Expected as many columns ({len(columns)}) as property names ({len(propertyNames)})."
        )
    columns = [coerce(column, "List", "Collection.fromColumns", "columns") for column in columns]
    if len({len(column) for column in columns}) > 1:
        raise EarthEngineError("All columns must have the same length.")
    rows = list(zip(*columns, strict=True))
    return Collection(
        [
            Feature(None, {"system:index": str(i), **dict(zip(propertyNames, row, strict=True))})
            for i, row in enumerate(rows)
        ],
        of_images=False,
    )


@implements("Collection.loadTable")
def load_table(tableId: str, geometryColumn: str | None, version: int, context: Any) -> Collection:
    """Return a stored table."""
    return context.catalog.table(tableId)


@implements("Collection.cache")
def cache(collection: Collection) -> Collection:
    """Return the collection; elements are kept as it is."""
    return collection


# -- looking -------------------------------------------------------------------------------------


@implements("Collection.size")
def size(collection: Collection) -> int:
    """Return the number of elements."""
    return len(collection)


@implements("Collection.first")
def first(collection: Collection) -> Any:
    """Return the first element; null for an empty collection."""
    return next(iter(collection), None)


@implements("Collection.toList")
def to_list(collection: Collection, count: int, offset: int) -> list[Any]:
    """Return at most ``count`` elements from a position on."""
    if count < 0 or offset < 0:
        raise EarthEngineError("The count and the offset may not be negative.")
    found = []
    for position, element in enumerate(collection):
        if position >= offset + count:
            break
        if position >= offset:
            found.append(element)
    return found


# -- choosing ------------------------------------------------------------------------------------


@implements("Collection.filter")
def filter_(collection: Collection, filter: Any) -> Collection:
    """Return the elements that pass a filter, given as such or as text."""
    if isinstance(filter, str):
        filter = parse_filter(filter)
    if not isinstance(filter, Filter):
        raise EarthEngineError(f"Expected a filter or a string, found a {type_name(filter)}.")
    return collection.filtered(filter)


@implements("Collection.limit")
def limit(
    collection: Collection, limit: int | None, key: str | None, ascending: bool
) -> Collection:
    """Return the elements in the order of a property, the first few of them."""
    if limit is not None and limit < 0:
        raise EarthEngineError(f"The limit may not be negative, got {limit}.")

    def elements() -> Iterator[Any]:
        source = (
            collection
            if key is None
            else sort_elements(collection.to_list(), key, ascending=ascending)
        )
        for position, element in enumerate(source):
            if limit is not None and position >= limit:
                return
            yield element
            if limit is not None and position + 1 >= limit:
                return

    return collection.derived(elements() if limit != 0 else ())


@implements("Collection.distinct")
def distinct(collection: Collection, properties: Any) -> Collection:
    """Return the first of the elements that are equal in the named properties."""
    names = [properties] if isinstance(properties, str) else properties
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise EarthEngineError(
            f"Expected a property name or a list of them, found a {type_name(properties)}."
        )

    def elements() -> Iterator[Any]:
        seen = set()
        for element in collection:
            key = json.dumps([_comparable(select(element, name)) for name in names])
            if key not in seen:
                seen.add(key)
                yield element

    return collection.derived(elements())


def _comparable(value: Any) -> Any:
    """Return the JSON of a value, with whole numbers alike whatever their type."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return encode(value)


# -- changing ------------------------------------------------------------------------------------


@implements("Collection.map")
def map_(collection: Collection, baseAlgorithm: Callable[..., Any], dropNulls: bool) -> Collection:
    """Return the results of a function on each element; they keep their elements' index."""

    def apply(element: Any) -> Any:
        index = element.properties.get("system:index")
        try:
            result = baseAlgorithm(element)
        except EarthEngineError as error:
            error.message = (
                f"Error in map(ID={'null' if index is None else index}):\n{error.message}"
            )
            error.args = (error.message,)
            raise
        if result is None and dropNulls:
            return None
        if not is_element(result) or isinstance(result, Geometry):
            raise EarthEngineError(
                "Collection.map: A mapped algorithm must return a Feature or Image."
            )
        return result if index is None else with_index(result, index)

    return collection.mapped(apply, drop_nulls=dropNulls)


@implements("Collection.iterate")
def iterate(collection: Collection, function: Callable[..., Any], first: Any) -> Any:
    """Return the last state of a function of the element and the state before."""
    state = first
    for element in collection:
        state = function(element, state)
    return state


@implements("Collection.remap")
def remap(
    collection: Collection, lookupIn: list[Any], lookupOut: list[Any], columnName: str
) -> Collection:
    """Replace the values of a property; elements whose value is not listed are dropped."""
    if len(lookupIn) != len(lookupOut):
        raise EarthEngineError(
            f"The lookup lists must have the same length, got {len(lookupIn)} and {len(lookupOut)}."
        )
    for value in lookupIn:
        if not isinstance(value, str | int | float):
            raise EarthEngineError(
                f"The lookup is restricted to strings and integers, found a {type_name(value)}."
            )
    table = dict(zip(lookupIn, lookupOut, strict=True))

    def elements() -> Iterator[Any]:
        for element in collection:
            value = element.properties.get(columnName)
            if isinstance(value, str | int | float) and value in table:
                yield element.with_properties({**element.properties, columnName: table[value]})

    return collection.derived(elements())


@implements("Collection.randomColumn")
def random_column(
    collection: Collection, columnName: str, seed: int, distribution: str, rowKeys: list[str]
) -> Collection:
    """Add a number that depends on the seed and on the row keys alone."""
    if distribution not in ("uniform", "normal"):
        raise EarthEngineError(
            f"Unknown distribution '{distribution}'. Expected one of: uniform, normal."
        )

    def add(element: Any) -> Any:
        key = json.dumps([seed, [_comparable(select(element, name)) for name in rowKeys]])
        bits = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 11
        value = bits / 2**53
        if distribution == "normal":
            value = float(special.ndtri((bits + 0.5) / 2**53))
        return element.with_properties({**element.properties, columnName: value})

    return collection.mapped(add)


@implements("Collection.merge")
def merge(collection1: Collection, collection2: Collection) -> Collection:
    """Return the elements of both, their indices prefixed with ``1_`` and ``2_``."""

    def elements() -> Iterator[Any]:
        for prefix, collection in (("1_", collection1), ("2_", collection2)):
            for position, element in enumerate(collection):
                index = element.properties.get("system:index", position)
                yield with_index(element, f"{prefix}{index}")

    return collection1.derived(elements())


@implements("Collection.flatten")
def flatten(collection: Collection) -> Collection:
    """Return the elements of the collections in a collection."""

    def elements() -> Iterator[Any]:
        for position, outer in enumerate(collection):
            if not isinstance(outer, Collection):
                yield outer
                continue
            prefix = outer.properties.get("system:index", position)
            for place, element in enumerate(outer):
                index = element.properties.get("system:index", place)
                yield with_index(element, f"{prefix}_{index}")

    return Collection(elements(), collection.properties)


# -- geometry ------------------------------------------------------------------------------------


@implements("Collection.geometry")
def geometry(collection: Collection, maxError: ErrorMargin) -> Geometry:
    """Return the geometries side by side."""
    elements = collection.to_list()
    if any(_unbounded(element) for element in elements):
        return EVERYWHERE
    merged = merged_geometry(elements)
    edges = int(shapely.get_num_coordinates(merged.shape))
    if edges > _MOST_EDGES:
        raise EarthEngineError(f"Geometry has too many edges ({edges} > {_MOST_EDGES})")
    return merged


def _unbounded(element: Any) -> bool:
    found = geometry_of(element)
    return found.is_unbounded if found is not None else isinstance(element, Image)


@implements("Collection.bounds")
def bounds(collection: Collection, maxError: ErrorMargin, proj: Projection) -> Geometry:
    """Return the rectangle around all geometries."""
    elements = collection.to_list()
    if any(_unbounded(element) for element in elements):
        return EVERYWHERE
    boxes = [
        bounds_of(found, maxError, proj)
        for element in elements
        if (found := geometry_of(element)) is not None and not found.shape.is_empty
    ]
    if not boxes:
        return Geometry(EMPTY)
    shapes = gathered([part for box in boxes for part in parts(box.shape)])
    whole = Geometry(shapes, proj.crs if proj else WGS84, geodesic=False)
    return bounds_of(whole, None, proj)


@implements("Collection.union")
def union(collection: Collection, maxError: ErrorMargin | None) -> Collection:
    """Return a collection of one feature: the union of all geometries."""
    merged = merged_geometry(collection.to_list())
    whole = dissolve(merged, maxError)
    return Collection([Feature(whole, {"system:index": "union_result"})], of_images=False)


@implements("FeatureCollection.randomPoints")
def random_points_(region: Geometry, points: int, seed: int, maxError: ErrorMargin) -> Collection:
    """Return points drawn uniformly from a region."""
    if not 0 <= points <= _MOST_POINTS:
        raise EarthEngineError(
            f"The number of points must lie between 0 and {_MOST_POINTS}, got {points}."
        )
    return Collection(
        [
            Feature(Geometry(shapely.Point(place)), {"system:index": str(i)})
            for i, place in enumerate(random_points(region, points, seed, maxError))
        ],
        of_images=False,
    )


# -- tables --------------------------------------------------------------------------------------


@implements("Collection.reduceColumns")
def reduce_columns(
    collection: Collection,
    reducer: Any,
    selectors: list[str],
    weightSelectors: list[str] | None,
) -> dict[str, Any]:
    """Reduce properties; one selector for each input of the reducer."""
    elements = collection.to_list()
    columns = [[select(element, name) for element in elements] for name in selectors]
    weights = None
    if weightSelectors:
        if len(weightSelectors) > 1:
            raise EarthEngineError(
                f"Expected one weight selector, got {len(weightSelectors)}: reducers here weight "
                "their inputs together."
            )
        weights = [select(element, weightSelectors[0]) or 0.0 for element in elements]
    return reducer.apply_columns(columns, weights)


@implements("Collection.errorMatrix")
def error_matrix_(
    collection: Collection, actual: str, predicted: str, order: list[int] | None
) -> ConfusionMatrix:
    """Count pairs of actual and predicted classes."""
    pairs = [(select(element, actual), select(element, predicted)) for element in collection]
    return error_matrix(pairs, order)


@implements("FeatureCollection.makeArray")
def make_array(collection: Collection, properties: list[str], name: str) -> Collection:
    """Add an array of several properties; elements that lack one of them are dropped."""

    def add(element: Any) -> Any:
        values = [select(element, property_name) for property_name in properties]
        try:
            array = as_array(values)
        except (NotConvertible, EarthEngineError):
            return None
        return element.with_properties({**element.properties, name: array})

    return collection.mapped(add, drop_nulls=True)
