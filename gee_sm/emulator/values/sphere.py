"""Geometry on the sphere: great circles, areas, distances and the plane in which circles are lines.

Earth Engine reads geodetic longitude and latitude as if they were spherical. The radii below are
those with which recorded results of the service are reproduced to the last digits.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

AUTHALIC_RADIUS = 6_371_007.180918474  # metres; areas; the sphere as large as the WGS 84 ellipsoid
BUFFER_RADIUS = 6_367_000.0  # metres; buffers and distances on the sphere

_WGS84_A = 6_378_137.0
_WGS84_F = 1 / 298.257223563

# Beyond this angle from its centre the gnomonic plane stretches too much to compute in.
_GNOMONIC_LIMIT = math.radians(80)


def unit_vectors(lonlat: np.ndarray) -> np.ndarray:
    """Return unit vectors, shape (n, 3), of longitudes and latitudes in degrees, shape (n, 2)."""
    lon, lat = np.radians(np.asarray(lonlat, float).reshape(-1, 2)).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def longitudes_latitudes(vectors: np.ndarray) -> np.ndarray:
    """Return longitudes and latitudes in degrees, shape (n, 2), of vectors, shape (n, 3)."""
    x, y, z = np.asarray(vectors, float).reshape(-1, 3).T
    return np.degrees(np.stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))], axis=1))


def angle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the angles in radians between unit vectors, exact for small and large ones."""
    across = np.linalg.norm(np.cross(first, second), axis=-1)
    return np.arctan2(across, np.sum(first * second, axis=-1))


def midpoint(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the points half-way along great circles."""
    total = first + second
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.divide(total, length, out=np.array(first, float), where=length > 1e-15)


def along(start: np.ndarray, end: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """Return points at fractions of the great circle from one unit vector to another."""
    whole = float(angle(start, end))
    fraction = np.asarray(fraction, float)[:, None]
    if whole < 1e-14:
        return np.repeat(start[None, :], len(fraction), axis=0)
    return (np.sin((1 - fraction) * whole) * start + np.sin(fraction * whole) * end) / math.sin(
        whole
    )


def destination(start: np.ndarray, azimuth: np.ndarray, distance: float) -> np.ndarray:
    """Return the points at an angular distance from a unit vector, in directions from north."""
    east, north = tangent_axes(start)
    azimuth = np.asarray(azimuth, float)[:, None]
    direction = np.cos(azimuth) * north + np.sin(azimuth) * east
    return math.cos(distance) * start + math.sin(distance) * direction


def tangent_axes(center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors to the east and to the north at a point."""
    east = np.array([-center[1], center[0], 0.0])
    length = np.linalg.norm(east)
    east = np.array([0.0, 1.0, 0.0]) if length < 1e-15 else east / length
    return east, np.cross(center, east)


def ring_area(lonlat: np.ndarray) -> float:
    """Return the signed area of a closed ring in steradians, counter-clockwise positive."""
    lon, lat = np.asarray(lonlat, float)[:, :2].T
    # The difference first: in radians each longitude is rounded, and a field is small against it.
    turn = np.diff(lon)
    turn = np.radians(turn - 360 * np.round(turn / 360))
    half = np.tan(np.radians(lat) / 2)
    excess = 2 * np.arctan2(np.tan(turn / 2) * (half[1:] + half[:-1]), 1 + half[1:] * half[:-1])
    area = -float(np.sum(excess))
    if abs(float(np.sum(turn))) > math.pi:  # the ring goes round a pole
        area = 2 * math.pi - abs(area)
    return area


def ring_moment(lonlat: np.ndarray) -> np.ndarray:
    """Return the integral of the position vector over the inside of a closed ring."""
    vectors = unit_vectors(lonlat)
    start, end = vectors[:-1], vectors[1:]
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    direction = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
    return np.sum(direction * angle(start, end)[:, None], axis=0) / 2


def andoyer_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return distances in metres along the WGS84 ellipsoid by Andoyer's formula.

    Meeus, Astronomical Algorithms, chapter 11, as the service computes lengths.

    Parameters
    ----------
    first, second : ndarray, shape (n, 2)
        Longitudes and latitudes in degrees.
    """
    lon_1, lat_1 = np.radians(np.asarray(first, float).reshape(-1, 2)).T
    lon_2, lat_2 = np.radians(np.asarray(second, float).reshape(-1, 2)).T
    mean, half, turn = (lat_1 + lat_2) / 2, (lat_1 - lat_2) / 2, (lon_1 - lon_2) / 2
    sin_f, cos_f = np.sin(mean) ** 2, np.cos(mean) ** 2
    sin_g, cos_g = np.sin(half) ** 2, np.cos(half) ** 2
    sin_l, cos_l = np.sin(turn) ** 2, np.cos(turn) ** 2
    s = sin_g * cos_l + cos_f * sin_l
    c = cos_g * cos_l + sin_f * sin_l
    found = np.zeros_like(s)
    # Below 1e-30 the points are nanometres apart and the ratios below overflow.
    for i in np.nonzero(s > 1e-30)[0]:
        if c[i] <= 0:  # antipodes: half a meridian
            found[i] = math.pi * _WGS84_A * (1 - _WGS84_F / 2)
            continue
        w = math.atan(math.sqrt(s[i] / c[i]))
        r = math.sqrt(s[i] * c[i]) / w
        correction_1 = (3 * r - 1) / (2 * c[i]) * sin_f[i] * cos_g[i]
        correction_2 = (3 * r + 1) / (2 * s[i]) * cos_f[i] * sin_g[i]
        found[i] = 2 * w * _WGS84_A * (1 + _WGS84_F * (correction_1 - correction_2))
    return found


class Gnomonic:
    """The plane in which great circles are straight lines, touching the sphere at a point.

    Vertices keep their exact longitude and latitude on the way there and back.
    """

    def __init__(self, center: np.ndarray):
        self.center = center
        self.east, self.north = tangent_axes(center)
        self._longitude = float(longitudes_latitudes(center)[0, 0])
        self._known: dict[tuple[float, float], tuple[float, float]] = {}

    def forward(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape in longitude and latitude in the plane."""
        return shapely.transform(shape, self._forward)

    def inverse(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape of the plane in longitude and latitude."""
        return shapely.transform(shape, self._inverse)

    def plane_of_vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Return the coordinates in the plane of unit vectors, shape (n, 3)."""
        depth = vectors @ self.center
        return np.stack([vectors @ self.east / depth, vectors @ self.north / depth], axis=1)

    def _forward(self, lonlat: np.ndarray) -> np.ndarray:
        plane = self.plane_of_vectors(unit_vectors(lonlat))
        for here, there in zip(plane.tolist(), lonlat.tolist(), strict=True):
            self._known[tuple(here)] = tuple(there)
        return plane

    def _inverse(self, plane: np.ndarray) -> np.ndarray:
        vectors = self.center + plane[:, :1] * self.east + plane[:, 1:2] * self.north
        lonlat = longitudes_latitudes(vectors)
        turn = lonlat[:, 0] - self._longitude
        lonlat[:, 0] -= 360 * np.round(turn / 360)
        for i, here in enumerate(plane.tolist()):
            known = self._known.get(tuple(here))
            if known is not None:
                lonlat[i] = known
        return lonlat


def gnomonic_over(*shapes: BaseGeometry, margin: float = 0.0) -> Gnomonic | None:
    """Return the plane in the middle of shapes in longitude and latitude.

    Parameters
    ----------
    *shapes : shapely geometry
        With great circles as edges.
    margin : float
        Angle in radians by which the shapes will grow.

    Returns
    -------
    Gnomonic or None
        None if the shapes reach too far around the Earth for one plane.
    """
    vectors = np.concatenate([unit_vectors(shapely.get_coordinates(shape)) for shape in shapes])
    if not len(vectors):
        return Gnomonic(np.array([1.0, 0.0, 0.0]))
    center = (vectors.min(axis=0) + vectors.max(axis=0)) / 2
    length = float(np.linalg.norm(center))
    if length < 1e-6:
        return None
    center = center / length
    reach = float(angle(vectors, center[None, :]).max()) + margin
    return Gnomonic(center) if reach < _GNOMONIC_LIMIT else None
