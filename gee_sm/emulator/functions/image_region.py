"""Pixels of a region as numbers and tables: reduceRegion, reduceRegions, sampling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_projection import chosen_projection
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.coverage import centers_inside, coverage
from gee_sm.emulator.pixels.grid import DEFAULT, Grid, Projection, grid_of_bounds, transformer
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element import geometry_of
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import EVERYWHERE, Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.reducer import Reducer


def working_projection(
    image: Image,
    crs: Projection | None,
    transform: list[float] | None,
    scale: float | None,
    function: str,
) -> Projection:
    """Return the grid on which a region is looked at."""
    if crs is None:
        crs = image.bands[0].projection if image.bands else DEFAULT
        if transform is None and scale is None and crs.is_default:
            raise EarthEngineError(
                f"{function}: The default WGS84 projection is invalid for aggregations. "
                "Specify a scale or crs & crs_transform."
            )
    return chosen_projection(crs, transform, scale)


@dataclass
class _Pixels:
    """The pixels of a region: one array of values for each band, and two kinds of weights."""

    values: list[np.ndarray]
    masks: list[np.ndarray]
    covered: np.ndarray
    centred: np.ndarray


def region_of(element: Any) -> Geometry:
    """Return where an element of a collection lies; an image without a footprint is everywhere.

    Raises
    ------
    EarthEngineError
        If a feature has no geometry.
    """
    region = geometry_of(element)
    if region is None and isinstance(element, Image):
        return EVERYWHERE
    if region is None:
        index = element.properties.get("system:index", "")
        raise EarthEngineError(f"Feature '{index}' has no geometry.")
    return region


def region_grid(region: Geometry, projection: Projection) -> Grid:
    """Return the pixels of a projection under a region's bounding box."""
    shape = region.in_crs(projection.crs)
    if shape.is_empty:
        return Grid.of(projection, 1, 1)  # of which nothing is covered
    if shape.geom_type == "Point":
        x, y = shape.x, shape.y
        unit = Grid.of(projection, 1, 1)
        column, row = ~unit.lattice.affine @ (x, y)
        return unit.window(math.floor(column + 1e-9), math.floor(row + 1e-9), 1, 1)
    grid = grid_of_bounds(projection, shape.bounds)
    # Of an area a sliver at the edge does not count; of points and lines it is all there is.
    return grid if shape.area > 0 else grid.padded(1, 1, 1, 1)


def _pixel_count(region: Geometry, projection: Projection) -> int:
    """Return the size of a region's bounding box in pixels, without rounding its sides.

    So it is in a message that the guide on debugging prints.
    """
    west, south, east, north = region.in_crs(projection.crs).bounds
    pixel = abs(Grid.of(projection, 1, 1).lattice.affine.determinant)
    return int((east - west) * (north - south) / pixel)


def _pixels(image: Image, region: Geometry, grid: Grid, context: Any) -> _Pixels:
    shape = region.in_crs(grid.lattice.crs)
    # The pixel of a point is chosen already: on its edges, rounding must not take it away again.
    point = shape.geom_type == "Point"
    parts: list[tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]] = []

    def visit(tile: Grid, tiles: list[Tile]) -> None:
        covered = np.ones(tile.shape, np.float32) if point else coverage(shape, tile)
        centred = covered > 0 if point else centers_inside(shape, tile)
        inside = (covered > 0) | centred
        if not inside.any():
            return
        values = [band.filled(tile.shape)[inside] for band in tiles]
        masks = [band.weights(tile.shape)[inside] for band in tiles]
        parts.append((values, masks, covered[inside], centred[inside]))

    Plan([band.source for band in image.bands]).each_tile(grid, visit)
    count = len(image.bands)
    if not parts:
        nothing = np.zeros(0)
        return _Pixels([nothing] * count, [nothing] * count, nothing, nothing > 0)
    return _Pixels(
        [_concatenated([part[0][i] for part in parts]) for i in range(count)],
        [np.concatenate([part[1][i] for part in parts]) for i in range(count)],
        np.concatenate([part[2] for part in parts]),
        np.concatenate([part[3] for part in parts]),
    )


def _concatenated(parts: list[np.ndarray]) -> np.ndarray:
    """Join pixels of several tiles; arrays of different lengths become one object a pixel."""
    if len({(part.dtype == object, part.shape[1:]) for part in parts}) == 1:
        return np.concatenate(parts)
    found = np.empty(sum(len(part) for part in parts), object)
    for position, item in enumerate(item for part in parts for item in part):
        found[position] = item
    return found


def _weights(pixels: _Pixels, masks: np.ndarray, reducer: Reducer) -> np.ndarray:
    """Weight of each pixel: the lesser of mask and coverage, or all or nothing by its centre."""
    if reducer.weighted:
        return np.minimum(masks, pixels.covered).astype(np.float64)
    return ((masks > 0) & pixels.centred).astype(np.float64)


def _reduce(
    image: Image, reducer: Reducer, pixels: _Pixels, *, lone_output: bool
) -> dict[str, Any]:
    """Apply a reducer to the pixels; ``lone_output`` leaves the name of a single band out."""
    found: dict[str, Any] = {}
    if reducer.inputs == 1:
        for band, values, masks in zip(image.bands, pixels.values, pixels.masks, strict=True):
            results = _apply(reducer, [values], _weights(pixels, masks, reducer))
            single = len(reducer.outputs) == 1
            for output, value in results.items():
                if lone_output and len(image.bands) == 1:
                    found[output] = value
                else:
                    found[band.name if single else f"{band.name}_{output}"] = value
        return found
    if len(image.bands) != reducer.inputs:
        if len(image.bands) % reducer.inputs == 0 and reducer.repeats:
            raise EarthEngineError("A reducer of several inputs needs exactly as many bands.")
        raise EarthEngineError(
            f"Need {reducer.inputs} bands for the reducer, image has {len(image.bands)}."
        )
    masks = np.minimum.reduce(pixels.masks)
    return _apply(reducer, pixels.values, _weights(pixels, masks, reducer))


def _apply(reducer: Reducer, values: list[np.ndarray], weights: np.ndarray) -> dict[str, Any]:
    if reducer.reduce_objects is not None:
        keep = weights > 0
        columns = [[_cell(v) for v in array[keep]] for array in values]
        return reducer.apply_columns(columns, [float(w) for w in weights[keep]])
    results = reducer.over_arrays(values, weights)
    whole = all(array.dtype.kind in "iub" for array in values)
    found: dict[str, Any] = {}
    for (
        name,
        rule,
        (value, valid),
    ) in zip(reducer.outputs, reducer.types, results, strict=True):
        if not bool(valid):
            found[name] = None
            continue
        if np.ndim(value) or np.asarray(value).dtype == object:
            found[name] = Array(np.asarray(value.item() if np.ndim(value) == 0 else value))
            continue
        number = float(value)
        integral = rule(_probe(values)).precision == "int" and whole
        found[name] = int(number) if integral or rule(_probe(values)).precision == "int" else number
    return found


def _probe(values: list[np.ndarray]) -> Any:
    from gee_sm.emulator.values.pixel_type import of_dtype

    return of_dtype(values[0].dtype)


@implements("Image.reduceRegion")
def reduce_region(
    image: Image,
    reducer: Reducer,
    geometry: Geometry | None,
    scale: float | None,
    crs: Projection | None,
    crsTransform: list[float] | None,
    bestEffort: bool,
    maxPixels: int,
    tileScale: float,
    context: Any,
) -> dict[str, Any]:
    """Reduce the pixels of a region to numbers."""
    _check_tile_scale(tileScale)
    region = geometry or image.footprint
    if region is None:
        raise EarthEngineError(
            "Image.reduceRegion: Provide 'geometry' parameter when aggregating over an unbounded "
            "image."
        )
    projection = working_projection(image, crs, crsTransform, scale, "Image.reduceRegion")
    grid = region_grid(region, projection)
    count = _pixel_count(region, projection)
    if count > maxPixels:
        if not bestEffort:
            raise EarthEngineError(
                f"Image.reduceRegion: Too many pixels in the region. Found {count}, but maxPixels "
                f"allows only {maxPixels}.\nEnsure that you are not aggregating at a higher "
                "resolution than you intended; that is the most frequent cause of this error. If "
                "not, then you may set the 'maxPixels' argument to a limit suitable for your "
                "computation; set 'bestEffort' to true to aggregate at whatever scale results in "
                "'maxPixels' total pixels; or both."
            )
        projection = projection.scaled(math.sqrt(count / maxPixels) * 1.001)
        grid = region_grid(region, projection)
    return _reduce(image, reducer, _pixels(image, region, grid, context), lone_output=False)


def _check_tile_scale(tile_scale: float) -> None:
    if not 0.1 <= tile_scale <= 16:
        raise EarthEngineError("ReduceRegion.AggregationContainer: Valid tileScales are 1 to 16.")


@implements("Image.reduceRegions")
def reduce_regions(
    image: Image,
    collection: Collection,
    reducer: Reducer,
    scale: float | None,
    crs: Projection | None,
    crsTransform: list[float] | None,
    tileScale: float,
    maxPixelsPerRegion: int | None,
    context: Any,
) -> Collection:
    """Reduce the pixels of each feature's region and add the results to its properties."""
    _check_tile_scale(tileScale)
    if not image.bands:
        name = f"Reducer.{reducer.kind}" if reducer.kind else "the reducer"
        raise EarthEngineError(f"Need {reducer.inputs} bands for {name}, image has 0.")
    projection = working_projection(image, crs, crsTransform, scale, "Image.reduceRegions")

    def results() -> Iterator[Feature]:
        for feature in collection:
            region = region_of(feature)
            pixels = _pixels(image, region, region_grid(region, projection), context)
            found = _reduce(image, reducer, pixels, lone_output=True)
            kept = {key: value for key, value in found.items() if value is not None}
            yield feature.with_properties({**feature.properties, **kept})

    return collection.derived(results(), of_images=False)


def sampled(
    image: Image, region: Geometry, projection: Projection, context: Any
) -> Iterator[tuple[list[Any], float, float]]:
    """Yield (values, x, y) of pixels whose centre is inside a region; None where masked."""
    grid = region_grid(region, projection)
    shape = region.in_crs(projection.crs)
    plan = Plan([band.source for band in image.bands])
    for tile in grid.tiles(512):
        inside = centers_inside(shape, tile)
        if tile.width == tile.height == 1 and shape.geom_type == "Point":
            inside = np.ones((1, 1), bool)
        if not inside.any():
            continue
        bands = plan.run(tile)
        xs, ys = tile.centers()
        valid = [band.valid(tile.shape)[inside] for band in bands]
        values = [band.filled(tile.shape)[inside] for band in bands]
        for i, (x, y) in enumerate(zip(xs[inside], ys[inside], strict=True)):
            yield (
                [_cell(values[b][i]) if valid[b][i] else None for b in range(len(bands))],
                float(x),
                float(y),
            )


def _cell(value: Any) -> Any:
    if getattr(value, "ndim", 0):
        return Array(value)
    return value.item()


def _point(x: float, y: float, crs: str) -> Geometry:
    if crs != "EPSG:4326":
        x, y = transformer(crs, "EPSG:4326").transform(x, y)
    return Geometry(shapely.Point(x, y))


@implements("Image.sample")
def sample(
    image: Image,
    region: Geometry | None,
    scale: float | None,
    projection: Projection | None,
    factor: float | None,
    numPixels: int | None,
    seed: int,
    dropNulls: bool,
    tileScale: float,
    geometries: bool,
    context: Any,
) -> Collection:
    """Return one feature for each pixel of a region, or for a random part of them."""
    region = region or image.footprint
    if region is None:
        raise EarthEngineError("Image.sample: 'region' is required for an unbounded image.")
    target = working_projection(image, projection, None, scale, "Image.sample")
    rows = list(sampled(image, region, target, context))
    if numPixels is not None:
        factor = min(1.0, numPixels / max(1, len(rows)))
    if factor is not None:
        kept = np.random.default_rng(seed).random(len(rows)) < factor
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    return table(image.bands, rows, target.crs, dropNulls, geometries)


def table(
    bands: tuple[Band, ...],
    rows: list[tuple[list[Any], float, float]],
    crs: str,
    drop_nulls: bool,
    geometries: bool,
) -> Collection:
    """Return one feature for each row of values; rows with a null may be dropped."""
    features = []
    for values, x, y in rows:
        if drop_nulls and any(value is None for value in values):
            continue
        properties = {
            band.name: value for band, value in zip(bands, values, strict=True) if value is not None
        }
        properties["system:index"] = str(len(features))
        features.append(Feature(_point(x, y, crs) if geometries else None, properties))
    return Collection(features, {"band_order": [band.name for band in bands]}, of_images=False)


@implements("Image.sampleRegions")
def sample_regions(
    image: Image,
    collection: Collection,
    properties: list[str] | None,
    scale: float | None,
    projection: Projection | None,
    tileScale: float,
    geometries: bool,
    context: Any,
) -> Collection:
    """Return one feature for each fully valid pixel of each region, with its properties."""
    target = working_projection(image, projection, None, scale, "Image.sampleRegions")
    if not image.bands:
        raise EarthEngineError("Image.sampleRegions: Invalid numInputs: 0.")

    def rows() -> Iterator[Feature]:
        for feature in collection:
            copied = {
                key: value
                for key, value in feature.properties.items()
                if (properties is None and not key.startswith("system:"))
                or (properties is not None and key in properties)
            }
            index = feature.properties.get("system:index", "")
            for count, (values, x, y) in enumerate(
                sampled(image, region_of(feature), target, context)
            ):
                if any(value is None for value in values):
                    continue
                found = dict(zip(image.names, values, strict=True))
                yield Feature(
                    _point(x, y, target.crs) if geometries else None,
                    {**copied, **found, "system:index": f"{index}_{count}"},
                )

    return Collection(rows(), {"band_order": image.names}, of_images=False)


@implements("Image.sampleRectangle")
@of_scalars("image")
def sample_rectangle(
    image: Image,
    region: Geometry | None,
    properties: list[str] | None,
    defaultValue: float | None,
    defaultArrayValue: Any,
    context: Any,
) -> Feature:
    """Return the pixels of a bounding box as one 2-D array for each band."""
    region = region or image.footprint
    if region is None:
        raise EarthEngineError("Image.sampleRectangle: 'region' is required.")
    found: dict[str, Any] = {
        key: image.properties[key] for key in properties or () if key in image.properties
    }
    for band in image.bands:
        grid = region_grid(region, band.projection)
        if grid.width * grid.height > 262144:
            raise EarthEngineError(
                "Image.sampleRectangle: Too many pixels in sample; must be <= 262144. Got "
                f"{grid.width * grid.height}."
            )
        ((values, weights),) = Plan([band.source]).arrays(grid, [band.type.dtype])
        if (weights == 0).any():
            if defaultValue is None:
                raise EarthEngineError(
                    f"Image.sampleRectangle: Fully masked pixels / pixels outside of the image "
                    f"footprint when sampling band '{band.name}' with no default value set. Note "
                    "that calling unmask() on the image may be necessary."
                )
            values = np.where(weights == 0, values.dtype.type(defaultValue), values)
        found[band.name] = Array(values)
    return Feature(region, found)


@implements("ImageCollection.getRegion")
def get_region(
    collection: Collection,
    geometry: Geometry,
    scale: float | None,
    crs: Projection,
    crsTransform: list[float] | None,
    context: Any,
) -> list[list[Any]]:
    """Return a table of the pixels of a region in every image, with a header row."""
    images = list(collection)
    if not images or not images[0].bands:
        raise EarthEngineError("ImageCollection.getRegion: No bands in collection.")
    target = chosen_projection(crs, crsTransform, scale)
    names = images[0].names
    rows: list[list[Any]] = [["id", "longitude", "latitude", "time", *names]]
    for image in images:
        for values, x, y in sampled(image, geometry, target, context):
            if all(value is None for value in values):
                continue
            if target.crs != "EPSG:4326":
                x, y = transformer(target.crs, "EPSG:4326").transform(x, y)
            rows.append(
                [
                    image.properties.get("system:index"),
                    x,
                    y,
                    image.properties.get("system:time_start"),
                    *values,
                ]
            )
            if len(rows) * len(names) > 1_048_576:
                raise EarthEngineError(
                    "ImageCollection.getRegion: Too many values: more than 1048576."
                )
    return rows
