"""Which pixels a circle on the ground covers, and how much ground of each."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from local_core.gridded.nearest_pixel import WGS84, edges

_VERTICES = 256
"""Corners of the polygon that stands for the circle."""

_DEGREE = np.pi / 180.0


def circle_on_the_ground(
    longitude: float, latitude: float, diameter_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of a polygon that stands for a circle along geodesics.

    Parameters
    ----------
    longitude, latitude : float
        Middle, degrees.
    diameter_m : float
        Diameter on the ground, m.

    Returns
    -------
    longitude, latitude : ndarray, shape (256,)
        Degrees; longitudes within 180 of the middle, so that a circle over the date line stays in
        one piece. The polygon has the circle's area.

    Raises
    ------
    ValueError
        If the diameter is not positive.

    Examples
    --------
    >>> lon, lat = circle_on_the_ground(91.0, 33.0, 10000.0)
    >>> round(float(np.ptp(lat)) * 111.2, 1)
    10.0
    """
    if not diameter_m > 0:
        raise ValueError(f"the diameter of a footprint must be positive; got {diameter_m} m")
    azimuth = np.linspace(0.0, 360.0, _VERTICES, endpoint=False)
    # A polygon within the circle falls short of its area: one of the same area is meant.
    step = 2 * np.pi / _VERTICES
    around = np.full(_VERTICES, diameter_m / 2 * np.sqrt(step / np.sin(step)))
    lon, lat, _ = WGS84.fwd(
        np.full(_VERTICES, longitude), np.full(_VERTICES, latitude), azimuth, around
    )
    return longitude + (np.asarray(lon) - longitude + 180.0) % 360.0 - 180.0, np.asarray(lat)


def circle_weights(
    latitude: float,
    longitude: float,
    diameter_m: float,
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    crs: pyproj.CRS,
    sizes: tuple[float | None, float | None] = (None, None),
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the pixels under a circle and the ground of each that it covers.

    Parameters
    ----------
    latitude, longitude : float
        Middle of the circle, degrees.
    diameter_m : float
        Diameter on the ground, m.
    y, x : ndarray
        Pixel centres of the grid in order, in units of `crs`.
    crs : pyproj.CRS
        Reference system of the grid.
    sizes : tuple of float, optional
        Size of a pixel along y and x, for a grid of one row or column.

    Returns
    -------
    rows, columns : ndarray of int, shape (pixels,)
        Empty where the circle misses the grid.
    area : ndarray of float, shape (pixels,)
        Ground under the circle, m2. The pixels of a grid in degrees become narrower towards the
        poles: shares of pixels would not do as weights.

    Raises
    ------
    ValueError
        If the diameter is not positive, or the circle holds a pole and the grid is in degrees.

    Examples
    --------
    >>> y, x = np.array([33.25, 33.0]), np.array([91.0, 91.25])
    >>> rows, columns, area = circle_weights(33.0, 91.0, 10000.0, y, x, pyproj.CRS.from_epsg(4326))
    >>> rows.tolist(), columns.tolist(), (area / 1e6).round(1).tolist()
    ([1], [0], [78.5])
    """
    lon, lat = circle_on_the_ground(longitude, latitude, diameter_m)
    if crs.is_geographic and np.ptp(lon) > 180.0:
        raise ValueError(
            f"a circle of {diameter_m:g} m around latitude {latitude:g} holds a pole, where a grid "
            "in degrees has no pixels side by side: take the nearest pixel, or a polar grid"
        )
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    corners = np.column_stack(to_grid.transform(lon, lat))
    circle = shapely.polygons(corners)
    shapely.prepare(circle)
    west, south, east, north = shapely.bounds(circle)
    y_edges, x_edges = edges(y, sizes[0]), edges(x, sizes[1])
    row, column = _touching(y_edges, south, north), _touching(x_edges, west, east)
    if row.size == 0 or column.size == 0:
        return row[:0], column[:0], np.empty(0)
    rows, columns = (grid.ravel() for grid in np.meshgrid(row, column, indexing="ij"))
    boxes = shapely.box(
        np.minimum(x_edges[columns], x_edges[columns + 1]),
        np.minimum(y_edges[rows], y_edges[rows + 1]),
        np.maximum(x_edges[columns], x_edges[columns + 1]),
        np.maximum(y_edges[rows], y_edges[rows + 1]),
    )
    under = shapely.intersection(boxes, circle)
    covered = shapely.area(under) > 0
    rows, columns, under = rows[covered], columns[covered], under[covered]
    # At the middle of each part: what changes evenly over it is then integrated exactly.
    middle = shapely.centroid(under)
    ground = _ground_of_a_unit(crs, shapely.get_x(middle), shapely.get_y(middle))
    return rows, columns, shapely.area(under) * ground


def _ground_of_a_unit(
    crs: pyproj.CRS, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the ground under a square of one unit of the system at some places, m2."""
    if crs.is_geographic:
        # Radii of curvature along the meridian and across it.
        sine = np.sin(y * _DEGREE)
        across = WGS84.a / np.sqrt(1.0 - WGS84.es * sine**2)
        along = across * (1.0 - WGS84.es) / (1.0 - WGS84.es * sine**2)
        return along * across * np.cos(y * _DEGREE) * _DEGREE**2
    to_ground = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    factors = pyproj.Proj(crs).get_factors(*to_ground.transform(x, y))
    metres = crs.axis_info[0].unit_conversion_factor
    return metres**2 / np.asarray(factors.areal_scale)


def _touching(bounds: NDArray[np.float64], low: float, high: float) -> NDArray[np.intp]:
    lower, upper = np.minimum(bounds[1:], bounds[:-1]), np.maximum(bounds[1:], bounds[:-1])
    return np.flatnonzero((upper > low) & (lower < high))
