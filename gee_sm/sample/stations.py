"""Stations in the ground: where they are, and what their sensors say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from rasterio.warp import transform
from scipy.ndimage import binary_erosion

from gee_sm.sample.ground import Ground, Places
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.region import BOUNDS, CRS

__all__ = ["NETWORK", "Station", "features", "place_stations", "series"]

NETWORK = "SAMPLE"
"""Name of the sample's network."""

_SPACING = 900.0
_CLEARANCE = 8
_STEEPEST = 12.0
_DEPTH = 0.05


@dataclass(frozen=True)
class Station:
    """One station.

    Parameters
    ----------
    name : str
        Such as ``S01``.
    longitude, latitude : float
        WGS84 degrees.
    x, y : float
        The same place in metres (UTM 46N): the centre of a 10 m pixel.
    elevation : float
        Metres.
    land_cover : int
        WorldCover class.
    """

    name: str
    longitude: float
    latitude: float
    x: float
    y: float
    elevation: float
    land_cover: int


def place_stations(seed: int, places: Places, count: int = 12) -> list[Station]:
    """Choose stations on gentle open land, well apart and clear of water, trees and houses.

    Parameters
    ----------
    seed : int
        The sample's seed.
    places : Places
        The ground on the 10 m grid.
    count : int, default 12
        How many.

    Returns
    -------
    list of Station
        In the order of their names.

    Raises
    ------
    ValueError
        There is no room for so many.
    """
    random = random_stream(seed, "stations")
    suitable = places.retrievable & ~places.subsurface_scattering
    suitable &= places.relief.slope < _STEEPEST
    suitable = binary_erosion(suitable, iterations=_CLEARANCE)
    rows, columns = np.nonzero(suitable)
    x, y = places.x[0, columns], places.y[rows, 0]
    longitude, latitude = map(np.array, transform(CRS, "EPSG:4326", x, y))
    west, south, east, north = BOUNDS
    inside = (longitude > west + 0.004) & (longitude < east - 0.004)
    inside &= (latitude > south + 0.004) & (latitude < north - 0.004)
    chosen: list[int] = []
    for candidate in random.permutation(np.flatnonzero(inside)):
        distances = np.hypot(x[chosen] - x[candidate], y[chosen] - y[candidate])
        if (distances > _SPACING).all():
            chosen.append(int(candidate))
        if len(chosen) == count:
            break
    if len(chosen) < count:
        raise ValueError(
            f"only {len(chosen)} of {count} stations fit {_SPACING:.0f} m apart: ask for fewer"
        )
    chosen.sort(key=lambda i: (-y[i], x[i]))
    return [
        Station(
            name=f"S{number:02d}",
            longitude=round(float(longitude[i]), 7),
            latitude=round(float(latitude[i]), 7),
            x=float(x[i]),
            y=float(y[i]),
            elevation=round(float(places.relief.elevation[rows[i], columns[i]]), 1),
            land_cover=int(places.land_cover[rows[i], columns[i]]),
        )
        for number, i in enumerate(chosen, start=1)
    ]


def features(stations: Sequence[Station]) -> list[dict[str, Any]]:
    """Return the stations as GeoJSON features."""
    return [
        {
            "type": "Feature",
            "id": station.name,
            "geometry": {"type": "Point", "coordinates": [station.longitude, station.latitude]},
            "properties": {
                "system:index": station.name,
                "station": station.name,
                "network": NETWORK,
                "elevation": station.elevation,
                "land_cover": station.land_cover,
                "depth_m": _DEPTH,
            },
        }
        for station in stations
    ]


def series(
    ground: Ground, stations: Sequence[Station], times: Sequence[datetime], *, noise: float
) -> pd.DataFrame:
    """Return what the sensors record.

    Parameters
    ----------
    ground : Ground
        The truth.
    stations : sequence of Station
        Where.
    times : sequence of datetime
        When, UTC.
    noise : float
        Standard deviation of the sensors' noise in m3 m-3, independent in time.

    Returns
    -------
    pandas.DataFrame
        One row per station and time: station, network, longitude, latitude, elevation,
        land_cover, depth_m, time, soil_moisture and truth (both in m3 m-3).
    """
    x, y = (np.array([getattr(station, axis) for station in stations]) for axis in "xy")
    places = ground.at(x, y)
    truth = np.array([ground.soil_moisture(places, time) for time in times]).T
    random = random_stream(ground.seed, "station noise")
    recorded = np.maximum(truth + noise * random.standard_normal(truth.shape), 0)
    frames = [
        pd.DataFrame(
            {
                "station": station.name,
                "network": NETWORK,
                "longitude": station.longitude,
                "latitude": station.latitude,
                "elevation": station.elevation,
                "land_cover": station.land_cover,
                "depth_m": _DEPTH,
                "time": [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times],
                "soil_moisture": recorded[i].round(4),
                "truth": truth[i].round(5),
            }
        )
        for i, station in enumerate(stations)
    ]
    return pd.concat(frames, ignore_index=True)
