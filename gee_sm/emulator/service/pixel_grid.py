"""The grid of a request for pixels: as it was given, or the image's own."""

from __future__ import annotations

import math
from typing import Any

import shapely

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid, Projection, crs_of, grid_of_bounds
from gee_sm.emulator.service.expression import guarded
from gee_sm.emulator.service.message import refuse_unknown
from gee_sm.emulator.values.geometry import Geometry, geometry_of_geojson
from gee_sm.emulator.values.image import Image

__all__ = [
    "check_size",
    "grid_of_request",
    "image_bounds",
    "is_unbounded",
    "own_grid",
    "request_bytes",
]

_MEMBERS = frozenset({"dimensions", "affineTransform", "crsCode", "crsWkt"})
_UNSET_DIMENSIONS = {"width": 0, "height": 0}  # zero is how a protocol buffer says "not given"
_DENSIFIED_EDGES = 32
_FOOTPRINT_TOLERANCE = 1  # pixels a side


def grid_of_request(image: Image, document: Any, region: Any = None) -> Grid:
    """Return the grid of a ``PixelGrid`` object, with the image's own for what it leaves out.

    Parameters
    ----------
    image : Image
        The image whose pixels are wanted.
    document : dict or None
        ``{dimensions: {width, height}, affineTransform: {...}, crsCode or crsWkt}``.
    region : dict, optional
        GeoJSON whose bounding box in the grid's coordinate system is wanted, brought to the
        grid's dimensions if it has any.

    Raises
    ------
    EarthEngineError
        If a member is not what it should be, or the image has no grid to fall back on.
    """
    if not image.bands:
        raise EarthEngineError("Can't get pixels of an image with no bands.")
    document = document or {}
    if not isinstance(document, dict):
        raise EarthEngineError("Invalid request: 'grid' is an object.")
    refuse_unknown(document, _MEMBERS, "grid")
    native = image.bands[0].projection
    crs = document.get("crsCode") or document.get("crsWkt") or native.crs
    if not isinstance(crs, str):
        raise EarthEngineError("Invalid request: 'crsCode' and 'crsWkt' are text.")
    if crs_of(crs) == crs_of(native.crs):
        crs = native.crs
    if document.get("affineTransform"):
        projection = Projection(crs, _transform(document["affineTransform"]))
    elif crs == native.crs:
        projection = native
    else:
        projection = Projection(crs, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)).at_scale(native.nominal_scale)
    size = None
    if document.get("dimensions") and document["dimensions"] != _UNSET_DIMENSIONS:
        size = _dimensions(document["dimensions"])
    if region:
        return _grid_of_region(projection, region, size)
    if size is not None:
        return Grid.of(projection, *size)
    if projection == native:
        return own_grid(image)
    return grid_of_bounds(projection, image_bounds(image, crs))


def _grid_of_region(projection: Projection, region: Any, size: tuple[int, int] | None) -> Grid:
    if not isinstance(region, dict):
        raise EarthEngineError("Invalid request: 'region' is a GeoJSON geometry.")
    bounds = guarded(
        lambda: geometry_of_geojson(region, geodesic=False).in_crs(projection.crs).bounds
    )
    if not all(math.isfinite(value) for value in bounds):
        raise EarthEngineError("The region cannot be expressed in the requested CRS.")
    if size is None:
        return grid_of_bounds(projection, bounds)
    (west, south, east, north), (width, height) = bounds, size
    if west == east or south == north:
        raise EarthEngineError("The region has no area, so it cannot be brought to dimensions.")
    pixel = ((east - west) / width, 0.0, west, 0.0, (south - north) / height, north)
    return Grid.of(Projection(projection.crs, pixel), width, height)


def own_grid(image: Image) -> Grid:
    """Return the grid of an image that carries one: a stored, clipped or scaled image.

    Raises
    ------
    EarthEngineError
        If the image is unbounded.
    """
    if not image.bands:
        raise EarthEngineError("Can't get pixels of an image with no bands.")
    first = image.bands[0]
    if first.extent is None:
        return grid_of_bounds(first.projection, image_bounds(image, first.projection.crs))
    if image.footprint is None or image.footprint.is_unbounded:
        return first.extent
    clipped = grid_of_bounds(first.projection, image_bounds(image, first.projection.crs))
    inner = first.extent.intersection(clipped)
    if inner is None:
        return first.extent
    # A stored footprint is rounded degrees: only what cuts off more than a pixel is a clip.
    trimmed = (first.extent.width - inner.width, first.extent.height - inner.height)
    return first.extent if max(trimmed) <= 2 * _FOOTPRINT_TOLERANCE else inner


def is_unbounded(image: Image) -> bool:
    """Whether an image has neither a grid nor a footprint of its own."""
    if image.footprint is not None:
        return bool(image.footprint.is_unbounded)
    return not image.bands or image.bands[0].extent is None


def image_bounds(image: Image, crs: str) -> tuple[float, float, float, float]:
    """Return west, south, east and north of an image's footprint in a coordinate system.

    Raises
    ------
    EarthEngineError
        If the image has no end.
    """
    if is_unbounded(image):
        raise EarthEngineError(
            "Unable to compute the pixels of an unbounded image: give a grid, or clip the image."
        )
    first = image.bands[0]
    footprint = image.footprint
    if footprint is None and first.extent is not None:
        footprint = Geometry(shapely.box(*first.extent.bounds()), first.projection.crs, False)
    if footprint.crs == crs:
        bounds = footprint.shape.bounds
    else:
        # Straight edges bend on the way to another system: corners alone would cut the bulge off.
        length = footprint.shape.length / _DENSIFIED_EDGES or 1.0
        dense = Geometry(shapely.segmentize(footprint.shape, length), footprint.crs, False)
        bounds = dense.in_crs(crs).bounds
    if not all(math.isfinite(value) for value in bounds):
        raise EarthEngineError("The image's footprint cannot be expressed in the requested CRS.")
    return bounds


def _number(document: dict[str, Any], name: str, default: float) -> float:
    value = document.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise EarthEngineError(f"Invalid grid: '{name}' is {value!r:.40}, expected a number.")
    return float(value)


def _transform(document: Any) -> tuple[float, float, float, float, float, float]:
    if not isinstance(document, dict):
        raise EarthEngineError("Invalid grid: 'affineTransform' is an object.")
    names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    a, b, c, d, e, f = (_number(document, name, 0.0) for name in names)
    if a * e - b * d == 0:
        raise EarthEngineError("Invalid grid: the affine transform is not invertible.")
    return a, b, c, d, e, f


def _dimensions(document: Any) -> tuple[int, int]:
    if not isinstance(document, dict):
        raise EarthEngineError("Invalid grid: 'dimensions' is an object.")
    width, height = (_number(document, name, 0.0) for name in ("width", "height"))
    if width < 1 or height < 1 or width % 1 or height % 1:
        raise EarthEngineError(
            f"Pixel grid dimensions ({width:g}x{height:g}) must be positive integers."
        )
    return int(width), int(height)


def request_bytes(image: Image, grid: Grid) -> int:
    """Return what a request counts: every band's pixel and one byte more for its mask."""
    pixel = sum(band.type.dtype.itemsize + 1 for band in image.bands)
    return grid.width * grid.height * pixel


def check_size(image: Image, grid: Grid, *, side: int, total: int, bands: int) -> None:
    """Check a request for pixels against limits.

    Parameters
    ----------
    image : Image
        What is asked for.
    grid : Grid
        Where.
    side, total, bands : int
        Pixels a side, bytes and bands there may be.

    Raises
    ------
    EarthEngineError
        If it is too large, in the service's words.
    """
    if max(grid.width, grid.height) > side:
        raise EarthEngineError(
            f"Pixel grid dimensions ({grid.width}x{grid.height}) must be less than or equal to "
            f"{side}."
        )
    if len(image.bands) > bands:
        raise EarthEngineError(
            f"Number of bands ({len(image.bands)}) must be less than or equal to {bands}."
        )
    size = request_bytes(image, grid)
    if size > total:
        raise EarthEngineError(
            f"Total request size ({size} bytes) must be less than or equal to {total} bytes."
        )
