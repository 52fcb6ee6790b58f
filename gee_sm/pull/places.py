"""The places that series are wanted at, from whatever they come in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pandas as pd
import xarray as xr

from gee_sm.client_calls import fetch_features

__all__ = ["Points", "PointsError", "read_points"]

Points = pd.DataFrame | xr.Dataset | str | os.PathLike[str] | Mapping[str, tuple[float, float]]
"""A table, a Dataset over ``station``, a file, a table asset, or names with (longitude, latitude).
"""

_NAMES = ("station", "site", "name", "id", "station_id")
_PLACES = {
    "longitude": ("longitude", "lon", "lng", "x"),
    "latitude": ("latitude", "lat", "y"),
}
_KEPT = ("network", "elevation", "land_cover", "vegetation_type", "climate")
"""What is known about a station and goes with its series."""

_ASSETS = ("projects/", "users/")


class PointsError(ValueError):
    """Places that cannot be read, or are not places."""


def read_points(points: Points) -> pd.DataFrame:
    """Return places as a table.

    Parameters
    ----------
    points : Points
        A DataFrame, CSV or GeoJSON file with columns (properties) ``station`` (or site, name, id),
        ``longitude`` (lon) and ``latitude`` (lat); a Dataset or NetCDF file over ``station``, as
        ``gee-sm stations`` writes it; the id of a table asset; or a mapping of names to
        (longitude, latitude). A table with several rows a station, such as a table of
        measurements, counts each station once.

    Returns
    -------
    pandas.DataFrame
        Index ``station`` (text), columns ``longitude``, ``latitude`` (degrees, NaN where not
        known) and what else is known: network, elevation, land_cover, vegetation_type, climate.

    Raises
    ------
    PointsError
        If there are no places, a station is in two places, or a coordinate is none.

    Examples
    --------
    >>> read_points({"Maqu": (102.08, 33.9)}).loc["Maqu", "latitude"]
    np.float64(33.9)
    """
    where = "points"
    # A Dataset is a mapping, too.
    if isinstance(points, xr.Dataset):
        table = _table_of_dataset(points)
    elif isinstance(points, Mapping):
        rows = [{"station": k, "longitude": v[0], "latitude": v[1]} for k, v in points.items()]
        table = pd.DataFrame(rows)
    elif isinstance(points, pd.DataFrame):
        table = points
        if points.index.name:
            table = points.reset_index()
        elif points.index.dtype.kind not in "iu":
            table = points.rename_axis("station").reset_index()
    else:
        where = os.fspath(points)
        table = _read(where)
    return _checked(table, where)


def _read(where: str) -> pd.DataFrame:
    path = Path(where)
    if not path.exists() and where.startswith(_ASSETS):
        return _table_of_features(fetch_features(ee.FeatureCollection(where)))
    if not path.exists():
        raise PointsError(
            f"{where}: no such file; give a CSV, GeoJSON or NetCDF file, or the id of a table "
            "asset (projects/...)"
        )
    try:
        if path.suffix.lower() in (".geojson", ".json"):
            document = json.loads(path.read_text(encoding="utf-8"))
            return _table_of_features(document.get("features", []))
        if path.suffix.lower() in (".nc", ".nc4", ".h5"):
            with xr.open_dataset(path) as dataset:
                return _table_of_dataset(dataset)
        return _table_of_csv(path)
    except (OSError, ValueError, AttributeError) as error:
        raise PointsError(f"{where}: cannot be read as a table of places ({error})") from error


def _table_of_csv(path: Path) -> pd.DataFrame:
    # A station 007 is none of number 7.
    columns = pd.read_csv(path, encoding="utf-8-sig", nrows=0).columns
    texts = {name: str for name in columns if name.lower() in _NAMES}
    return pd.read_csv(path, encoding="utf-8-sig", low_memory=False, dtype=texts)


def _table_of_dataset(dataset: xr.Dataset) -> pd.DataFrame:
    if "station" not in dataset.dims:
        raise PointsError(
            "a Dataset of places has a dimension 'station'; got "
            f"{', '.join(map(str, dataset.dims))}"
        )
    columns = {
        str(name): dataset[name].to_numpy()
        for name in dataset.variables
        if dataset[name].dims == ("station",)
    }
    columns.setdefault("station", np.arange(dataset.sizes["station"]))
    return pd.DataFrame(columns)


def _table_of_features(features: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    rows = []
    for number, feature in enumerate(features):
        row = dict(feature.get("properties") or {})
        geometry = feature.get("geometry")
        if geometry is not None:
            if geometry.get("type") != "Point":
                raise PointsError(
                    f"feature {number} is a {geometry.get('type')}: only points have a series; "
                    "take centroids first"
                )
            row["longitude"], row["latitude"] = geometry["coordinates"][:2]
        if not any(name in row for name in _NAMES):
            row["station"] = feature.get("id", f"P{number + 1:04d}")
        rows.append(row)
    return pd.DataFrame(rows)


def _checked(table: pd.DataFrame, where: str) -> pd.DataFrame:
    lowered = {str(column).lower(): column for column in table.columns}
    found = pd.DataFrame(index=table.index)
    name = next((lowered[known] for known in _NAMES if known in lowered), None)
    numbered = [f"P{i + 1:04d}" for i in range(len(table))]
    found["station"] = numbered if name is None else table[name].astype(str)
    for ours, known in _PLACES.items():
        column = next((lowered[alias] for alias in known if alias in lowered), None)
        if column is None:
            raise PointsError(
                f"{where}: no column {' or '.join(known[:2])}; the columns are "
                f"{', '.join(map(str, table.columns)) or '(none)'}"
            )
        found[ours] = pd.to_numeric(table[column], errors="coerce").astype(float)
    for column in _KEPT:
        if column in lowered:
            found[column] = table[lowered[column]]
    found = found.drop_duplicates(["station", "longitude", "latitude"])
    if found.empty:
        raise PointsError(f"{where}: holds no place")
    twice = found.loc[found["station"].duplicated(), "station"].unique()
    if len(twice):
        raise PointsError(
            f"{where}: station {', '.join(twice[:5])} is in more than one place; give each place "
            "a name of its own"
        )
    wrong = found[(found["latitude"].abs() > 90) | (found["longitude"].abs() > 360)]
    if len(wrong):
        first = wrong.iloc[0]
        raise PointsError(
            f"{where}: station {first['station']} is at longitude {first['longitude']:g}, latitude "
            f"{first['latitude']:g}: degrees are expected (are the columns swapped?)"
        )
    return found.set_index("station")
