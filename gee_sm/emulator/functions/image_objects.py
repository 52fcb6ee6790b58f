"""Objects: connected pixels of one value, labelled, reduced, and turned into features."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from rasterio.features import shapes

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_region import region_grid, working_projection
from gee_sm.emulator.functions.reducer import count_every
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import components
from gee_sm.emulator.pixels.coverage import centers_inside
from gee_sm.emulator.pixels.grid import Grid, Projection
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.source import Neighbourhood, Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import WGS84, Geometry, shapes_in_crs
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import Kernel
from gee_sm.emulator.values.pixel_type import INT32, INT64
from gee_sm.emulator.values.reducer import Reducer

_MOST_OBJECT_PIXELS = 1024


def _inner(array: np.ndarray, halo: int) -> np.ndarray:
    return array[halo : array.shape[0] - halo, halo : array.shape[1] - halo]


@implements("Image.connectedComponents")
@of_scalars("image")
def connected_components(image: Image, connectedness: Kernel, maxSize: int) -> Image:
    """Add a band that numbers the objects of equal values in the first band.

    A number tells where the object's first pixel lies: it is the same in every tile.
    """
    if not 1 <= maxSize <= _MOST_OBJECT_PIXELS:
        raise EarthEngineError(
            f"maxSize must lie between 1 and {_MOST_OBJECT_PIXELS}, got {maxSize}."
        )
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    first = image.first_band
    reach = int(maxSize)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile]:
        (tile,) = tiles
        if tile.is_empty:
            return (empty(INT64.dtype),)
        around = grid.padded(reach, reach, reach, reach)
        offsets = [(dx, dy) for dx, dy, _ in connectedness.on(grid).offsets() if dx or dy]
        labels = components.label(tile.filled(around.shape), tile.valid(around.shape), offsets)
        known = labels >= 0
        sizes = np.bincount(labels[known], minlength=1)
        rows, columns = np.indices(around.shape)
        # The first pixel in row order, by its place on the lattice.
        places = ((rows + around.y).astype(np.int64) << 31) + (columns + around.x)
        numbers = np.full(len(sizes), np.iinfo(np.int64).max)
        np.minimum.at(numbers, labels[known], places[known])
        inside = _inner(labels, reach)
        valid = (inside >= 0) & (sizes[inside] <= reach)
        return (Tile(np.where(valid, numbers[inside], 0), valid),)

    source = Shared(function, (first.source,), (reach,) * 4)
    labels = Band("labels", INT64, first.projection, Pick(source, 0))
    return replace(image.with_bands([*image.bands, labels]), id=None, version=None)


@implements("Image.reduceConnectedComponents")
@of_scalars("image")
def reduce_connected_components(
    image: Image, reducer: Reducer, labelBand: str | None, maxSize: int
) -> Image:
    """Give each pixel the reduction over the object that it belongs to."""
    if maxSize < 1:
        raise EarthEngineError(f"maxSize must be positive, got {maxSize}.")
    label = image.first_band if labelBand is None else image.band(labelBand)
    others = [band for band in image.bands if band.name != label.name]
    groups, names = _inputs(others, reducer)
    results = [rule(group[0].type) for group in groups for rule in reducer.types]
    reach = int(maxSize)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        if tiles[0].is_empty:
            return tuple(empty(result.dtype) for result in results)
        shape = grid.padded(reach, reach, reach, reach).shape
        objects = _objects(tiles[0], shape, reach)
        found = [np.zeros(grid.shape, result.dtype) for result in results]
        valid = [np.zeros(grid.shape, bool) for _ in results]
        arrays = [tile.filled(shape).ravel() for tile in tiles[1:]]
        masks = [tile.weights(shape).ravel() for tile in tiles[1:]]
        start = 0
        for number, group in enumerate(groups):
            part = slice(start, start + len(group))
            start += len(group)
            weights = np.minimum.reduce(masks[part]).astype(np.float64)
            for pixels in objects:
                values = reducer.over_arrays([a[pixels] for a in arrays[part]], weights[pixels])
                rows, columns = np.unravel_index(pixels, shape)
                rows, columns = rows - reach, columns - reach
                here = (rows >= 0) & (rows < grid.height) & (columns >= 0)
                here &= columns < grid.width
                place = (rows[here], columns[here])
                for i, (value, good) in enumerate(values):
                    output = number * len(reducer.outputs) + i
                    if np.ndim(value):
                        raise EarthEngineError("Each output of the reducer must be a number.")
                    found[output][place] = np.where(good, value, 0)
                    valid[output][place] = good
        return tuple(Tile(data, mask) for data, mask in zip(found, valid, strict=True))

    sources = [label.source, *(band.source for group in groups for band in group)]
    shared = Shared(function, sources, (reach,) * 4)
    bands = [
        Band(name, result, label.projection, Pick(shared, index))
        for index, (name, result) in enumerate(zip(names, results, strict=True))
    ]
    return replace(image.with_bands(bands), id=None, version=None)


def _inputs(bands: list[Band], reducer: Reducer) -> tuple[list[list[Band]], list[str]]:
    """Return the groups of bands to be reduced, and the names of the results."""
    if reducer.inputs == 1 and bands:
        names = [
            band.name if len(reducer.outputs) == 1 else f"{band.name}_{output}"
            for band in bands
            for output in reducer.outputs
        ]
        return [[band] for band in bands], names
    if not bands or len(bands) != reducer.inputs:
        raise EarthEngineError(
            f"Need {reducer.inputs} bands besides the labels for the reducer, got {len(bands)}."
        )
    return [bands], list(reducer.outputs)


def _objects(tile: Tile, shape: tuple[int, int], reach: int) -> list[np.ndarray]:
    """Return the pixels of each object that meets the inner window and is not too large."""
    labels = components.label(tile.filled(shape), tile.valid(shape), components.EIGHT)
    order = np.argsort(labels.ravel(), kind="stable")
    ordered = labels.ravel()[order]
    wanted = np.unique(_inner(labels, reach))
    found = []
    for number in wanted[wanted >= 0]:
        pixels = order[
            np.searchsorted(ordered, number) : np.searchsorted(ordered, number, side="right")
        ]
        rows, columns = np.unravel_index(pixels, shape)
        if max(np.ptp(rows), np.ptp(columns)) < reach:
            found.append(pixels)
    return found


@implements("Image.connectedPixelCount")
@of_scalars("input")
def connected_pixel_count(input: Image, maxSize: int, eightConnected: bool) -> Image:
    """Count the connected pixels of equal value, itself among them, up to ``maxSize``."""
    reach = int(maxSize)
    neighbours = components.EIGHT if eightConnected else components.FOUR

    def function(grid: Grid, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        if tile.is_empty:
            return empty(INT32.dtype)
        shape = grid.padded(*(reach,) * 4).shape
        labels = components.label(tile.filled(shape), tile.valid(shape), neighbours)
        sizes = np.append(np.bincount(labels[labels >= 0]), 0)  # the last for -1, no object
        inside = _inner(labels, reach)
        return Tile(np.minimum(sizes[inside], reach).astype(np.int32), inside >= 0)

    return input.map_bands(
        lambda band: Band(
            band.name,
            INT32,
            band.projection,
            Neighbourhood(function, (band.source,), (reach,) * 4),
        )
    )


# -- features -------------------------------------------------------------------------------------


def _reduce_to_vectors(
    image: Image,
    reducer: Reducer | None,
    geometry: Geometry | None,
    scale: float | None,
    geometryType: str,
    eightConnected: bool,
    labelProperty: str | None,
    crs: Projection | None,
    crsTransform: list[float] | None,
    bestEffort: bool,
    maxPixels: int,
    tileScale: float,
    geometryInNativeProjection: bool,
) -> Collection:
    """Return a feature for each object of equal labels in the first band."""
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    if image.first_band.type.precision != "int":
        raise EarthEngineError(
            f"The first band must be integer typed; '{image.first_band.name}' is "
            f"{image.first_band.type.precision}."
        )
    if geometryType not in ("polygon", "bb", "centroid"):
        raise EarthEngineError(
            f"geometryType must be 'polygon', 'bb' or 'centroid', got '{geometryType}'."
        )
    region = geometry or image.footprint
    if region is None:
        raise EarthEngineError("'geometry' is required for an unbounded image.")
    projection = working_projection(image, crs, crsTransform, scale, "Image.reduceToVectors")
    grid = region_grid(region, projection)
    count = grid.width * grid.height
    if count > maxPixels:
        if not bestEffort:
            raise EarthEngineError(
                f"Too many pixels in the region. Found {count}, but maxPixels allows only "
                f"{maxPixels}."
            )
        projection = projection.scaled(math.sqrt(count / maxPixels) * 1.001)
        grid = region_grid(region, projection)
    arrays = Plan([band.source for band in image.bands]).arrays(
        grid, [band.type.dtype for band in image.bands]
    )
    inside = centers_inside(region.in_crs(grid.lattice.crs), grid)
    labels, weights = arrays[0]
    neighbours = components.EIGHT if eightConnected else components.FOUR
    objects = components.label(labels, (weights > 0) & inside, neighbours)
    outlines = _outlines(objects, grid)
    statistics = _statistics(image, reducer or count_every(), arrays, objects)
    order = np.argsort(objects.ravel(), kind="stable")
    first = np.searchsorted(objects.ravel()[order], np.arange(len(outlines)))
    own = grid.lattice.crs
    geometries = [Geometry(_summary(o, geometryType), own, geodesic=False) for o in outlines]
    if not geometryInNativeProjection and own != WGS84:
        there = shapes_in_crs(geometries, WGS84)
        geometries = [Geometry(shape, WGS84, geodesic=False) for shape in there]
    features = []
    for number, geometry in enumerate(geometries):
        properties: dict[str, Any] = {}
        if labelProperty is not None:
            properties[labelProperty] = int(labels.ravel()[order[first[number]]])
        properties.update(statistics(number))
        properties["system:index"] = str(number)
        features.append(Feature(geometry, properties))
    return Collection(features, of_images=False)


implements("Image.reduceToVectors")(_reduce_to_vectors)
implements("Image.reduceToVectorsStreaming")(_reduce_to_vectors)


def _outlines(objects: np.ndarray, grid: Grid) -> list[Any]:
    """Return the polygon along the pixel edges of each object.

    Pixels that meet at a corner only are parts of their own: one ring would touch itself.
    """
    rings: list[list[tuple[float, float]]] = []
    owners: list[int] = []
    numbers: list[int] = []
    for mapping, number in shapes(
        objects.astype(np.int32), mask=objects >= 0, connectivity=4, transform=grid.affine
    ):
        rings += mapping["coordinates"]
        owners += [len(numbers)] * len(mapping["coordinates"])
        numbers.append(int(number))
    if not numbers:
        return []
    points = np.array(list(itertools.chain.from_iterable(rings)))
    sizes = [len(ring) for ring in rings]
    lines = shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), sizes))
    order = np.argsort(numbers, kind="stable")
    polygons = shapely.polygons(lines, indices=owners)[order]
    found = shapely.multipolygons(polygons, indices=np.array(numbers)[order])
    counts = np.bincount(numbers)
    lone = counts == 1
    found[lone] = polygons[np.cumsum(counts)[lone] - 1]
    return list(found)


def _summary(outline: Any, kind: str) -> Any:
    if kind == "bb":
        return shapely.box(*outline.bounds)
    return outline.centroid if kind == "centroid" else outline


def _statistics(
    image: Image,
    reducer: Reducer,
    arrays: list[tuple[np.ndarray, np.ndarray]],
    objects: np.ndarray,
) -> Callable[[int], dict[str, Any]]:
    """Return what computes the reductions of the other bands over one object."""
    order = np.argsort(objects.ravel(), kind="stable")
    starts = np.searchsorted(objects.ravel()[order], np.arange(objects.max(initial=-1) + 2))
    others = list(image.bands[1:])
    lone = not others and reducer.inputs == 1
    # Without another band the labels are what is counted.
    bands = [image.first_band] if lone else others
    used = [arrays[0]] if lone else arrays[1:]
    groups, names = _inputs(bands, reducer)
    if len(bands) == 1 and reducer.inputs == 1:
        names = list(reducer.outputs)

    def statistics(number: int) -> dict[str, Any]:
        pixels = order[starts[number] : starts[number + 1]]
        values: list[Any] = []
        for index in range(len(groups)):
            part = used if len(groups) == 1 else used[index : index + 1]
            weights = np.minimum.reduce([mask.ravel()[pixels] for _, mask in part])
            columns = [
                [
                    value if weight > 0 else None
                    for value, weight in zip(
                        array.ravel()[pixels].tolist(), weights.tolist(), strict=True
                    )
                ]
                for array, _ in part
            ]
            values.extend(reducer.apply_columns(columns, [1.0] * len(pixels)).values())
        return dict(zip(names, values, strict=True))

    return statistics
