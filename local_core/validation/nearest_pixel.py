"""Which pixel of a grid a station lies in, and how far off its centre is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

#: Mean radius of the Earth, km.
EARTH_RADIUS_KM = 6371.0088


def nearest_pixels(
    grid_latitude: ArrayLike,
    grid_longitude: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the nearest pixel centre of each point along great circles.

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
        Distance to the centre on a sphere of mean radius; NaN where a point has no coordinates.

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
    centres = _unit_vectors(grid_latitude.ravel(), grid_longitude.ravel())
    usable = np.flatnonzero(np.isfinite(centres).all(axis=1))
    if usable.size == 0:
        raise ValueError("the grid has no pixel with coordinates")
    points = _unit_vectors(latitude, longitude)
    known = np.isfinite(points).all(axis=1)
    index = np.full(latitude.shape, -1, dtype=np.intp)
    distance = np.full(latitude.shape, np.nan)
    # Straight-line distance in space orders points as great circles do, across the date line too.
    chord, nearest = cKDTree(centres[usable]).query(points[known])
    index[known] = usable[nearest]
    distance[known] = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))
    return index, distance


def _unit_vectors(latitude: NDArray[np.floating], longitude: NDArray[np.floating]) -> NDArray:
    phi, lam = np.radians(latitude, dtype=np.float64), np.radians(longitude, dtype=np.float64)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
