"""One explicit grid for all predictors, and the way to it from any other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import ee

from gee_sm.catalog.product import Kind
from gee_sm.composites.temporal import direction

Method = Literal["aggregate", "nearest"]

_METRES_PER_DEGREE = 111_319.49079327358
SMALLEST_SHARE = 0.001
"""Rounded coordinates give a pixel slivers of its neighbours: that little is not data."""

_MOST_PIXELS = 65_536
"""Earth Engine's limit on the pixels that one call of reduceResolution may take."""


class UnknownMethodError(ValueError):
    """A way from one grid to another that does not exist was asked for."""


@dataclass(frozen=True)
class TargetGrid:
    """A reference system with the size and origin of its pixels.

    Attributes
    ----------
    name : str
        Short name.
    crs : str
        Such as ``EPSG:4326``.
    pixel : float
        Side of a pixel in units of `crs`.
    west, north : float
        Upper-left corner of the grid in units of `crs`.
    """

    name: str
    crs: str
    pixel: float
    west: float
    north: float

    @property
    def scale_m(self) -> float:
        """Side of a pixel in metres, of a grid in degrees at the equator."""
        return self.pixel * (_METRES_PER_DEGREE if self.crs == "EPSG:4326" else 1.0)

    def projection(self) -> ee.Projection:
        """Return the grid as Earth Engine knows it."""
        return ee.Projection(self.crs, [self.pixel, 0, self.west, 0, -self.pixel, self.north])

    def refined(self, factor: int) -> TargetGrid:
        """Return the grid whose pixels divide each of this one into ``factor ** 2``."""
        return TargetGrid(
            f"{self.name}/{factor}", self.crs, self.pixel / factor, self.west, self.north
        )


def _degrees(name: str, pixel: float) -> TargetGrid:
    return TargetGrid(name, "EPSG:4326", pixel, -180.0, 90.0)


def _ease2(name: str, pixel: float) -> TargetGrid:
    return TargetGrid(name, "EPSG:6933", pixel, -17_367_530.445, 7_314_540.831)


GRIDS: dict[str, TargetGrid] = {
    grid.name: grid
    for grid in (
        _degrees("0.01 degrees", 0.01),
        _degrees("0.25 degrees", 0.25),
        _degrees("0.36 degrees", 0.36),
        _ease2("EASE-2 1 km", 1_000.895_023_349_56),
        _ease2("EASE-2 9 km", 9_008.055_210_146),
        _ease2("EASE-2 36 km", 36_032.220_840_584),
    )
}
"""Grids of the papers: fine ones for predictors, coarse ones of the soil moisture products."""


def to_grid(
    image: ee.Image,
    grid: TargetGrid,
    *,
    native_scale_m: float,
    kind: Kind = "state",
    method: Method = "aggregate",
    smallest_share: float = SMALLEST_SHARE,
) -> ee.Image:
    """Return bands of one kind on a target grid.

    Parameters
    ----------
    image : ee.Image
        Bands on their own grid; a composite must carry it as its default projection, as those of
        :func:`gee_sm.composites.temporal.composites` do.
    grid : TargetGrid
        Where to, one of ``GRIDS`` or another.
    native_scale_m : float
        Pixel size of the image, metres; a product's source says it.
    kind : {"state", "total", "class", "direction", "day_of_year"}
        States and totals: mean of the valid pixels, weighted by the area they share with the
        target pixel. Classes and days of year: the most frequent (where a target pixel holds
        more than some 30,000 pixels, the most frequent of the most frequent in its parts).
        Directions: direction of the mean unit vector.
    method : {"aggregate", "nearest"}
        "nearest" takes the pixel under the middle of the target pixel, as the papers do: of 1,296
        pixels of 1 km it takes one to stand for 36 km.
    smallest_share : float
        Target pixels of which a smaller share has values are masked, when aggregating; 0 to 1.

    Returns
    -------
    ee.Image
        The same bands, properties kept, computed on `grid`. Where the target pixels are no larger
        than the image's own, there is nothing to aggregate and the nearest pixel is taken.

    Raises
    ------
    UnknownMethodError
        If there is no such method.
    ValueError
        If the pixel size is not positive, or the share not within 0 and 1.
    """
    if method not in ("aggregate", "nearest"):
        raise UnknownMethodError(f"method {method!r} is unknown; use 'aggregate' or 'nearest'")
    if not native_scale_m > 0:
        raise ValueError(f"native_scale_m must be positive; got {native_scale_m}")
    if not 0 <= smallest_share <= 1:
        raise ValueError(f"smallest_share must lie between 0 and 1; got {smallest_share}")
    if method == "nearest" or grid.scale_m <= native_scale_m:
        found = image.reproject(grid.projection())
    else:
        if kind == "direction":
            found = _direction_on(image, grid, native_scale_m)
        else:
            found = _aggregated(image, grid, native_scale_m, is_mean=kind in ("state", "total"))
        valid = _gapless(image.mask(), image)
        share = _aggregated(valid, grid, native_scale_m, is_mean=True)
        found = found.updateMask(share.gte(smallest_share))
    return ee.Image(found.copyProperties(image, image.propertyNames()))


def _aggregated(
    image: ee.Image, grid: TargetGrid, native_scale_m: float, *, is_mean: bool
) -> ee.Image:
    reducer = ee.Reducer.mean() if is_mean else ee.Reducer.mode()
    ratio = grid.scale_m / native_scale_m
    if _pixels_within(ratio) <= _MOST_PIXELS:
        return _reduced(image, grid, native_scale_m, reducer)
    # More pixels than Earth Engine takes at once: by way of a grid that divides the target's
    # pixels, so that none of its pixels belongs to two of them.
    between = grid.refined(math.ceil(math.sqrt(ratio)))

    def in_two_steps(bands: ee.Image) -> ee.Image:
        partly = _reduced(bands, between, native_scale_m, reducer)
        return _reduced(partly, grid, between.scale_m, reducer)

    if not is_mean:
        return in_two_steps(image)
    # A mean of means would count a pixel among many gaps for more than its area. Gaps become
    # zeros of no weight instead, and the weights are carried along.
    values = _gapless(image.unmask(0, False), image)
    weight = in_two_steps(_gapless(image.mask(), image))
    return in_two_steps(values).divide(weight).updateMask(weight.gt(0)).rename(image.bandNames())


def _gapless(derived: ee.Image, image: ee.Image) -> ee.Image:
    return derived.setDefaultProjection(image.select(0).projection())


def _reduced(
    image: ee.Image, grid: TargetGrid, native_scale_m: float, reducer: ee.Reducer
) -> ee.Image:
    most = _pixels_within(grid.scale_m / native_scale_m)
    return image.reduceResolution(reducer=reducer, maxPixels=most).reproject(grid.projection())


def _pixels_within(ratio: float) -> int:
    # Grids may be turned against each other, and degrees are shorter from east to west.
    return math.ceil(2 * (ratio + 2) ** 2)


def _direction_on(image: ee.Image, grid: TargetGrid, native_scale_m: float) -> ee.Image:
    names = image.bandNames()
    angle = image.multiply(math.pi / 180)
    east = _aggregated(angle.sin(), grid, native_scale_m, is_mean=True)
    north = _aggregated(angle.cos(), grid, native_scale_m, is_mean=True)
    return direction(east, north).rename(names)
