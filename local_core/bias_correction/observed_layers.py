"""Stations by layer and vegetation type, from whatever file they are in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from local_core.bias_correction.reanalysis_source import layered_records, read_reanalysis
from local_core.stations import (
    ColumnMapping,
    StationDataError,
    layered_stations,
    parse_layers,
    read_csv_table,
    read_station_file,
)
from local_core.stations.site_table import site_rows


def read_observed_layers(
    path: str | Path,
    *,
    mapping: ColumnMapping | None = None,
    layers: str | None = None,
    sites: pd.DataFrame | None = None,
) -> xr.Dataset:
    """Read station soil moisture on layers.

    Parameters
    ----------
    path : path
        NetCDF of :func:`~local_core.stations.station_file.write_station_file`, or a table (or a
        folder of tables) of layer means.
    mapping : ColumnMapping, optional
        What the columns of a table are, with layers for depths (``[0, 7]``).
    layers : str, optional
        Layers to average over (as :func:`~local_core.stations.layers.parse_layers` reads them), for
        a file by sensor depth.
    sites : DataFrame, optional
        ``station`` with ``vegetation_type``, ``latitude``, ``longitude``; overrides the file.

    Returns
    -------
    Dataset (station, layer, time)
        ``soil_moisture`` [m3 m-3], perhaps ``frozen``, and the coordinates ``vegetation_type``,
        ``latitude`` and ``longitude`` by station ("" and NaN where unknown).

    Raises
    ------
    ValueError
        If the file cannot be read, or is by depth and no layers are given.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() in (".csv", ".txt"):
        dataset = _from_tables(path, mapping)
    else:
        dataset = read_station_file(path)
    if "layer" not in dataset["soil_moisture"].dims:
        if layers is None:
            raise StationDataError(
                f"{path}: soil moisture is by sensor depth; say which layers to average over, such "
                "as era5-land or 0-7,7-28"
            )
        dataset = layered_stations(dataset, parse_layers(layers))
    return _with_sites(dataset, sites)


def _from_tables(path: Path, mapping: ColumnMapping | None) -> xr.Dataset:
    if mapping is None:
        return read_reanalysis(path)
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return layered_records([record for file in files for record in read_csv_table(file, mapping)])


def _with_sites(dataset: xr.Dataset, sites: pd.DataFrame | None) -> xr.Dataset:
    names = [str(name) for name in dataset["station"].values]
    rows = site_rows(names, sites) if sites is not None else []
    for column, default in (
        ("vegetation_type", ""),
        ("latitude", np.nan),
        ("longitude", np.nan),
    ):
        if sites is not None and column in sites:
            values = [
                default if row is None or pd.isna(row[column]) else row[column] for row in rows
            ]
            dataset = dataset.assign_coords({column: ("station", pd.Series(values).to_numpy())})
        elif column not in dataset.coords:
            dataset = dataset.assign_coords({column: ("station", [default] * len(names))})
    return dataset
