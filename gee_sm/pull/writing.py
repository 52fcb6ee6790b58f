"""Pulled Datasets to files: NetCDF, Zarr, CSV and Parquet, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.dask import TqdmCallback

from gee_sm.composites.temporal import COUNT_SUFFIX
from gee_sm.pull.status import PullStatus
from local_core.atomic_write import replacing

__all__ = ["SUFFIXES", "about_as_coordinates", "check_output", "write"]

SUFFIXES = (".nc", ".zarr", ".csv", ".parquet")
_NEEDED = {".zarr": "zarr", ".parquet": "pyarrow"}
_FILL = np.float32(9.969209968386869e36)
"""NetCDF's own fill value for float32: readers that do not know NaN know it."""

_TABLE_LEAVES = ("nv",)


def check_output(path: str | os.PathLike[str]) -> Path:
    """Return a path that can be written, before anything is pulled for it.

    Raises
    ------
    ValueError
        If the suffix is unknown, a package for it is missing, it is a folder of something else, or
        its folder cannot be written to.
    """
    target = Path(path)
    if target.suffix not in SUFFIXES:
        raise ValueError(f"{target}: the suffix says the format; use one of {', '.join(SUFFIXES)}")
    package = _NEEDED.get(target.suffix)
    if package is not None:
        try:
            __import__(package)
        except ModuleNotFoundError as error:
            raise ValueError(
                f"{target.suffix} needs the package {package}: pip install 'gee-sm[formats]', or "
                "choose .nc"
            ) from error
    if target.is_dir() and target.suffix != ".zarr":
        raise ValueError(f"{target} is a folder: give the name of a file")
    if target.suffix == ".zarr" and target.exists() and not _is_zarr(target):
        raise ValueError(f"{target} exists and is no Zarr store: choose another name")
    _check_folder(target)
    return target


def _check_folder(target: Path) -> None:
    """Raise ValueError if a file cannot come to be where it is wanted."""
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise ValueError(f"{target}: {folder} is a file, not a folder: choose another name")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(
            f"{target}: the folder {folder} may not be written to: choose another, or change its "
            "permissions"
        )


def write(dataset: xr.Dataset, path: str | os.PathLike[str], *, progress: bool = False) -> Path:
    """Write a pulled Dataset, in the format its suffix names.

    Parameters
    ----------
    dataset : xarray.Dataset
        What :func:`gee_sm.pull.cube` or :func:`gee_sm.pull.stations` returned; lazy values are
        computed on the way.
    path : path-like
        ``.nc``, ``.zarr``, ``.csv`` or ``.parquet``. Tables have a row for each time and place,
        with the time first; they hold no attributes.
    progress : bool
        Whether to show a progress bar while lazy values are computed.

    Returns
    -------
    pathlib.Path
        The file. It appears under its name only when it is whole.

    Raises
    ------
    ValueError
        See :func:`check_output`.
    """
    target = check_output(path)
    dataset = about_as_coordinates(dataset)
    with TqdmCallback(desc=target.name, disable=not (progress and dataset.chunks)):
        if target.suffix == ".nc":
            with replacing(target) as temporary:
                _encoded(dataset).to_netcdf(temporary, encoding=_encoding(dataset))
        elif target.suffix == ".zarr":
            _write_zarr(dataset, target)
        else:
            table = _table(dataset)
            with replacing(target) as temporary:
                if target.suffix == ".csv":
                    table.to_csv(temporary, index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
                else:
                    table.to_parquet(temporary, index=False)
    return target


def about_as_coordinates(dataset: xr.Dataset) -> xr.Dataset:
    """Return a Dataset whose only data variables are bands.

    What tells of the bands (their status, and how many images they rest on) is then found by CF's
    rules, and a program that looks for the variable of a file finds one.
    """
    counts = {f"{name}{COUNT_SUFFIX}" for name in dataset.data_vars}
    others = [name for name in dataset.data_vars if name == "status" or name in counts]
    return dataset.set_coords(others)


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, array in dataset.variables.items():
        if array.ndim >= 2 and array.dtype.kind in "fiu":
            found[str(name)] = {"zlib": True, "complevel": 4}
        if array.dtype == np.float32:
            found.setdefault(str(name), {})["_FillValue"] = _FILL
        elif array.dtype.kind == "f":
            found.setdefault(str(name), {})["_FillValue"] = None
    return found


def _encoded(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset without what a source left in its encodings."""
    found = dataset.copy()
    for name in found.variables:
        if name not in ("time", "time_bnds"):
            found[name].encoding = {}
    return found


def _write_zarr(dataset: xr.Dataset, target: Path) -> None:
    """Write a store beside the target, and put it in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    try:
        fresh = folder / "new.zarr"
        _encoded(_evenly_chunked(dataset)).to_zarr(fresh, mode="w", consolidated=False)
        former = folder / "old.zarr"
        if target.exists():
            os.replace(target, former)
        try:
            os.replace(fresh, target)
        except OSError:
            if former.exists():
                os.replace(former, target)
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _evenly_chunked(dataset: xr.Dataset) -> xr.Dataset:
    """Return lazy values in blocks of one size, as Zarr stores them; a cube's end with the year."""
    for dim, sizes in dataset.unify_chunks().chunks.items():
        if len({*sizes[:-1]}) > 1 or sizes[-1] > sizes[0]:
            dataset = dataset.chunk({dim: max(sizes)})
    return dataset


def _is_zarr(folder: Path) -> bool:
    return folder.is_dir() and any(
        (folder / name).exists() for name in ("zarr.json", ".zgroup", ".zmetadata")
    )


def _table(dataset: xr.Dataset) -> pd.DataFrame:
    """Return one row for each time and place, the time in the first column."""
    dropped = [
        name
        for name, array in dataset.coords.items()
        if name == "spatial_ref" or set(_TABLE_LEAVES) & set(array.dims)
    ]
    flat = dataset.drop_vars(dropped)
    order = [dim for dim in ("time", "station", "y", "x") if dim in flat.dims]
    table = flat.compute().transpose(*order).to_dataframe(dim_order=order).reset_index()
    meanings = {int(code): code.name.lower() for code in PullStatus}
    table["status"] = table["status"].map(meanings)
    bands = [str(name) for name in flat.data_vars]
    lead = [*order, *bands, "status"]
    return table[[*lead, *(column for column in table.columns if column not in lead)]]
