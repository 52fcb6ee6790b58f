"""Station Datasets as NetCDF: written whole, read back with their units checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from local_core.atomic_write import replacing
from local_core.stations.sensor_record import SensorRecord, StationDataError, in_time_order

#: Factor to m3 m-3, by the units a file may state.
_MOISTURE_UNITS = {
    "m3 m-3": 1.0,
    "m3/m3": 1.0,
    "m**3 m**-3": 1.0,
    "m^3/m^3": 1.0,
    "m^3 m^-3": 1.0,
    "1": 1.0,
    "": 1.0,
    "%": 0.01,
    "percent": 0.01,
    "vol%": 0.01,
}


def write_station_file(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a station Dataset as compressed NetCDF-4; values are stored as float32.

    Parameters
    ----------
    dataset : Dataset
        From :func:`~local_core.stations.station_dataset.station_dataset` or
        :func:`~local_core.stations.layered_stations.layered_stations`.
    path : path
        File to make or replace.
    """
    encoding: dict[str, dict[str, object]] = {}
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "f" and variable.ndim == 3:
            encoding[str(name)] = {"zlib": True, "complevel": 4, "dtype": "float32"}
        elif variable.dtype.kind in "iu" and variable.ndim == 3:
            encoding[str(name)] = {"zlib": True, "complevel": 4}
    encoding["time"] = {"units": "days since 1970-01-01", "dtype": "int32"}
    with replacing(path) as temporary:
        dataset.to_netcdf(temporary, encoding=encoding)


def read_station_file(path: str | Path) -> xr.Dataset:
    """Read a station Dataset into memory, with soil moisture in m3 m-3.

    Parameters
    ----------
    path : path
        NetCDF with ``soil_moisture`` over ``time`` and any of ``station`` and ``layer`` or
        ``depth`` [m].

    Returns
    -------
    Dataset
        With a ``station`` dimension, values as float64.

    Raises
    ------
    StationDataError
        If the file cannot be read or lacks the variable, its time, or known units.
    """
    path = Path(path)
    try:
        with xr.open_dataset(path, decode_timedelta=False) as opened:
            dataset = opened.load()
    except (OSError, ValueError) as error:
        raise StationDataError(f"{path}: cannot be read as NetCDF-4 ({error})") from error
    if "soil_moisture" not in dataset or "time" not in dataset["soil_moisture"].dims:
        raise StationDataError(
            f"{path}: holds {', '.join(map(str, dataset.data_vars)) or 'nothing'}; expected a "
            "variable 'soil_moisture' over time (and station, layer or depth)"
        )
    units = str(dataset["soil_moisture"].attrs.get("units", ""))
    if units not in _MOISTURE_UNITS:
        raise StationDataError(
            f"{path}: soil_moisture is in {units!r}; expected one of "
            f"{', '.join(repr(unit) for unit in _MOISTURE_UNITS if unit)}"
        )
    moisture = dataset["soil_moisture"].astype(float) * _MOISTURE_UNITS[units]
    dataset["soil_moisture"] = moisture.assign_attrs(
        {**dataset["soil_moisture"].attrs, "units": "m3 m-3"}
    )
    if "station" not in dataset.dims:
        dataset = dataset.expand_dims(station=[path.stem])
    return dataset


def read_netcdf_records(path: str | Path) -> list[SensorRecord]:
    """Read the sensors of a station file that has not been screened yet.

    Parameters
    ----------
    path : path
        NetCDF with ``soil_moisture`` and perhaps ``soil_temperature`` (degC or K) over station,
        depth [m] and time (UTC, any step), and the coordinates ``latitude``, ``longitude``,
        ``elevation`` and ``network`` by station.

    Returns
    -------
    list of SensorRecord

    Raises
    ------
    StationDataError
        If the file is not of that form.
    """
    dataset = read_station_file(path)
    if "depth" not in dataset["soil_moisture"].dims:
        if "depth" not in dataset.coords:
            raise StationDataError(
                f"{path}: soil_moisture has the dimensions "
                f"{', '.join(map(str, dataset['soil_moisture'].dims))}; expected a sensor depth "
                "'depth' in metres"
            )
        dataset = dataset.expand_dims("depth")
    records = []
    for station in dataset["station"].values:
        site = dataset.sel(station=station)
        about = {
            key: float(site[name]) if name in site.coords else float("nan")
            for key, name in (
                ("latitude", "latitude"),
                ("longitude", "longitude"),
                ("elevation_m", "elevation"),
            )
        }
        network = str(site["network"].item()) if "network" in site.coords else ""
        for variable in ("soil_moisture", "soil_temperature"):
            if variable not in site:
                continue
            for depth in np.atleast_1d(dataset["depth"].values):
                value = site[variable].sel(depth=depth).to_numpy().astype(float)
                if variable == "soil_temperature" and site[variable].attrs.get("units") == "K":
                    value = value - 273.15
                if not np.isfinite(value).any():
                    continue
                time, (value,), _ = in_time_order(site["time"].values, value)
                records.append(
                    SensorRecord(
                        network=network,
                        station=str(station).removeprefix(f"{network}/"),
                        variable=variable,
                        depth_from_m=float(depth),
                        depth_to_m=float(depth),
                        time=time,
                        value=value,
                        source=str(path),
                        **about,
                    )
                )
    return records
