"""Products and samples along a line across a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: Mean radius of the Earth, km.
EARTH_RADIUS_KM = 6371.0088


class Transect(NamedTuple):
    """Values along a line.

    Attributes
    ----------
    distance_km : ndarray, shape (points,)
        Great-circle distance from the start.
    values : ndarray, shape (points,)
        Values of the nearest cells.
    """

    distance_km: np.ndarray
    values: np.ndarray


def transect(
    field: xr.DataArray,
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    n_points: int = 500,
) -> Transect:
    """Sample a map along the great circle between two places.

    Parameters
    ----------
    field : xarray.DataArray
        Two dimensions with one-dimensional coordinates ``latitude`` and ``longitude`` (or ``lat``
        and ``lon``).
    start, end : (float, float)
        Latitude and longitude in degrees.
    n_points : int
        Points along the line.

    Returns
    -------
    Transect
        Distances and values; NaN outside the map.

    Raises
    ------
    ValueError
        If the field has no such coordinates.
    """
    names = {}
    for kind, usual in (("latitude", ("latitude", "lat")), ("longitude", ("longitude", "lon"))):
        found = [name for name in usual if name in field.dims]
        if not found:
            raise ValueError(f"the field has no dimension {' or '.join(usual)}: {field.dims}")
        names[kind] = found[0]
    latitude, longitude, distance = _great_circle(start, end, n_points)
    axis = field[names["longitude"]].values
    # Points follow the grid's own habit of counting longitudes.
    longitude = (longitude - axis.min()) % 360.0 + axis.min()
    sampled = field.interp(
        {
            names["latitude"]: xr.DataArray(latitude, dims="point"),
            names["longitude"]: xr.DataArray(longitude, dims="point"),
        },
        method="nearest",
    )
    return Transect(distance, sampled.to_numpy())


def draw_transect(
    ax: Axes,
    transects: Mapping[str, Transect],
    *,
    samples: pd.DataFrame | None = None,
    label: str = "soil moisture [m$^3$ m$^{-3}$]",
    title: str = "",
) -> None:
    """Draw products along a line, and what was measured near it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    transects : mapping of str to Transect
        Name to values.
    samples : pandas.DataFrame, optional
        Columns ``distance_km`` and ``value``.
    label, title : str
        Texts.
    """
    for name, line in transects.items():
        ax.plot(line.distance_km, line.values, lw=1.0, label=name)
    if samples is not None:
        ax.plot(samples["distance_km"], samples["value"], "k^", ms=5, label="measured")
    ax.set_xlabel("distance [km]")
    ax.set_ylabel(label)
    ax.set_title(title, fontsize="medium")
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)


def _great_circle(
    start: tuple[float, float], end: tuple[float, float], n_points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = []
    for latitude, longitude in (start, end):
        phi, lam = np.radians(latitude), np.radians(longitude)
        ends.append([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    a, b = np.array(ends)
    angle = np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)
    share = np.linspace(0.0, 1.0, n_points)[:, None]
    if angle == 0.0:
        points = np.repeat(a[None], n_points, axis=0)
    else:
        points = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    latitude = np.degrees(np.arcsin(np.clip(points[:, 2], -1, 1)))
    longitude = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    return latitude, longitude, share[:, 0] * angle * EARTH_RADIUS_KM
