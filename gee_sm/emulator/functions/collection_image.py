"""Images made from features."""

from __future__ import annotations

import threading

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.feature_shapes import FeatureShapes
from gee_sm.emulator.pixels.coverage import covered_part
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element import geometry_of
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE
from gee_sm.emulator.values.reducer import Reducer, settled

_STACK_CELLS = 4_000_000


@implements("Collection.reduceToImage")
def reduce_to_image(collection: Collection, properties: list[str], reducer: Reducer) -> Image:
    """Reduce properties of the features that meet each pixel; bands are named by the outputs."""
    if len(properties) != reducer.inputs:
        raise EarthEngineError(
            f"Need {reducer.inputs} properties for the reducer, got {len(properties)}."
        )
    results = [rule(DOUBLE) for rule in reducer.types]

    known: list[tuple[FeatureShapes, np.ndarray]] = []
    lock = threading.Lock()

    def features() -> tuple[FeatureShapes, np.ndarray]:
        """Return the shapes and the values of the features that have numbers, read once."""
        with lock:
            if not known:
                known.append(_shapes_and_values(collection, properties))
            return known[0]

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        shapes, table = features()
        members = _members(shapes, grid)
        if not len(members):
            return tuple(empty(result.dtype) for result in results)
        size = max(1, _STACK_CELLS // (len(members) * grid.width))
        strips = []
        for start in range(0, grid.height, size):
            part = members[:, start : start + size]
            inputs = [table[part, i] for i in range(len(properties))]
            strips.append(reducer.over_arrays(inputs, (part >= 0).astype(np.float64)))
        found = []
        for index, result in enumerate(results):
            parts = [settled(strip[index][0], strip[index][1], result.dtype) for strip in strips]
            valid = np.concatenate([np.asarray(strip[index][1]) for strip in strips])
            found.append(Tile(np.concatenate(parts), valid))
        return tuple(found)

    shared = Shared(function, ())
    return Image(
        tuple(
            Band(name, result, DEFAULT, Pick(shared, index))
            for index, (name, result) in enumerate(zip(reducer.outputs, results, strict=True))
        )
    )


def _shapes_and_values(
    collection: Collection, properties: list[str]
) -> tuple[FeatureShapes, np.ndarray]:
    """Return the shapes of the features whose properties are all numbers, and those numbers.

    The last row, number -1, stands for no feature.
    """
    geometries, rows = [], []
    for feature in collection:
        row = [feature.properties.get(name) for name in properties]
        geometry = geometry_of(feature)
        if not isinstance(geometry, Geometry):
            continue
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in row):
            continue
        geometries.append(geometry)
        rows.append(row)
    rows.append([0.0] * len(properties))
    return FeatureShapes(geometries), np.array(rows, np.float64)


def _members(shapes: FeatureShapes, grid: Grid) -> np.ndarray:
    """Return the numbers of the features that meet each pixel, in their order.

    Shape (most features at a pixel, height, width); -1 where there are fewer.
    """
    depth = np.zeros(grid.shape, np.intp)
    places = []
    for number, shape in shapes.near(grid):
        part = covered_part(shape, grid)
        if part is None:
            continue
        window, covered = part
        rows, columns = np.nonzero(covered > 0)
        rows, columns = rows + (window.y - grid.y), columns + (window.x - grid.x)
        places.append((depth[rows, columns], rows, columns, number))
        depth[rows, columns] += 1
    members = np.full((depth.max(initial=0), *grid.shape), -1, np.intp)
    for layers, rows, columns, number in places:
        members[layers, rows, columns] = number
    return members
