"""Read collocated products from NetCDF and CSV files, and write results."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.dask import TqdmCallback

from local_core.atomic_write import replacing

__all__ = ["read_products", "write_result"]

_TABLES = (".csv", ".txt")
# Larger variables are read piece by piece, whole series at a time.
_LARGE_BYTES = 256 * 1024**2
_PIECE_BYTES = 32 * 1024**2


def read_products(
    paths: Sequence[str | Path],
    *,
    variables: Sequence[str] = (),
    columns: Sequence[str] = (),
    missing: Sequence[float] = (),
    dim: str = "time",
) -> dict[str, xr.DataArray]:
    """Read products, one per NetCDF file or one per column of a table.

    Parameters
    ----------
    paths : sequence of path
        NetCDF files with dimensions (time), (time, y, x) or (station, time) in any order and under
        any name but that of time; or CSV tables with dates in the first column (UTC
        unless they carry a zone).
    variables : sequence of str, optional
        For NetCDF: one variable for all files, one for each file, or several of a single file. By
        default the only variable that has a time dimension.
    columns : sequence of str, optional
        For tables: the columns to take, in this order; by default all numeric ones.
    missing : sequence of float, optional
        Values that stand for a gap in tables, besides empty cells.
    dim : str, default "time"

    Returns
    -------
    dict of str to xarray.DataArray
        Name (of the file, the variable or the column) to product. Variables above 256 MB are
        dask-backed.

    Raises
    ------
    ValueError
        If a variable or column is not there or is ambiguous, or dates cannot be read.
    """
    paths = [Path(path) for path in paths]
    if not paths:
        raise ValueError("no product files were given")
    tables = [path.suffix.lower() in _TABLES for path in paths]
    if any(tables) and not all(tables):
        raise ValueError(
            "products come from NetCDF files or from tables, not from both, "
            f"got {[str(path) for path in paths]}"
        )
    if all(tables):
        if variables:
            raise ValueError("--variable is for NetCDF files; name columns of a table instead")
        return _read_tables(paths, columns, missing)
    if columns:
        raise ValueError("columns are for tables; name a NetCDF variable instead")
    if len(paths) == 1 and len(variables) > 1:
        pairs = [(paths[0], variable) for variable in variables]
    elif len(variables) in (0, 1):
        pairs = [(path, variables[0] if variables else None) for path in paths]
    elif len(variables) == len(paths):
        pairs = list(zip(paths, variables))
    else:
        raise ValueError(
            f"give one variable for all files or one for each: {len(paths)} files, "
            f"variables {list(variables)}"
        )
    stems = [path.stem for path, _ in pairs]
    products: dict[str, xr.DataArray] = {}
    for path, variable in pairs:
        array = _read_variable(path, variable, dim)
        name = path.stem if len(set(stems)) == len(stems) else str(array.name)
        if name in products:
            raise ValueError(f"two products are called {name!r}: rename a file or a variable")
        products[name] = array.rename(name)
    return products


def write_result(dataset: xr.Dataset, path: str | Path, *, progress: bool = False) -> Path:
    """Write a result to NetCDF, under its name only when it is complete.

    Parameters
    ----------
    dataset : xarray.Dataset
        Lazy results are computed on the way, piece by piece. Fields are stored as float32.
    path : path
    progress : bool, default False
        Show a progress bar while lazy results are computed.

    Returns
    -------
    Path
    """
    encoding = {}
    for name, array in dataset.data_vars.items():
        if array.ndim and array.dtype.kind in "fiu":
            encoding[name] = {"zlib": True, "complevel": 4}
            if array.dtype == np.float64:
                encoding[name]["dtype"] = "float32"
    with replacing(path) as temporary:
        lazy = any(array.chunks is not None for array in dataset.data_vars.values())
        if lazy:
            with TqdmCallback(desc="computing", disable=not progress):
                dataset.to_netcdf(temporary, encoding=encoding)
        else:
            dataset.to_netcdf(temporary, encoding=encoding)
    return Path(path)


def _read_variable(path: Path, variable: str | None, dim: str) -> xr.DataArray:
    """One variable of a NetCDF file, lazy where it is large."""
    try:
        dataset = xr.open_dataset(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as NetCDF: {error}") from error
    candidates = [str(name) for name, array in dataset.data_vars.items() if dim in array.dims]
    if variable is None:
        if len(candidates) != 1:
            raise ValueError(
                f"{path} has {len(candidates)} variables over {dim!r} ({', '.join(candidates)}): "
                "name the one to use"
            )
        variable = candidates[0]
    if variable not in dataset.data_vars:
        raise ValueError(f"{path} has no variable {variable!r}; it has {', '.join(candidates)}")
    array = dataset[variable]
    if dim not in array.dims:
        raise ValueError(f"{variable!r} of {path} has dimensions {array.dims}, not {dim!r}")
    array = array.drop_vars(
        [name for name in array.coords if name != dim and dim in array.coords[name].dims]
    )
    if array.nbytes <= _LARGE_BYTES:
        with dataset:
            return array.load()
    first_grid_dim = next(d for d in array.dims if d != dim)
    bytes_per_row = array.nbytes / array.sizes[first_grid_dim]
    rows = max(1, int(_PIECE_BYTES / bytes_per_row))
    return array.chunk({dim: -1, first_grid_dim: rows})


def _read_tables(
    paths: Sequence[Path], columns: Sequence[str], missing: Sequence[float]
) -> dict[str, xr.DataArray]:
    """Columns of tables as series."""
    products: dict[str, xr.DataArray] = {}
    for path in paths:
        try:
            table = pd.read_csv(path, index_col=0, na_values=[str(value) for value in missing])
        except ValueError as error:
            raise ValueError(f"{path} cannot be read as a table: {error}") from error
        if table.empty:
            raise ValueError(f"{path} holds no values; expected dates and a column per product")
        try:
            with warnings.catch_warnings():
                # Dates of no common form are read one by one; what is none is said below.
                warnings.simplefilter("ignore", UserWarning)
                dates = pd.to_datetime(table.index, utc=True).tz_localize(None).to_numpy()
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"the first column of {path} must hold dates, got {table.index[:3].tolist()}"
            ) from error
        if table.index.dtype.kind in "iuf":
            raise ValueError(
                f"the first column of {path} must hold dates such as 2016-01-31, "
                f"got the numbers {table.index[:3].tolist()}"
            )
        wanted = [c for c in columns if c in table] if columns else list(table.columns)
        for column in wanted:
            values = pd.to_numeric(table[column], errors="coerce")
            words = table[column][values.isna() & table[column].notna()]
            # A column of words alone is none of the products, unless it was asked for.
            if len(words) and (columns or values.notna().any()):
                raise ValueError(
                    f"column {column!r} of {path} holds {words.iloc[0]!r}; expected numbers, and "
                    "empty cells for gaps"
                )
            values = values.replace([float(value) for value in missing], np.nan)
            if values.notna().any() or columns:
                if column in products:
                    raise ValueError(f"two columns are called {column!r}")
                products[str(column)] = xr.DataArray(
                    values.to_numpy(dtype=np.float64),
                    dims="time",
                    coords={"time": dates},
                    name=str(column),
                )
    absent = [column for column in columns if column not in products]
    if absent:
        raise ValueError(f"no column {absent} in {list(map(str, paths))}")
    return {column: products[column] for column in columns} if columns else products
