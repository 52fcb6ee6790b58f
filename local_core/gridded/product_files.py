"""The files that a path stands for, how they are opened, and the days they are of."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from local_core.gridded.products import LocalProductError
from local_core.gridded.smap_granule import is_granule, open_granule

_NETCDF = ("*.nc", "*.nc4", "*.h5", "*.hdf5")
_DATE_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


def open_file(file: Path) -> xr.Dataset:
    """Open one file lazily, CF-decoded, as it is.

    Raises
    ------
    LocalProductError
        If it is neither NetCDF, nor Zarr, nor SMAP's HDF5.
    """
    try:
        if file.suffix == ".zarr" or (file.is_dir() and _is_zarr(file)):
            return xr.open_zarr(file, decode_coords="all")
        if is_granule(file):
            return open_granule(file)
        return xr.open_dataset(file, decode_coords="all", chunks=None)
    except ModuleNotFoundError as error:
        raise LocalProductError(f"{file}: reading Zarr needs the package zarr ({error})") from error
    except LocalProductError:
        raise
    except (OSError, ValueError) as error:
        raise LocalProductError(f"{file}: cannot be read as NetCDF or Zarr ({error})") from error


def _is_zarr(folder: Path) -> bool:
    return any((folder / name).exists() for name in (".zgroup", ".zmetadata", "zarr.json"))


def files_of(path: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files that a path, a folder, a pattern or a list of them stands for.

    Raises
    ------
    LocalProductError
        If there are none.
    """
    if not isinstance(path, (str, Path)):
        found = [file for member in path for file in files_of(member)]
        if not found:
            raise LocalProductError("no files were given")
        return found
    one = Path(path)
    if one.is_dir() and one.suffix != ".zarr" and not _is_zarr(one):
        found = sorted({file for pattern in _NETCDF for file in one.glob(pattern)})
        found += sorted(one.glob("*.zarr"))
        if not found:
            raise LocalProductError(
                f"{one}: the folder holds no {', '.join(_NETCDF[:2])}, *.h5 or *.zarr; give a "
                "pattern such as 'folder/*/*.nc' if they lie deeper"
            )
        return found
    if one.exists():
        return [one]
    found = sorted(Path(match) for match in glob.glob(str(path), recursive=True))
    if not found:
        raise LocalProductError(f"{path}: no such file or folder, and no file fits the pattern")
    return found


def shown(files: Sequence[Path]) -> str:
    """Return files in words for a message."""
    return str(files[0]) if len(files) == 1 else f"{files[0]} ... {files[-1]} ({len(files)} files)"


def time_of(raw: xr.Dataset, file: Path) -> np.datetime64:
    """Return the day of a file that has no time axis: by its attributes, or by its name.

    Raises
    ------
    LocalProductError
        If neither says.
    """
    stated = raw.attrs.get("time_coverage_start") or raw.attrs.get("start_date")
    if stated:
        try:
            return np.datetime64(pd.Timestamp(stated).tz_localize(None), "ns")
        except (ValueError, TypeError):
            pass
    found = _DATE_IN_NAME.search(file.name)
    if found:
        return np.datetime64("-".join(found.groups()), "ns")
    raise LocalProductError(
        f"{file}: has no time coordinate, no time_coverage_start, and no date YYYYMMDD in its name"
    )


def utc_times(raw: xr.Dataset, where: str) -> np.ndarray:
    """Return times as datetime64; other calendars than ours have other days.

    Raises
    ------
    LocalProductError
        If there are no times, or they are of another calendar.
    """
    time = raw["time"]
    if np.issubdtype(time.dtype, np.datetime64):
        return time.values.astype("datetime64[ns]")
    if time.dtype == object and hasattr(time.values[0], "calendar"):
        calendar = time.values[0].calendar
        if calendar in ("standard", "gregorian", "proleptic_gregorian"):
            return np.array([np.datetime64(moment.isoformat(), "ns") for moment in time.values])
        raise LocalProductError(f"{where}: time is of the calendar {calendar!r}; expected standard")
    raise LocalProductError(
        f"{where}: time is {time.dtype} with units {time.attrs.get('units', 'none')!r}; expected "
        "CF time such as 'days since 1970-01-01'"
    )
