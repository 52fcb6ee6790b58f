"""Series at stations, whatever they were read from, and what is known about the stations."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from local_core.gridded.nearest_pixel import nearest_pixels

#: What is known about a station, if it is known.
SITE_COLUMNS = ("network", "land_cover", "vegetation_type", "climate", "latitude", "longitude")

_LATITUDES, _LONGITUDES = ("latitude", "lat"), ("longitude", "lon")
_TIME_NAMES = ("time", "date", "datetime", "date_time", "timestamp")
_UNNAMED = "series"
_PERCENT = ("%", "percent", "vol%")


class SeriesFileError(ValueError):
    """A file that holds no usable series; the message names it and what to do."""


@dataclass(frozen=True)
class StationSeries:
    """Series by station.

    Attributes
    ----------
    series : dict of str to pandas.Series
        Values on a DatetimeIndex, by station.
    sites : pandas.DataFrame
        Index station; columns among ``SITE_COLUMNS``, and ``distance_km`` for series taken from a
        grid.
    frozen : dict of str to pandas.Series
        Whether the soil is frozen (1 frozen, 0 thawed), where it is known.
    """

    series: dict[str, pd.Series]
    sites: pd.DataFrame
    frozen: dict[str, pd.Series] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SeriesOptions:
    """How series are found in a file.

    Parameters
    ----------
    variable : str, optional
        Variable of a NetCDF, column of a table; default ``soil_moisture`` or the only one.
    time, station : str, optional
        Columns of a table; default ``time`` or ``date`` (else the first column), and ``station``
        if there is one.
    depth_m : float, optional
        Depth of a station file; default the shallowest.
    layer : str, optional
        Layer of a station file, such as ``"0-7"``; default the first.
    factor : float
        Multiplies the values, for example 0.01 for percent.
    where : str, optional
        Keeps the rows of a table that fulfil this expression.
    """

    variable: str | None = None
    time: str | None = None
    station: str | None = None
    depth_m: float | None = None
    layer: str | None = None
    factor: float = 1.0
    where: str | None = None


def read_series(
    path: str | os.PathLike[str], options: SeriesOptions | None = None
) -> StationSeries | xr.DataArray:
    """Read series from a table or a NetCDF file.

    Parameters
    ----------
    path : path
        ``.csv`` (one series, or many with a station column) or ``.nc`` (stations over time, or a
        grid over time).
    options : SeriesOptions, optional
        Names of variables and columns.

    Returns
    -------
    StationSeries or xarray.DataArray
        A lazily read DataArray if the file holds a grid: take its series with :func:`at_stations`.

    Raises
    ------
    SeriesFileError
        If the file cannot be read or does not hold what was asked for.
    """
    path, options = Path(path), options or SeriesOptions()
    try:
        if path.suffix.lower() in (".nc", ".nc4", ".h5"):
            found = _read_netcdf(path, options)
        else:
            found = _read_table(path, options)
    except SeriesFileError as error:
        raise SeriesFileError(f"{path}: {error}") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SeriesFileError(f"{path}: cannot be read ({error})") from None
    if isinstance(found, StationSeries) and list(found.series) == [_UNNAMED]:
        # A single series without a name is called as its file.
        sites = found.sites.rename(index={_UNNAMED: path.stem})
        return StationSeries({path.stem: found.series[_UNNAMED]}, sites)
    return found


def at_stations(
    grid: xr.DataArray, sites: pd.DataFrame, *, max_distance_km: float = np.inf
) -> StationSeries:
    """Take the series of the pixel nearest to each station.

    Parameters
    ----------
    grid : xarray.DataArray
        Dimensions time and two of space, with latitude and longitude as coordinates of one or two
        dimensions.
    sites : pandas.DataFrame
        Index station, columns ``latitude`` and ``longitude``.
    max_distance_km : float
        Stations farther from every pixel centre are left out.

    Returns
    -------
    StationSeries
        Its ``sites`` gain ``distance_km``.

    Raises
    ------
    SeriesFileError
        If coordinates are missing on either side.
    """
    missing = [name for name in ("latitude", "longitude") if name not in sites]
    if missing or not len(sites) or sites[["latitude", "longitude"]].isna().to_numpy().all():
        raise SeriesFileError(
            "the stations have no latitude and longitude, so no pixel can be found for them"
        )
    latitude, longitude = _coordinate(grid, _LATITUDES), _coordinate(grid, _LONGITUDES)
    space = [str(d) for d in grid.dims if d != "time"]
    latitude, longitude = xr.broadcast(latitude, longitude)
    latitude, longitude = latitude.transpose(*space), longitude.transpose(*space)
    index, distance = nearest_pixels(
        latitude.values, longitude.values, sites["latitude"], sites["longitude"]
    )
    with np.errstate(invalid="ignore"):
        inside = (index >= 0) & (distance <= max_distance_km)
    near = sites[inside].assign(distance_km=distance[inside])
    places = np.unravel_index(index[inside], latitude.shape)
    pixels = grid.isel({d: xr.DataArray(p, dims="station") for d, p in zip(space, places)})
    values = pixels.transpose("station", "time").to_numpy()
    time = pd.DatetimeIndex(grid["time"].values)
    return StationSeries(
        {str(name): pd.Series(row, time) for name, row in zip(near.index, values)}, near
    )


def from_dataset(dataset: xr.Dataset, options: SeriesOptions | None = None) -> StationSeries:
    """Take series from a Dataset of stations, as ``gee-sm stations`` writes it.

    Parameters
    ----------
    dataset : xarray.Dataset
        A variable over ``station`` and ``time``, and possibly ``depth`` or ``layer``.
    options : SeriesOptions, optional
        Which variable, depth or layer.

    Returns
    -------
    StationSeries
        Series, sites and, if the Dataset has it, the frozen state.

    Raises
    ------
    SeriesFileError
        If there is no such variable, depth or layer.
    """
    options = options or SeriesOptions()
    variable = dataset[_variable_name(dataset, options.variable)]
    variable = _one_level(variable, options)
    if "station" not in variable.dims:
        variable = variable.expand_dims(station=[_UNNAMED])
    names = [str(name) for name in variable["station"].values]
    time = pd.DatetimeIndex(variable["time"].values)
    values = variable.transpose("station", "time").to_numpy().astype(np.float64)
    values = values * options.factor * _unit_factor(variable)
    sites = pd.DataFrame(index=pd.Index(names, name="station"))
    for name in SITE_COLUMNS:
        if name in dataset and dataset[name].dims == ("station",):
            column = dataset[name].to_series().to_numpy()
            if column.dtype.kind in "fi" or any(str(v).strip() for v in column):
                sites[name] = column
    frozen: dict[str, pd.Series] = {}
    if "frozen" in dataset and "station" in dataset["frozen"].dims:
        state = _one_level(dataset["frozen"], options).transpose("station", "time").to_numpy()
        meanings = str(dataset["frozen"].attrs.get("flag_meanings", "")).split()
        codes = list(np.atleast_1d(dataset["frozen"].attrs.get("flag_values", [])))
        named = dict(zip(meanings, codes))
        if {"thawed", "frozen"} <= set(named):
            known = np.isin(state, [named["thawed"], named["frozen"]])
            state = np.where(known, state == named["frozen"], np.nan)
            frozen = {n: pd.Series(row, time) for n, row in zip(names, state) if known.any()}
    return StationSeries({n: pd.Series(row, time) for n, row in zip(names, values)}, sites, frozen)


def _read_netcdf(path: Path, options: SeriesOptions) -> StationSeries | xr.DataArray:
    if options.where is not None:
        raise SeriesFileError(f"where={options.where!r} keeps rows of a table; this is NetCDF")
    try:
        dataset = xr.open_dataset(path)
    except (ValueError, OSError) as error:
        raise SeriesFileError(f"cannot be read as NetCDF ({error})") from None
    variable = dataset[_variable_name(dataset, options.variable)]
    if "station" in variable.dims or variable.dims == ("time",):
        with dataset:
            return from_dataset(dataset.load(), options)
    if "time" not in variable.dims:
        raise SeriesFileError(
            f"variable {variable.name!r} has the dimensions {variable.dims}: time is needed"
        )
    return _one_level(variable, options) * (options.factor * _unit_factor(variable))


def _variable_name(dataset: xr.Dataset, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in dataset:
            raise SeriesFileError(
                f"no variable {wanted!r}; there are {', '.join(dataset.data_vars)}"
            )
        return wanted
    timed = [str(n) for n, v in dataset.data_vars.items() if "time" in v.dims]
    if "soil_moisture" in timed:
        return "soil_moisture"
    if len(timed) == 1:
        return timed[0]
    raise SeriesFileError(
        f"which variable to take is not clear, name one of {', '.join(timed) or '(none over time)'}"
    )


def _one_level(variable: xr.DataArray, options: SeriesOptions) -> xr.DataArray:
    if "depth" in variable.dims:
        depth = options.depth_m
        if depth is None:
            return variable.isel(depth=int(np.argmin(variable["depth"].values)))
        distance = np.abs(variable["depth"].values - depth)
        if distance.min() > 1e-6:
            known = ", ".join(f"{d:g}" for d in variable["depth"].values)
            raise SeriesFileError(f"no depth {depth:g} m; there are {known}")
        return variable.isel(depth=int(distance.argmin()))
    if "layer" in variable.dims:
        if options.layer is None:
            return variable.isel(layer=0)
        known = [str(name) for name in variable["layer"].values]
        if options.layer not in known:
            raise SeriesFileError(f"no layer {options.layer!r}; there are {', '.join(known)}")
        return variable.isel(layer=known.index(options.layer))
    return variable


def _unit_factor(variable: xr.DataArray) -> float:
    return 0.01 if str(variable.attrs.get("units", "")).strip() in _PERCENT else 1.0


def _coordinate(grid: xr.DataArray, names: tuple[str, ...]) -> xr.DataArray:
    for name in names:
        if name in grid.coords:
            return grid[name]
    raise SeriesFileError(
        f"the grid has no coordinate {' or '.join(names)}, only {', '.join(map(str, grid.coords))}"
    )


def _read_table(path: Path, options: SeriesOptions) -> StationSeries:
    frame = pd.read_csv(path, encoding="utf-8-sig", low_memory=False)
    if options.where:
        try:
            frame = frame.query(options.where, engine="python")
        except Exception as error:  # pandas raises whatever the evaluation raises
            raise SeriesFileError(
                f"where={options.where!r} cannot be evaluated ({error})"
            ) from None
    time_name = _table_column(frame, options.time, _TIME_NAMES) or str(frame.columns[0])
    try:
        time = pd.to_datetime(frame[time_name], utc=True, format="ISO8601").dt.tz_localize(None)
    except (ValueError, TypeError) as error:
        raise SeriesFileError(
            f"column {time_name!r} does not hold dates such as 2020-07-31 "
            f"({str(error).split(' You might')[0]})"
        ) from None
    station = _table_column(frame, options.station, ("station",))
    taken = {time_name, station, *SITE_COLUMNS}
    numeric = [
        c for c in frame.select_dtypes("number") if c not in taken and frame[c].notna().any()
    ]
    value = _table_column(frame, options.variable, ("soil_moisture",))
    if value is None:
        if len(numeric) != 1:
            raise SeriesFileError(
                "which column to take is not clear, name one of "
                f"{', '.join(map(str, numeric)) or '(no column holds numbers)'}"
            )
        value = numeric[0]
    numbers = pd.to_numeric(frame[value], errors="coerce") * options.factor
    labels = frame[station].astype(str) if station else pd.Series(_UNNAMED, index=frame.index)
    rows = pd.DataFrame({"station": labels, "time": time, "value": numbers}).drop_duplicates()
    # An empty cell beside a value of the same time says nothing.
    rows = rows[rows["value"].notna() | ~rows.duplicated(["station", "time"], keep=False)]
    repeated = rows[rows.duplicated(["station", "time"]) & rows["time"].notna()]
    if not repeated.empty:
        raise SeriesFileError(
            f"several values of {value!r} at {repeated['time'].iloc[0]}"
            + (f" of station {repeated['station'].iloc[0]!r}" if station else "")
            + ": keep one of them (such as one depth), or average them"
        )
    series = {
        str(name): pd.Series(part["value"].to_numpy(), pd.DatetimeIndex(part["time"])).sort_index()
        for name, part in rows.groupby("station")
    }
    known = [c for c in SITE_COLUMNS if c in frame]
    sites = frame[known].groupby(labels).first() if known else pd.DataFrame(index=list(series))
    return StationSeries(series, sites.rename_axis("station"))


def _table_column(frame: pd.DataFrame, wanted: str | None, usual: tuple[str, ...]) -> str | None:
    if wanted is not None:
        if wanted not in frame:
            raise SeriesFileError(
                f"no column {wanted!r}; there are {', '.join(map(str, frame.columns))}"
            )
        return wanted
    lowered = {str(c).lower(): str(c) for c in frame.columns}
    return next((lowered[name] for name in usual if name in lowered), None)
