"""Stations of the wide region: soil moisture and temperature at five depths, hourly, with faults.

What the loggers deliver has gaps, frozen winters and some bad sensors. Each sensor measures the
truth at its point, not the mean of a kilometre, with an offset of its own and noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rasterio.warp import transform

from gee_sm.sample.random_field import random_stream
from gee_sm.sample.region import CRS
from gee_sm.sample.wide_ground import VEGETATION_TYPES, WideGround
from gee_sm.sample.wide_region import TRUTH_GRID, WIDE_BOUNDS
from gee_sm.sample.wide_truth import WideTruth
from local_core.atomic_write import replacing

__all__ = [
    "DEPTHS_CM",
    "FAULTS_FILE",
    "NETWORK",
    "RECORDS_FILE",
    "STATION_PARAMETERS",
    "TABLE_ID",
    "TRUTH_FILE",
    "ProfileStation",
    "place_profile_stations",
    "station_features",
    "write_station_records",
]

NETWORK = "PLATEAU"
"""Name of the network."""

TABLE_ID = "projects/gee-sm/assets/sample_profile_stations"
"""Table of the stations."""

RECORDS_FILE = "stations/plateau.nc"
"""What the loggers recorded, inside the sample's folder; ``gee-sm stations`` reads it."""

TRUTH_FILE = "stations_truth.nc"
FAULTS_FILE = "stations_faults.csv"

DEPTHS_CM = (5, 10, 20, 40, 80)

_PER_TYPE = 6
_SPACING_KM = 12.0
_EDGE_DEGREES = 0.15
_OFFSET_STD, _NOISE_STD, _TEMPERATURE_NOISE_STD = 0.012, 0.002, 0.1
_RESOLUTION, _TEMPERATURE_RESOLUTION = 0.001, 0.1
_GAP_SHARE, _GAP_DAYS = 0.06, 12.0
_DAILY_AMPLITUDE_K, _DAILY_DAMPING_M = 6.0, 0.1
_DRIFT_PER_YEAR = 0.04
_HOURS = 24

STATION_PARAMETERS = {
    "depths_cm": list(DEPTHS_CM),
    "stations_per_vegetation_type": _PER_TYPE,
    "sensor_offset_std": _OFFSET_STD,
    "sensor_noise_std": _NOISE_STD,
    "temperature_noise_std_k": _TEMPERATURE_NOISE_STD,
    "gap_share": _GAP_SHARE,
    "mean_gap_days": _GAP_DAYS,
    "daily_amplitude_k": _DAILY_AMPLITUDE_K,
    "daily_damping_depth_m": _DAILY_DAMPING_M,
}
"""What the truth folder says of the stations."""


@dataclass(frozen=True)
class ProfileStation:
    """One station.

    Parameters
    ----------
    name : str
        Such as ``AM01``: initials of the vegetation type and a number.
    longitude, latitude : float
        Degrees.
    elevation : float
        Metres.
    vegetation_type : str
        One of :data:`~gee_sm.sample.wide_ground.VEGETATION_TYPES`.
    """

    name: str
    longitude: float
    latitude: float
    elevation: float
    vegetation_type: str


def place_profile_stations(truth: WideTruth, seed: int) -> list[ProfileStation]:
    """Choose six stations in each vegetation type, well apart and inside the region.

    Parameters
    ----------
    truth : WideTruth
        The truth.
    seed : int
        The sample's seed.

    Returns
    -------
    list of ProfileStation
        By type and number.
    """
    random = random_stream(seed, "profile stations")
    x, y = np.broadcast_arrays(TRUTH_GRID.x, TRUTH_GRID.y)
    longitude, latitude = map(np.array, transform(CRS, "EPSG:4326", x.ravel(), y.ravel()))
    west, south, east, north = WIDE_BOUNDS
    inside = (longitude > west + _EDGE_DEGREES) & (longitude < east - _EDGE_DEGREES)
    inside &= (latitude > south + _EDGE_DEGREES) & (latitude < north - _EDGE_DEGREES)
    types = truth.vegetation.ravel()
    chosen: list[int] = []
    stations = []
    for number, name in enumerate(VEGETATION_TYPES, start=1):
        found = 0
        for pixel in random.permutation(np.flatnonzero(inside & (types == number))).tolist():
            apart = np.hypot(x.flat[chosen] - x.flat[pixel], y.flat[chosen] - y.flat[pixel])
            if (apart < _SPACING_KM * 1000).any():
                continue
            chosen.append(pixel)
            found += 1
            initials = "".join(word[0] for word in name.split()).upper()
            stations.append(
                ProfileStation(
                    name=f"{initials}{found:02d}",
                    longitude=round(float(longitude[pixel]), 6),
                    latitude=round(float(latitude[pixel]), 6),
                    elevation=round(float(truth.ground.elevation.flat[pixel]), 1),
                    vegetation_type=name,
                )
            )
            if found == _PER_TYPE:
                break
        else:
            raise ValueError(f"only {found} of {_PER_TYPE} stations fit in {name}")
    return stations


def station_features(stations: Sequence[ProfileStation]) -> list[dict[str, Any]]:
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
                "vegetation_type": station.vegetation_type,
                "depths_cm": list(DEPTHS_CM),
            },
        }
        for station in stations
    ]


def station_truth(
    truth: WideTruth, seed: int, stations: Sequence[ProfileStation], days: np.ndarray
) -> xr.Dataset:
    """Return daily truth at the stations' points.

    Parameters
    ----------
    truth : WideTruth
        The truth; its maps are replaced by the ground at the points.
    seed : int
        The sample's seed.
    stations : sequence of ProfileStation
        Where.
    days : ndarray of datetime64[D], shape (n,)
        UTC midnights.

    Returns
    -------
    xarray.Dataset
        ``soil_moisture`` (liquid), ``total_water`` [m3 m-3] and ``soil_temperature`` [degC] over
        station, depth [m] and time.
    """
    x, y = map(
        np.array,
        transform(
            "EPSG:4326", CRS, [s.longitude for s in stations], [s.latitude for s in stations]
        ),
    )
    at_points = truth.at_points(x, y, WideGround(seed).moisture(x, y))
    times = days.astype("datetime64[ns]")
    dims = ("station", "depth", "time")
    series = {
        name: np.stack([getattr(at_points, name)(times, float(d)) for d in DEPTHS_CM], axis=1)
        for name in ("soil_moisture", "total_water", "soil_temperature")
    }
    units = {"soil_moisture": "m3 m-3", "total_water": "m3 m-3", "soil_temperature": "degC"}
    return xr.Dataset(
        {name: (dims, values, {"units": units[name]}) for name, values in series.items()},
        coords={**_about(stations), "time": times},
    )


def write_station_records(
    folder: Path, truth: WideTruth, seed: int, days: np.ndarray
) -> list[ProfileStation]:
    """Write what the loggers recorded, the truth at their points, and their faults.

    Parameters
    ----------
    folder : Path
        Folder of the sample.
    truth : WideTruth
        The truth.
    seed : int
        The sample's seed.
    days : ndarray of datetime64[D]
        Successive UTC days.

    Returns
    -------
    list of ProfileStation
        The stations.
    """
    stations = place_profile_stations(truth, seed)
    daily = station_truth(truth, seed, stations, np.append(days, days[-1] + 1))
    hours = np.arange(days[0], days[-1] + 1, dtype="datetime64[h]")
    random = random_stream(seed, "profile station records")
    moisture = _hourly(daily["soil_moisture"].to_numpy())
    warmth = _hourly(daily["soil_temperature"].to_numpy())
    warmth += _daily_course(hours)
    offsets = _OFFSET_STD * random.standard_normal(moisture.shape[:2])
    noise = random.standard_normal(moisture.shape, dtype=np.float32)
    moisture += offsets[:, :, None] + _NOISE_STD * noise
    # A sensor that reads nothing is not what a dry winter looks like.
    np.maximum(moisture, 0.005, out=moisture)
    noise = random.standard_normal(moisture.shape, dtype=np.float32)
    warmth += _TEMPERATURE_NOISE_STD * noise
    faults = _plant_faults(moisture, stations, hours, random)
    lost = _gaps(random, len(stations), hours.size)
    moisture = np.rint(moisture / _RESOLUTION) * _RESOLUTION
    moisture[np.broadcast_to(lost[:, None], moisture.shape)] = np.nan
    warmth[np.broadcast_to(lost[:, None], warmth.shape)] = np.nan
    _write_netcdf(folder / RECORDS_FILE, _records(stations, hours, moisture, warmth))
    daily["sensor_offset"] = (("station", "depth"), offsets, {"units": "m3 m-3"})
    _write_netcdf(folder / "truth" / TRUTH_FILE, daily)
    lines = ["station,depth_cm,reason,start,end,found_by_screening"]
    lines += [",".join(map(str, fault)) for fault in faults]
    (folder / "truth" / FAULTS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return stations


def _plant_faults(
    moisture: np.ndarray,
    stations: Sequence[ProfileStation],
    hours: np.ndarray,
    random: np.random.Generator,
) -> list[tuple]:
    """Make some sensors bad, in summers when nothing else hides it; return where and how."""
    number = {station.name: k for k, station in enumerate(stations)}
    year = str(hours[len(hours) // 2])[:4]

    def hour(text: str) -> int:
        return int((np.datetime64(f"{year}-{text}", "h") - hours[0]).astype(int))

    faults: list[tuple] = []

    def note(name: str, depth: int, reason: str, start: int, end: int, found: bool) -> None:
        faults.append((name, DEPTHS_CM[depth], reason, hours[start], hours[end], found))

    start, end = hour("07-05"), hour("09-10")
    for name, depth in (("AS02", 1), ("ASM03", 0)):
        moisture[number[name], depth, start : end + 1] = moisture[number[name], depth, start]
        note(name, depth, "flat_line", start, end, True)
    for name, depth in (("AM01", 0), ("AS05", 2)):
        at = random.choice(np.arange(hour("06-10"), hour("09-20"), 9), size=25, replace=False)
        for k in np.sort(at).tolist():
            moisture[number[name], depth, k] += 0.16
            note(name, depth, "spike", k, k, True)
    for name, depth, value in (("AM04", 3, 0.0), ("ASM01", 2, 0.72)):
        start = hour("08-01")
        moisture[number[name], depth, start : start + 10 * _HOURS + 1] = value
        note(name, depth, "out_of_range", start, start + 10 * _HOURS, True)
    start, end = hour("07-01"), hour("09-01")
    k = number["AM06"]
    moisture[k, 2, start : end + 1] = moisture[k, 1, start : end + 1]
    for depth in (1, 2):
        note("AM06", depth, "near_identical_depths", start, end, True)
    k = number["AS04"]
    drift = _DRIFT_PER_YEAR * np.arange(hours.size) / (365.25 * _HOURS)
    moisture[k, 0] += drift.astype(moisture.dtype)
    note("AS04", 0, "drift", 0, hours.size - 1, False)
    return faults


def _hourly(daily: np.ndarray) -> np.ndarray:
    """Interpolate midnights to hours, the last midnight left out."""
    part = (np.arange(_HOURS) / _HOURS).astype(np.float32)
    low, high = (daily[..., s, None].astype(np.float32) for s in (slice(None, -1), slice(1, None)))
    return (low * (1 - part) + high * part).reshape(*daily.shape[:-1], -1)


def _daily_course(hours: np.ndarray) -> np.ndarray:
    """Return the course of the day in K by depth, warmest at 08:00 UTC at the surface."""
    of_day = (hours - hours.astype("datetime64[D]")).astype(float)
    damping = np.array(DEPTHS_CM)[:, None] / 100 / _DAILY_DAMPING_M
    course = np.exp(-damping) * np.cos(2 * np.pi * (of_day - 8) / _HOURS - damping)
    return (_DAILY_AMPLITUDE_K * course).astype(np.float32)


def _gaps(random: np.random.Generator, stations: int, hours: int) -> np.ndarray:
    """Return when a logger delivers nothing, shape (stations, hours)."""
    lost = np.zeros((stations, hours), bool)
    for row in lost:
        while row.mean() < _GAP_SHARE:
            start = random.integers(0, hours)
            row[start : start + 1 + round(random.exponential(_GAP_DAYS) * _HOURS)] = True
    return lost


def _about(stations: Sequence[ProfileStation]) -> dict[str, Any]:
    return {
        "station": [station.name for station in stations],
        "depth": ("depth", np.array(DEPTHS_CM) / 100, {"units": "m"}),
        "network": ("station", [NETWORK] * len(stations)),
        "latitude": ("station", [station.latitude for station in stations]),
        "longitude": ("station", [station.longitude for station in stations]),
        "elevation": ("station", [station.elevation for station in stations]),
        "vegetation_type": ("station", [station.vegetation_type for station in stations]),
    }


def _records(
    stations: Sequence[ProfileStation],
    hours: np.ndarray,
    moisture: np.ndarray,
    warmth: np.ndarray,
) -> xr.Dataset:
    dims = ("station", "depth", "time")
    return xr.Dataset(
        {
            "soil_moisture": (dims, moisture, {"units": "m3 m-3"}),
            "soil_temperature": (dims, warmth, {"units": "degC"}),
        },
        coords={**_about(stations), "time": hours.astype("datetime64[ns]")},
        attrs={"title": "Synthetic stations, hourly, as the loggers deliver them"},
    )


def _write_netcdf(path: Path, dataset: xr.Dataset) -> None:
    packing = {
        "soil_moisture": {"scale_factor": _RESOLUTION, "dtype": "int16", "_FillValue": -32768},
        "soil_temperature": {
            "scale_factor": _TEMPERATURE_RESOLUTION,
            "dtype": "int16",
            "_FillValue": -32768,
        },
    }
    recorded = "total_water" not in dataset
    encoding: dict[str, dict[str, Any]] = {
        str(name): {"zlib": True, "complevel": 4, "shuffle": True, **packing.get(str(name), {})}
        if recorded
        else {"zlib": True, "complevel": 4, "dtype": "float32"}
        for name in dataset.data_vars
    }
    with replacing(path) as partial:
        dataset.to_netcdf(partial, encoding=encoding)
