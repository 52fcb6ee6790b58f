"""The pixels of a product: which one a place lies in, and which ones a region covers."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from local_core.gridded.coordinates import within_180

__all__ = ["OutsideCoverageError", "PixelGrid", "Window", "grid_of_bands"]

_SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
_NAMED = {"SR-ORG:6974": _SINUSOIDAL}
"""Earth Engine's own codes, which nobody else knows."""

_ON_BORDER = 1e-6
"""Pixels: coordinates are rounded, and a point that near to a border lies on it."""

_EDGE_POINTS = 257
_FIELDS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


class OutsideCoverageError(ValueError):
    """A region holds no pixel of the product."""


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels: first column and row, width and height."""

    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True)
class PixelGrid:
    """A lattice of pixels, and the part of it that holds data.

    Attributes
    ----------
    crs : str
        Code such as ``EPSG:4326``, or WKT.
    transform : tuple of float
        From (column, row) to the system's coordinates, in Earth Engine's order: x scale, x shear,
        x translation, y shear, y scale, y translation. Without shear.
    extents : tuple of (int, int, int, int), optional
        First column, first row, and those after the last, of each stored image; None where it is
        not known what they cover.
    """

    crs: str
    transform: tuple[float, ...]
    extents: tuple[tuple[int, int, int, int], ...] | None = None

    def __post_init__(self) -> None:
        if self.transform[1] or self.transform[3]:
            raise ValueError(
                f"pixels of this grid are turned (transform {self.transform}): only grids "
                "without shear are read; reproject the asset"
            )

    @property
    def proj(self) -> pyproj.CRS:
        """The reference system."""
        return _crs(self.crs)

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Width and height of a pixel in units of the system."""
        return abs(self.transform[0]), abs(self.transform[4])

    @property
    def pixel_m(self) -> float:
        """Side of a pixel in metres, of one in degrees at the equator."""
        side = math.sqrt(self.pixel_size[0] * self.pixel_size[1])
        return side * 111_319.49079327358 if self.proj.is_geographic else side

    def project(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return x and y of places in degrees; longitudes are brought to the grid's range."""
        x, y = _to_grid(self.crs).transform(np.asarray(lon, float), np.asarray(lat, float))
        x, y = np.atleast_1d(x), np.atleast_1d(y)
        if self.proj.is_geographic:
            west = self._western_edge()
            # Both ends stay: 180 is the eastern edge of a region, not its western one.
            outside = np.isfinite(x) & ((x < west) | (x > west + 360.0))
            x = np.where(outside, (x - west) % 360.0 + west, x)
        return x, y

    def places(self, column: ArrayLike, row: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return longitude and latitude, in degrees, of pixels' centres."""
        x, y = self.centres(column, row)
        lon, lat = _to_grid(self.crs).transform(x, y, direction="INVERSE")
        return within_180(np.asarray(lon)), np.asarray(lat)

    def centres(self, column: ArrayLike, row: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return x and y of pixels' centres in the grid's system."""
        a, _, c, _, e, f = self.transform
        return c + (np.asarray(column) + 0.5) * a, f + (np.asarray(row) + 0.5) * e

    def pixels(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int64], ...]:
        """Return the columns and rows of the pixels that contain places.

        A place on a border belongs to the pixel of higher column and row: to the east and south
        where north is up. Places the system cannot show get the column and row of no image.
        """
        x, y = self.project(lon, lat)
        if self.proj.is_geographic:
            x = np.where(x == self._western_edge() + 360.0, x - 360.0, x)
        a, _, c, _, e, f = self.transform
        column, row = (x - c) / a, (y - f) / e
        lost = ~(np.isfinite(column) & np.isfinite(row))
        whole = [
            np.where(lost, -(2**40), np.floor(value + _ON_BORDER)).astype(np.int64)
            for value in (column, row)
        ]
        return whole[0], whole[1]

    def positions(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return columns and rows of places with their fractions; longitudes stay on their turn."""
        x, y = _to_grid(self.crs).transform(np.asarray(lon, float), np.asarray(lat, float))
        a, _, c, _, e, f = self.transform
        return (x - c) / a, (y - f) / e

    def covers(self, column: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether pixels lie in a stored image."""
        if self.extents is None:
            return column > -(2**40)
        inside = np.zeros(np.shape(column), dtype=bool)
        for left, top, right, bottom in self.extents:
            inside |= (column >= left) & (column < right) & (row >= top) & (row < bottom)
        return inside

    def window_of(self, region: Sequence[float]) -> Window:
        """Return the pixels that a region touches, cut to what is stored.

        Parameters
        ----------
        region : sequence of float
            West, south, east, north in degrees.

        Raises
        ------
        OutsideCoverageError
            If there are none.
        """
        west, south, east, north = region
        share = np.linspace(0.0, 1.0, _EDGE_POINTS)
        across, along = west + (east - west) * share, south + (north - south) * share
        still = np.ones(_EDGE_POINTS)
        lon = np.concatenate([across, across, west * still, east * still])
        lat = np.concatenate([south * still, north * still, along, along])
        x, y = _to_grid(self.crs).transform(lon, lat)
        turns = (0.0, 360.0, -360.0) if self.proj.is_geographic else (0.0,)
        for turn in turns:
            window = self._window_of(x + turn, y)
            if window is not None:
                return window
        raise OutsideCoverageError(
            f"region {tuple(region)} holds no pixel of the product"
            + (f", which covers {self._told_extent()}" if self.extents else "")
        )

    def _window_of(self, x: NDArray[Any], y: NDArray[Any]) -> Window | None:
        """Return the stored pixels within the bounds of some coordinates."""
        a, _, c, _, e, f = self.transform
        columns, rows = (x - c) / a, (y - f) / e
        columns, rows = columns[np.isfinite(columns)], rows[np.isfinite(rows)]
        if not columns.size or not rows.size:
            return None
        left, top = (math.floor(v.min() + _ON_BORDER) for v in (columns, rows))
        right, bottom = (math.ceil(v.max() - _ON_BORDER) for v in (columns, rows))
        if self.extents is not None:
            bounds = np.array(self.extents)
            left, top = max(left, bounds[:, 0].min()), max(top, bounds[:, 1].min())
            right, bottom = min(right, bounds[:, 2].max()), min(bottom, bounds[:, 3].max())
        if left >= right or top >= bottom:
            return None
        return Window(int(left), int(top), int(right - left), int(bottom - top))

    def request(self, window: Window) -> dict[str, Any]:
        """Return the grid of a window as the REST interface wants it."""
        key = "crsWkt" if self.crs.lstrip().startswith(("PROJ", "GEOG")) else "crsCode"
        return {
            "dimensions": {"width": window.width, "height": window.height},
            "affineTransform": dict(zip(_FIELDS, self.origin_at(window), strict=True)),
            key: self.crs,
        }

    def origin_at(self, window: Window) -> tuple[float, ...]:
        """Return the transform whose origin is the corner of a window."""
        a, b, c, d, e, f = self.transform
        return a, b, c + window.column * a, d, e, f + window.row * e

    def _western_edge(self) -> float:
        if not self.extents:
            return -180.0
        return self.transform[2] + min(extent[0] for extent in self.extents) * self.transform[0]

    def _told_extent(self) -> str:
        bounds = np.array(self.extents)
        left, top, right, bottom = *bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)
        lon, lat = self.places([left, right - 1], [bottom - 1, top])
        return f"{lon[0]:.2f} to {lon[1]:.2f} E, {lat[0]:.2f} to {lat[1]:.2f} N"


def grid_of_bands(bands: Sequence[dict[str, Any]], *, complete: bool = True) -> PixelGrid:
    """Return the grid of images from what Earth Engine says of one band of each.

    Parameters
    ----------
    bands : sequence of dict
        ``crs`` or ``wkt``, ``crs_transform``, and ``dimensions`` (with ``origin`` where the image
        does not begin at the transform's).
    complete : bool
        Whether these images are all that a place may be covered by.

    Returns
    -------
    PixelGrid
        That of the first image. What is covered is not known if images are of other grids.
    """
    first = bands[0]
    crs = str(first.get("crs") or first.get("wkt"))
    a, b, c, d, e, f = (float(value) for value in first["crs_transform"])
    extents = []
    for band in bands:
        other = band["crs_transform"]
        alike = str(band.get("crs") or band.get("wkt")) == crs and (other[0], other[4]) == (a, e)
        if "dimensions" not in band or not alike:
            # Tiles of other systems, such as UTM zones, are no windows of this lattice.
            complete = False
            break
        column = round((other[2] - c) / a) + int(band.get("origin", (0, 0))[0])
        row = round((other[5] - f) / e) + int(band.get("origin", (0, 0))[1])
        width, height = (int(value) for value in band["dimensions"])
        extents.append((column, row, column + width, row + height))
    return PixelGrid(crs, (a, b, c, d, e, f), tuple(extents) if complete else None)


@functools.lru_cache(maxsize=32)
def _crs(name: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(_NAMED.get(name, name))


@functools.lru_cache(maxsize=32)
def _to_grid(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", _crs(name), always_xy=True)
