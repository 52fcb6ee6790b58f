"""Which pixel of a grid a point lies in or is nearest to, and how far off its centre is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

WGS84 = Geod(ellps="WGS84")


def nearest_pixels(
    grid_latitude: ArrayLike,
    grid_longitude: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the pixel centre nearest to each point on the ground.

    Parameters
    ----------
    grid_latitude, grid_longitude : array_like
        Centres in degrees, both of one shape: a meshgrid, a swath, or a list. Longitudes may run
        from -180 to 180 or from 0 to 360.
    latitude, longitude : array_like, shape (points,)
        Points in degrees.

    Returns
    -------
    index : ndarray of int, shape (points,)
        Flat index into the grid; -1 where a point has no coordinates.
    distance_km : ndarray of float, shape (points,)
        Geodesic distance to the centre on WGS84; NaN where a point has no coordinates.

    Raises
    ------
    ValueError
        If shapes differ or the grid has no coordinates.

    Examples
    --------
    >>> lat, lon = np.meshgrid([30.0, 31.0], [359.0, 0.0, 1.0], indexing="ij")
    >>> index, distance = nearest_pixels(lat, lon, [30.1], [-0.9])
    >>> np.unravel_index(index[0], lat.shape), round(float(distance[0]), 1)
    ((np.int64(0), np.int64(0)), 14.7)
    """
    grid_latitude, grid_longitude = np.asarray(grid_latitude), np.asarray(grid_longitude)
    latitude = np.atleast_1d(np.asarray(latitude, dtype=np.float64))
    longitude = np.atleast_1d(np.asarray(longitude, dtype=np.float64))
    if grid_latitude.shape != grid_longitude.shape:
        raise ValueError(
            f"grid latitudes have shape {grid_latitude.shape}, longitudes {grid_longitude.shape}: "
            "give one of each per pixel (a meshgrid)"
        )
    if latitude.shape != longitude.shape:
        raise ValueError(f"{latitude.shape} latitudes but {longitude.shape} longitudes")
    centres = _in_space(grid_latitude.ravel(), grid_longitude.ravel())
    usable = np.flatnonzero(np.isfinite(centres).all(axis=1))
    if usable.size == 0:
        raise ValueError("the grid has no pixel with coordinates")
    points = _in_space(latitude, longitude)
    known = np.isfinite(points).all(axis=1)
    index = np.full(latitude.shape, -1, dtype=np.intp)
    # Straight-line distance in space orders points as distance on the ground does, across the
    # date line and over the poles too.
    _, nearest = cKDTree(centres[usable]).query(points[known])
    index[known] = usable[nearest]
    found = np.where(known, index, 0)
    distance = geodesic_km(
        latitude, longitude, grid_latitude.ravel()[found], grid_longitude.ravel()[found]
    )
    return index, np.where(known, distance, np.nan)


def containing_pixels(
    centres: ArrayLike, positions: ArrayLike, size: float | None = None
) -> NDArray[np.intp]:
    """Find the pixel that holds each position along one axis.

    Parameters
    ----------
    centres : array_like, shape (n,)
        Pixel centres in order, ascending or descending.
    positions : array_like, shape (points,)
        In the units of `centres`.
    size : float, optional
        As for :func:`edges`.

    Returns
    -------
    ndarray of int, shape (points,)
        Index of the pixel; -1 outside the outer edges and where a position is NaN. A position on
        an edge belongs to the pixel further on along the axis, as on Earth Engine (where y
        descends: the southern one); the outermost edge to the outermost pixel.

    Raises
    ------
    ValueError
        If there are fewer than two centres and no size.

    Examples
    --------
    >>> containing_pixels([30.5, 31.5], [30.0, 31.0, 32.0, 33.0]).tolist()
    [0, 1, 1, -1]
    """
    centres = np.asarray(centres, dtype=np.float64)
    positions = np.asarray(positions, dtype=np.float64)
    bounds = edges(centres, size)
    sign = 1.0 if bounds[-1] > bounds[0] else -1.0
    # What coordinate arithmetic leaves over does not decide on which side of an edge a point is.
    noise = 1e-6 * np.abs(bounds[-1] - bounds[0]) / centres.size
    index = np.searchsorted(sign * bounds, sign * positions + noise, side="right") - 1
    index = np.where(np.abs(positions - bounds[-1]) <= noise, centres.size - 1, index)
    outside = (index < 0) | (index >= centres.size) | np.isnan(positions)
    return np.where(outside, -1, index).astype(np.intp)


def edges(centres: ArrayLike, size: float | None = None) -> NDArray[np.float64]:
    """Return the edges of pixels from their centres: half-way, the outer ones by symmetry.

    Parameters
    ----------
    centres : array_like, shape (n,)
        In order.
    size : float, optional
        Size of a pixel along the axis, negative where it descends; needed for one pixel alone.

    Returns
    -------
    ndarray of float, shape (n + 1,)

    Raises
    ------
    ValueError
        If there is only one centre and no size: its pixel could have any.

    Examples
    --------
    >>> edges([1.5, 0.5]).tolist()
    [2.0, 1.0, 0.0]
    """
    centres = np.asarray(centres, dtype=np.float64)
    if centres.size == 1 and size is not None:
        return np.array([centres[0] - size / 2, centres[0] + size / 2])
    if centres.size < 2:
        raise ValueError(
            f"one pixel alone (at {', '.join(map(str, centres))}) does not say how large it is; "
            "expected at least two along y and along x"
        )
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def geodesic_km(
    latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike
) -> NDArray[np.float64]:
    """Return geodesic distances on WGS84, km; NaN where a coordinate is NaN.

    Parameters
    ----------
    latitude, longitude, to_latitude, to_longitude : array_like, one shape
        Degrees.

    Examples
    --------
    >>> geodesic_km([0.0], [0.0], [0.0], [1.0]).round(3).tolist()
    [111.319]
    """
    ends = [np.asarray(a, dtype=np.float64) for a in (longitude, latitude)]
    ends += [np.asarray(a, dtype=np.float64) for a in (to_longitude, to_latitude)]
    _, _, metres = WGS84.inv(*ends)
    return np.asarray(metres) / 1000.0


def _in_space(latitude: NDArray[np.floating], longitude: NDArray[np.floating]) -> NDArray:
    """Cartesian coordinates of points on WGS84, km."""
    phi, lam = np.radians(latitude, dtype=np.float64), np.radians(longitude, dtype=np.float64)
    across = WGS84.a / np.sqrt(1.0 - WGS84.es * np.sin(phi) ** 2) / 1000.0
    return np.column_stack(
        [
            across * np.cos(phi) * np.cos(lam),
            across * np.cos(phi) * np.sin(lam),
            across * (1.0 - WGS84.es) * np.sin(phi),
        ]
    )
