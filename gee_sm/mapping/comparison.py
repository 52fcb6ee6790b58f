"""How good a map is: scores against stations and, in the sample region, against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import rasterio

from gee_sm.mapping.output_grid import OutputGrid
from gee_sm.mapping.request import RequestError
from gee_sm.sample import TruthError, noise_floor_for, truth_for
from local_core.metrics import scores

_SCORES = ("n", "r", "bias", "rmse", "ubrmse")
_STATION_COLUMNS = ("station", "longitude", "latitude", "time", "soil_moisture")


@dataclass(frozen=True)
class StationComparison:
    """A map beside its stations.

    Attributes
    ----------
    table : DataFrame
        One row a station: station, longitude, latitude, days, observed and mapped (m3 m-3), and
        status (0 compared, 1 outside the map, 2 masked in the map, 3 no record on the map's days).
    scores : dict
        n, r, bias (map minus station), rmse, ubrmse with 95 % intervals; None where undefined.
    """

    table: pd.DataFrame
    scores: dict[str, Any]


@dataclass(frozen=True)
class TruthComparison:
    """A map of the sample beside its truth.

    Attributes
    ----------
    truth : ndarray
        Soil moisture that the map should show, m3 m-3.
    scores : dict
        n, r, bias (map minus truth), rmse, ubrmse with intervals, and noise_floor (m3 m-3) with
        its parts.
    """

    truth: np.ndarray
    scores: dict[str, Any]


def score(estimate: np.ndarray, reference: np.ndarray) -> dict[str, Any]:
    """Return the scores of a map with their 95 % intervals; what is undefined is None."""
    found = scores(
        np.ravel(estimate), np.ravel(reference), metrics=_SCORES, interval="analytic", min_n=3
    )
    kept: dict[str, Any] = {"n": int(found["n"])}
    for name in _SCORES[1:]:
        kept[name] = _finite(found[name])
        kept[f"{name}_interval"] = [
            _finite(found[f"{name}_lower"]),
            _finite(found[f"{name}_upper"]),
        ]
    return kept


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def read_stations(path: Path) -> pd.DataFrame:
    """Read station records.

    Returns
    -------
    DataFrame
        Columns station, longitude, latitude (degrees), time (UTC) and soil_moisture (m3 m-3).

    Raises
    ------
    RequestError
        If the file cannot be read or lacks a column.
    """
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise RequestError(f"stations {path} cannot be read: {error}") from error
    missing = [name for name in _STATION_COLUMNS if name not in table]
    if missing:
        raise RequestError(
            f"stations {path} lacks the columns {missing}; expected {list(_STATION_COLUMNS)}, "
            f"got {list(table.columns)}"
        )
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table


def compare_stations(path: Path, records: pd.DataFrame, dates: Sequence[str]) -> StationComparison:
    """Compare a map with the means of station records over the days it rests on.

    Parameters
    ----------
    path : Path
        The map.
    records : DataFrame
        What :func:`read_stations` returned.
    dates : sequence of str
        Days of the map's passes, in UTC.
    """
    days = records["time"].dt.strftime("%Y-%m-%d")
    chosen = records[days.isin(list(dates))].assign(day=days)
    daily = chosen.groupby(["station", "day"])["soil_moisture"].mean().groupby("station")
    observed, count = daily.mean(), daily.count()
    places = records.groupby("station")[["longitude", "latitude"]].first()
    rows = []
    with rasterio.open(path) as dataset:
        values = dataset.read(1)
        to_map = pyproj.Transformer.from_crs("EPSG:4326", dataset.crs, always_xy=True)
        for station, place in places.iterrows():
            x, y = to_map.transform(place["longitude"], place["latitude"])
            row, column = dataset.index(x, y)
            inside = 0 <= row < dataset.height and 0 <= column < dataset.width
            mapped = float(values[row, column]) if inside else np.nan
            measured = float(observed.get(station, np.nan))
            status = 0
            if not inside:
                status = 1
            elif np.isnan(mapped):
                status = 2
            elif np.isnan(measured):
                status = 3
            rows.append(
                (
                    station,
                    place["longitude"],
                    place["latitude"],
                    int(count.get(station, 0)),
                    measured,
                    mapped,
                    status,
                )
            )
    names = ["station", "longitude", "latitude", "days", "observed", "mapped", "status"]
    table = pd.DataFrame(rows, columns=names)
    return StationComparison(table, score(table["mapped"].to_numpy(), table["observed"].to_numpy()))


def compare_truth(
    sample: Path,
    path: Path,
    grid: OutputGrid,
    *,
    year: int,
    orbit: str,
    dates: Sequence[str],
) -> TruthComparison | None:
    """Compare a map of the sample region with its truth; None where there is no truth."""
    months = sorted({int(date[5:7]) for date in dates})
    options = {"year": year, "orbit": orbit, "months": months, "dates": list(dates)}
    try:
        truth = truth_for(
            sample, crs=grid.crs, transform=grid.transform, shape=grid.shape, **options
        )
        floor = noise_floor_for(sample, scale=grid.scale, **options)
    except TruthError:
        return None
    with rasterio.open(path) as dataset:
        mapped = dataset.read(1)
    found = score(mapped, truth)
    found["noise_floor"] = float(floor.total)
    found["noise_floor_parts"] = {
        name: float(value) for name, value in floor.as_dict().items() if name != "total"
    }
    return TruthComparison(truth, found)
