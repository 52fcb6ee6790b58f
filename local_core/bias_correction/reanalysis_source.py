"""Read a reanalysis into one form, whatever its variables and units are called."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from local_core.gridded.nearest_pixel import nearest_pixels
from local_core.gridded.units import UnitError, conversion
from local_core.stations.csv_table import ColumnMapping, read_csv_table
from local_core.stations.freeze_thaw import freeze_thaw
from local_core.stations.layers import Layer, parse_layers
from local_core.stations.sensor_record import SensorRecord
from local_core.stations.status import SoilState

_log = logging.getLogger(__name__)

#: Variables that hold one layer each: pattern of the name, and the layers its number stands for.
_ERA5_LAND = {1: "0-7", 2: "7-28", 3: "28-100", 4: "100-289"}
_NUMBERED = (
    (re.compile(r"(?:swvl|volumetric_soil_water_layer_)(\d)$"), "soil_moisture"),
    (re.compile(r"(?:stl|soil_temperature_level_)(\d)$"), "soil_temperature"),
)
_LAYERED = (
    (re.compile(r"SoilMoi(\d+)_(\d+)cm_inst$"), "soil_moisture"),
    (re.compile(r"SoilTMP(\d+)_(\d+)cm_inst$"), "soil_temperature"),
    # As `gee-sm pull` names the layers of both.
    (re.compile(r"soil_moisture_(\d+)_(\d+)cm$"), "soil_moisture"),
    (re.compile(r"soil_temperature_(\d+)_(\d+)cm$"), "soil_temperature"),
)
_MERRA2 = {"SFMC": "0-5", "RZMC": "0-100"}
_COORDINATES = {
    "valid_time": "time",
    "lat": "latitude",
    "lon": "longitude",
    "y": "latitude",
    "x": "longitude",
}


class ReanalysisDataError(ValueError):
    """Reanalysis input that cannot be read or does not fit."""


def read_reanalysis(
    path: str | Path, *, mapping: ColumnMapping | None = None, chunks: dict[str, int] | None = None
) -> xr.Dataset:
    """Read soil moisture (and soil temperature) of a reanalysis, by layer, as daily means.

    Parameters
    ----------
    path : path
        NetCDF with the variables of ERA5-Land (``swvl1`` or ``volumetric_soil_water_layer_1``,
        ``stl1`` ...), GLDAS Noah (``SoilMoi0_10cm_inst`` ...) or MERRA-2 (``SFMC``, ``RZMC``), or
        with ``soil_moisture`` over a dimension ``layer``; a folder of such files, of one period
        each; or a CSV table, or a folder of tables.
    mapping : ColumnMapping, optional
        What the columns of a table are. Depths are given as layers, ``[0, 7]``. Without it a table
        has the columns time, layer ("0-7"), soil_moisture, and may have station and
        soil_temperature (degC).
    chunks : dict, optional
        Chunks of a grid by time, latitude and longitude; by default the file's own.

    Returns
    -------
    Dataset
        ``soil_moisture`` [m3 m-3] and perhaps ``soil_temperature`` [degC] over layer, time and
        either station or latitude and longitude.

    Raises
    ------
    ReanalysisDataError
        If the file cannot be read, has no known variable, or unknown units.
    """
    path = Path(path)
    if not path.exists():
        raise ReanalysisDataError(f"{path}: no such file or folder")
    grids = sorted(path.glob("*.nc")) if path.is_dir() else [path]
    if not grids or path.suffix.lower() in (".csv", ".txt"):
        return _read_tables(path, mapping)
    try:
        # Chunks are asked for by standard names, before the file's own are known.
        asked = dict(chunks or {})
        asked |= {old: asked[new] for old, new in _COORDINATES.items() if new in asked}
        if len(grids) > 1:
            opened = xr.open_mfdataset(grids, combine="by_coords", chunks=asked)
        else:
            opened = xr.open_dataset(grids[0], chunks=asked)
    except (OSError, ValueError) as error:
        raise ReanalysisDataError(f"{path}: cannot be read as NetCDF ({error})") from error
    return daily(standard_form(opened, str(path)))


def standard_form(dataset: xr.Dataset, source: str = "dataset") -> xr.Dataset:
    """Rename and convert the variables of a known reanalysis.

    Parameters
    ----------
    dataset : Dataset
        As opened from a file.
    source : str, optional
        Name for messages.

    Returns
    -------
    Dataset
        As :func:`read_reanalysis`, at the time step of the input.

    Raises
    ------
    ReanalysisDataError
        If there is no known variable or unit.

    Examples
    --------
    >>> time = np.datetime64("2010-01-01", "ns") + np.arange(2) * np.timedelta64(1, "D")
    >>> era = xr.Dataset({"swvl1": ("valid_time", [0.2, 0.3])}, {"valid_time": time})
    >>> standard_form(era).soil_moisture.sel(layer="0-7").values.tolist()
    [0.2, 0.3]
    """
    dataset = _on_degrees(dataset, source)
    renamed = {
        old: new
        for old, new in _COORDINATES.items()
        if (old in dataset.dims or old in dataset.coords) and new not in dataset.dims
    }
    dataset = dataset.rename(renamed)
    dataset = dataset.squeeze(
        [dim for dim in ("number", "expver") if dataset.sizes.get(dim) == 1], drop=True
    )
    by_layer: dict[str, dict[str, xr.DataArray]] = defaultdict(dict)
    for name, variable in dataset.data_vars.items():
        kind, layer = _meaning(str(name))
        if kind:
            by_layer[kind][layer] = _converted(variable, kind, layer, f"{source}: {name}")
    if by_layer["soil_moisture"]:
        result = xr.Dataset()
        for kind, variables in by_layer.items():
            layers = sorted(variables, key=lambda label: parse_layers(label)[0].bottom_cm)
            index = pd.Index(layers, name="layer")
            result[kind] = xr.concat([variables[layer] for layer in layers], index)
    elif "soil_moisture" in dataset and "layer" in dataset["soil_moisture"].dims:
        keep = [name for name in ("soil_moisture", "soil_temperature") if name in dataset]
        result = dataset[keep]
        for name in keep:
            result[name] = _converted(dataset[name], name, "0-1", f"{source}: {name}")
    else:
        raise ReanalysisDataError(
            f"{source}: variables {', '.join(map(str, dataset.data_vars)) or 'none'}; expected "
            "swvl1..4 or volumetric_soil_water_layer_1..4 (ERA5-Land), SoilMoi0_10cm_inst ... "
            "(GLDAS), soil_moisture_0_7cm ... (gee-sm pull), SFMC (MERRA-2), or soil_moisture over "
            "a dimension 'layer'"
        )
    if "time" not in result.dims:
        raise ReanalysisDataError(
            f"{source}: dimensions {', '.join(map(str, result.dims))}; expected 'time'"
        )
    result["soil_moisture"].attrs.update(units="m3 m-3")
    # What a file says of single values (a status, bounds of time) does not hold for corrected ones.
    of_values = [c for c in result.coords if c != "time" and "time" in result[c].dims]
    return result.drop_vars(of_values)


def _on_degrees(dataset: xr.Dataset, source: str) -> xr.Dataset:
    """Index a grid over y and x by the latitude and longitude that it states, if it does."""
    for axis, degrees in (("y", "latitude"), ("x", "longitude")):
        if axis not in dataset.dims or degrees not in dataset.coords:
            continue
        if dataset[degrees].dims != (axis,):
            raise ReanalysisDataError(
                f"{source}: {degrees} over {', '.join(map(str, dataset[degrees].dims))}; expected "
                "a grid whose rows have one latitude and whose columns have one longitude"
            )
        dataset = dataset.swap_dims({axis: degrees}).drop_vars(axis, errors="ignore")
    return dataset


def _meaning(name: str) -> tuple[str, str]:
    for pattern, kind in _NUMBERED:
        match = pattern.match(name)
        if match and int(match[1]) in _ERA5_LAND:
            return kind, _ERA5_LAND[int(match[1])]
    for pattern, kind in _LAYERED:
        match = pattern.match(name)
        if match:
            return kind, f"{int(match[1])}-{int(match[2])}"
    return ("soil_moisture", _MERRA2[name]) if name in _MERRA2 else ("", "")


def _converted(variable: xr.DataArray, kind: str, layer: str, where: str) -> xr.DataArray:
    """Convert to m3 m-3 or degrees Celsius by the unit a variable states."""
    wanted = "degC" if kind == "soil_temperature" else "m3 m-3"
    limits: Layer = parse_layers(layer)[0]
    try:
        factor, offset = conversion(
            str(variable.attrs.get("units", "")),
            wanted,
            layer_cm=(limits.top_cm, limits.bottom_cm),
        )
    except UnitError as error:
        raise ReanalysisDataError(f"{where} is in {error}") from error
    found = variable if factor == 1.0 else variable * factor
    found = found if offset == 0.0 else found + offset
    return found.assign_attrs(units=wanted)


def daily(dataset: xr.Dataset) -> xr.Dataset:
    """Average to UTC days; daily input keeps its values and gets its dates.

    Parameters
    ----------
    dataset : Dataset (..., time)

    Returns
    -------
    Dataset (..., time)

    Raises
    ------
    ReanalysisDataError
        If the time is not of dates, as where a file names its coordinate unlike its dimension.
    """
    time = dataset["time"].values
    if not np.issubdtype(time.dtype, np.datetime64):
        raise ReanalysisDataError(
            f"the time of the reanalysis is of type {time.dtype}; expected dates of the standard "
            "calendar in a coordinate of the same name as its dimension"
        )
    if time.size > 1 and np.diff(time).min() < np.timedelta64(1, "D"):
        return dataset.resample(time="1D").mean(keep_attrs=True)
    return dataset.assign_coords(time=time.astype("datetime64[D]").astype("datetime64[ns]"))


def _read_tables(path: Path, mapping: ColumnMapping | None) -> xr.Dataset:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ReanalysisDataError(f"{path}: holds no .csv table")
    if mapping is not None:
        records = [record for file in files for record in read_csv_table(file, mapping)]
        return layered_records(records)
    frames = []
    for file in files:
        try:
            frame = pd.read_csv(file, encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise ReanalysisDataError(f"{file}: cannot be read as a table ({error})") from error
        absent = {"time", "layer", "soil_moisture"} - set(frame.columns)
        if absent:
            raise ReanalysisDataError(
                f"{file}: no column {', '.join(sorted(absent))}; the columns are "
                f"{', '.join(map(str, frame.columns))}. Describe them in a mapping"
            )
        frames.append(frame.assign(station=frame.get("station", file.stem)))
    table = pd.concat(frames, ignore_index=True)
    table["time"] = pd.to_datetime(table["time"]).dt.tz_localize(None)
    names = [name for name in ("soil_moisture", "soil_temperature") if name in table]
    indexed = table.set_index(["station", "layer", "time"])[names]
    if indexed.index.duplicated().any():
        raise ReanalysisDataError(f"{path}: station, layer and time repeat in some rows")
    result = indexed.to_xarray()
    result["soil_moisture"].attrs["units"] = "m3 m-3"
    if "soil_temperature" in result:
        result["soil_temperature"].attrs["units"] = "degC"
    return daily(result)


def layered_records(records: list[SensorRecord]) -> xr.Dataset:
    """Arrange records whose depths are layers, as a mapping of columns gives them.

    Parameters
    ----------
    records : list of SensorRecord
        ``depth_from_m`` to ``depth_to_m`` is the layer.

    Returns
    -------
    Dataset (station, layer, time)
        Daily.

    Raises
    ------
    ReanalysisDataError
        If a depth is a point.
    """
    series: dict[str, dict[tuple[str, str], pd.Series]] = defaultdict(dict)
    for record in records:
        top, bottom = round(record.depth_from_m * 100), round(record.depth_to_m * 100)
        if top >= bottom:
            raise ReanalysisDataError(
                f"{record.source}: column {record.sensor!r} is at {bottom} cm; give the layer it "
                "stands for in the mapping, such as [0, 7]"
            )
        key = (record.site, f"{top}-{bottom}")
        series[record.variable][key] = pd.Series(record.value, pd.DatetimeIndex(record.time))
    result = xr.Dataset()
    for variable, columns in series.items():
        frame = pd.DataFrame(columns)
        frame.columns = frame.columns.set_names(["station", "layer"])
        frame.index.name = "time"
        stacked = frame.stack(["station", "layer"], future_stack=True).rename(variable)
        result[variable] = stacked.to_xarray()
    if "soil_moisture" not in result:
        raise ReanalysisDataError("no column of soil moisture in the mapping")
    result["soil_moisture"].attrs["units"] = "m3 m-3"
    if "soil_temperature" in result:
        result["soil_temperature"].attrs["units"] = "degC"
    return daily(result)


def at_stations(
    reanalysis: xr.Dataset,
    *,
    station: xr.DataArray,
    latitude: xr.DataArray,
    longitude: xr.DataArray,
    max_distance_km: float = 25.0,
) -> xr.Dataset:
    """Take the grid point nearest to each station.

    Parameters
    ----------
    reanalysis : Dataset
        From :func:`read_reanalysis`; returned as it is if it is by station already.
    station, latitude, longitude : DataArray (station,)
        Names and places [degrees].
    max_distance_km : float, optional
        Stations farther from every grid point are refused: the paper's are 2.55 to 6.35 km off.

    Returns
    -------
    Dataset (station, layer, time)
        With the coordinate ``distance_km`` by station.

    Raises
    ------
    ReanalysisDataError
        If a station has no place or lies off the grid.
    """
    if "station" in reanalysis.dims:
        return _named_as(reanalysis, [str(name) for name in station.values])
    lacking = {"latitude", "longitude"} - set(reanalysis.dims)
    if lacking:
        raise ReanalysisDataError(
            f"the reanalysis has dimensions {', '.join(map(str, reanalysis.dims))}; expected "
            "station, or latitude and longitude"
        )
    rows, columns = np.meshgrid(
        reanalysis["latitude"].values, reanalysis["longitude"].values, indexing="ij"
    )
    index, distance = nearest_pixels(rows, columns, latitude.values, longitude.values)
    names = [str(name) for name in station.values]
    unplaced = [name for name, flat in zip(names, index) if flat < 0]
    if unplaced:
        raise ReanalysisDataError(
            f"no latitude and longitude of {', '.join(unplaced)}; give them in the table of sites"
        )
    off = [
        f"{name} ({away:.0f} km)" for name, away in zip(names, distance) if away > max_distance_km
    ]
    if off:
        raise ReanalysisDataError(
            f"farther than {max_distance_km:g} km from every grid point: {', '.join(off)}; take a "
            "larger extract of the reanalysis, or leave these stations out"
        )
    at_row, at_column = np.unravel_index(index, rows.shape)
    picked = reanalysis.isel(
        latitude=xr.DataArray(at_row, dims="station"),
        longitude=xr.DataArray(at_column, dims="station"),
    )
    picked = picked.drop_vars(["latitude", "longitude"]).assign_coords(
        station=("station", names), distance_km=("station", distance)
    )
    _log.info("grid points are %.2f to %.2f km from the stations", distance.min(), distance.max())
    return picked.transpose("station", "layer", "time")


def _named_as(reanalysis: xr.Dataset, names: list[str]) -> xr.Dataset:
    """Call stations as in situ does: "network/station" is also "station", where only one is."""
    by_short: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_short[name.rsplit("/", 1)[-1]].append(name)
    renamed = []
    for own in map(str, reanalysis["station"].values):
        found = by_short[own.rsplit("/", 1)[-1]]
        renamed.append(found[0] if own not in names and len(found) == 1 else own)
    if len(set(renamed)) < len(renamed):
        return reanalysis
    return reanalysis.assign_coords(station=("station", renamed))


def frozen_state(reanalysis: xr.Dataset) -> xr.DataArray | None:
    """Return the state of the soil by the reanalysis' own temperature, if it has one.

    Parameters
    ----------
    reanalysis : Dataset (..., time)

    Returns
    -------
    DataArray of int8 (..., time) or None
        Three-day rule of :func:`~local_core.stations.freeze_thaw.freeze_thaw`.
    """
    if "soil_temperature" not in reanalysis:
        return None
    temperature = reanalysis["soil_temperature"]
    if temperature.chunks is not None:
        # Onsets need the whole series; whether there are any would need the whole grid.
        return freeze_thaw(temperature.chunk(time=-1)).transpose(*temperature.dims)
    state = freeze_thaw(temperature)
    known = bool((state != SoilState.UNKNOWN).any())
    return state.transpose(*temperature.dims) if known else None
