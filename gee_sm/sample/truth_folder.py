"""The truth that is written beside the scenes, and how maps are compared with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import Resampling, reproject

from gee_sm.emulator.catalog.cog import write_cog
from gee_sm.sample.error_budget import NoiseFloor, noise_floor
from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import FREEZE_MONTHS, THAW_MONTHS, Acquisition
from gee_sm.sample.region import Grid
from local_core.atomic_write import write_text

__all__ = [
    "FOLDER",
    "TruthError",
    "noise_floor_for",
    "parameters_of",
    "truth_for",
    "write_acquisition_truth",
    "write_mean_truth",
    "write_parameters",
]

FOLDER = "truth"
"""Folder of the truth inside a sample."""

_FILE = "truth.json"
_PASSES = {"A": "ASCENDING", "D": "DESCENDING"}
_STEP = 1 / 2048
"""Truth is stored in steps of 0.0005 m3 m-3, far below any noise floor."""


class TruthError(ValueError):
    """A folder that holds no truth, or none for what is asked."""


def write_acquisition_truth(
    folder: Path, acquisition: Acquisition, soil_moisture: np.ndarray, grid: Grid
) -> str:
    """Write soil moisture at one acquisition and return the file's name."""
    name = f"SM_{acquisition.name}.tif"
    _write(folder / name, soil_moisture, grid)
    return name


def write_mean_truth(
    folder: Path, name: str, values: Sequence[np.ndarray], seen: Sequence[np.ndarray], grid: Grid
) -> str:
    """Write the mean of some acquisitions, each where its swath is, and return the file's name."""
    _write(folder / name, _mean(values, seen), grid)
    return name


def write_parameters(folder: Path, parameters: Mapping[str, Any]) -> None:
    """Write ``truth.json``."""
    write_text(folder / _FILE, json.dumps(parameters, indent=1) + "\n")


def parameters_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a sample says about itself: the content of ``truth/truth.json``.

    Parameters
    ----------
    path : path-like
        Folder of the sample.

    Returns
    -------
    dict
        Seed, region, coefficients, noise, orbits, acquisitions, stations.

    Raises
    ------
    TruthError
        The folder holds no truth, as catalogs of real scenes do not.
    """
    return read_parameters(path, _FILE, "only folders written by `gee-sm sample` have a truth")


def read_parameters(path: str | os.PathLike[str], name: str, advice: str) -> dict[str, Any]:
    """Return the content of one of a sample's files of parameters.

    Raises
    ------
    TruthError
        The file is not there, with the advice, or is damaged.
    """
    file = Path(path) / FOLDER / name
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TruthError(f"{path} holds no {FOLDER}/{name}: {advice}") from error
    except json.JSONDecodeError as error:
        raise TruthError(f"{file} is damaged ({error}): write the sample again") from error


def truth_for(
    path: str | os.PathLike[str],
    *,
    year: int,
    orbit: str,
    crs: str | CRS,
    transform: Affine,
    shape: tuple[int, int],
    months: Sequence[int] = THAW_MONTHS,
    dates: Sequence[str | date | datetime] | None = None,
) -> np.ndarray:
    """Return the soil moisture that a map of the sample should show.

    Parameters
    ----------
    path : path-like
        Folder of the sample.
    year : int
        Year of the map.
    orbit : str
        Pass: ``A`` or ``ASCENDING``, ``D`` or ``DESCENDING``.
    crs : str or rasterio.crs.CRS
        System of the map.
    transform : affine.Affine
        Grid of the map.
    shape : tuple of int
        Rows and columns of the map.
    months : sequence of int, default (7, 8)
        Months that the map averages.
    dates : sequence of str, date or datetime, optional
        UTC days whose acquisitions the map averages; all of the pass in `months` by default.

    Returns
    -------
    ndarray of float32, shape `shape`
        Volumetric soil moisture in m3 m-3: at each place the mean over the acquisitions whose
        swath covers it, averaged over the area of each map pixel without the land cover that no
        map can see through (water, forest, fields, town). NaN where nothing is left.

    Raises
    ------
    TruthError
        The folder holds no truth, or none for this year, pass or day.
    """
    path = Path(path)
    chosen = _acquisitions(parameters_of(path), year, orbit, months, dates)
    folder = path / FOLDER
    values, seen = [], []
    for acquisition in chosen:
        with rasterio.open(folder / acquisition["truth"]) as file:
            values.append(file.read(1))
            source = {"src_transform": file.transform, "src_crs": file.crs}
        seen.append(_swath(folder, acquisition["orbit"]))
    with rasterio.open(folder / "retrievable.tif") as file:
        retrievable = file.read(1) == 1
    mean = np.where(retrievable, _mean(values, seen), np.nan)
    out = np.full(shape, np.nan, np.float32)
    reproject(
        mean.astype(np.float32),
        out,
        **source,
        src_nodata=np.nan,
        dst_transform=transform,
        dst_crs=crs,
        dst_nodata=np.nan,
        resampling=Resampling.average,
    )
    return out


def noise_floor_for(
    path: str | os.PathLike[str],
    *,
    year: int,
    orbit: str,
    scale: float,
    months: Sequence[int] = THAW_MONTHS,
    dates: Sequence[str | date | datetime] | None = None,
    thaw_scenes: float | np.ndarray | None = None,
    freeze_scenes: float | np.ndarray | None = None,
) -> NoiseFloor:
    """Return the noise floor of a map of the sample, over all its pixels.

    Parameters
    ----------
    path : path-like
        Folder of the sample.
    year : int
        Year of the map.
    orbit : str
        Pass: ``A`` or ``ASCENDING``, ``D`` or ``DESCENDING``.
    scale : float
        Pixel size of the map in metres, a multiple of 10.
    months : sequence of int, default (7, 8)
        Months that the map averages.
    dates : sequence of str, date or datetime, optional
        UTC days whose acquisitions the map averages.
    thaw_scenes, freeze_scenes : float or ndarray, optional
        Scenes that the map averaged per season, for all or per pixel; what the sample holds by
        default. Pixels without scenes do not count.

    Returns
    -------
    NoiseFloor
        Root mean squares over the map, in m3 m-3.

    Raises
    ------
    TruthError
        The folder holds no truth, or none for this year, pass or day.
    """
    path = Path(path)
    parameters = parameters_of(path)
    letter = _letter(orbit)
    if thaw_scenes is None:
        chosen = _acquisitions(parameters, year, orbit, months, dates)
        thaw_scenes = _scene_count(path / FOLDER, chosen)
    if freeze_scenes is None:
        chosen = _acquisitions(parameters, year, orbit, FREEZE_MONTHS, None)
        freeze_scenes = _scene_count(path / FOLDER, chosen)
    optical = parameters["optical"]
    floor = noise_floor(
        passing=_PASSES[letter],
        scale=scale,
        thaw_scenes=thaw_scenes,
        freeze_scenes=freeze_scenes,
        optical_noise=tuple(optical["index_noise"][letter]),
        optical_scenes=optical["clear_scenes"][str(year)] * len(set(months)) / len(THAW_MONTHS),
        noise=Noise.from_json(parameters["noise"]),
    )
    return NoiseFloor(
        **{name: float(np.sqrt(np.nanmean(np.square(v)))) for name, v in floor.as_dict().items()}
    )


def _acquisitions(
    parameters: Mapping[str, Any],
    year: int,
    orbit: str,
    months: Sequence[int],
    dates: Sequence[str | date | datetime] | None,
) -> list[dict[str, Any]]:
    letter = _letter(orbit)
    found = {}
    for acquisition in parameters["acquisitions"]:
        day = datetime.fromisoformat(acquisition["time"])
        if acquisition["orbit"][0] == letter and day.year == year and day.month in set(months):
            found.setdefault(f"{day:%Y-%m-%d}", []).append(acquisition)
    if not found:
        raise TruthError(
            f"the sample has no {_PASSES[letter].lower()} pass in months {list(months)} of {year}: "
            f"it holds the years {parameters['years']}, thawed in {list(THAW_MONTHS)}"
        )
    if dates is None:
        return [acquisition for same_day in found.values() for acquisition in same_day]
    days = sorted({_day(given) for given in dates})
    unknown = [day for day in days if day not in found]
    if unknown or not days:
        raise TruthError(
            f"no {_PASSES[letter].lower()} pass on {unknown or 'an empty list of dates'}; "
            f"the sample has {sorted(found)}"
        )
    return [acquisition for day in days for acquisition in found[day]]


def _day(given: str | date | datetime) -> str:
    if isinstance(given, str):
        given = datetime.fromisoformat(given)
    if isinstance(given, datetime) and given.tzinfo is not None:
        given = given.astimezone(UTC)
    return f"{given:%Y-%m-%d}"


def _letter(orbit: str) -> str:
    letter = str(orbit)[:1].upper()
    if letter not in _PASSES or str(orbit).upper() not in (letter, _PASSES[letter]):
        raise TruthError(f"orbit must be A, D, ASCENDING or DESCENDING; got {orbit!r}")
    return letter


def _scene_count(folder: Path, acquisitions: Sequence[Mapping[str, Any]]) -> np.ndarray:
    return sum(_swath(folder, a["orbit"]).astype(float) for a in acquisitions)


def _swath(folder: Path, orbit: str) -> np.ndarray:
    with rasterio.open(folder / f"swath_{orbit}.tif") as file:
        return file.read(1) == 1


def _mean(values: Sequence[np.ndarray], seen: Sequence[np.ndarray]) -> np.ndarray:
    total, count = np.zeros(values[0].shape), np.zeros(values[0].shape)
    for value, where in zip(values, seen, strict=True):
        total += np.where(where, value, 0)
        count += where
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _write(path: Path, soil_moisture: np.ndarray, grid: Grid) -> None:
    write_cog(
        path,
        (np.rint(soil_moisture / _STEP) * _STEP).astype(np.float32),
        crs=CRS.from_user_input(grid.crs),
        transform=grid.transform,
        nodata=np.nan,
        overviews=False,
        tags={"units": "m3 m-3", "long_name": "volumetric surface soil moisture"},
    )
