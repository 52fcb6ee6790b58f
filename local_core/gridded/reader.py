"""Open the user's own files of a product in the catalog's names and units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from local_core.gridded.coordinates import (
    clean_values,
    reference_system,
    standard_axes,
    with_reference_system,
)
from local_core.gridded.product_files import files_of, open_file, shown, time_of, utc_times
from local_core.gridded.products import (
    PRODUCTS,
    LocalProduct,
    LocalProductError,
    LocalVariable,
    local_product,
)
from local_core.gridded.quality import Quality, checked_quality
from local_core.gridded.region_cut import Region, checked_region, within
from local_core.gridded.smap_granule import with_daily_mean
from local_core.gridded.time_steps import (
    ONE_DAY,
    between,
    checked_period,
    joined,
    utc_days,
    with_step_bounds,
)
from local_core.gridded.units import UnitError, conversion, is_saturation


def open_product(
    path: str | Path | Sequence[str | Path],
    product: str,
    *,
    bands: Sequence[str] | None = None,
    region: Region | None = None,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    quality: str = "good",
    step: str | None = None,
) -> xr.Dataset:
    """Open files of a product lazily, in the names and units that Earth Engine's products have.

    Parameters
    ----------
    path : path or sequence of paths
        A NetCDF file, a Zarr store, a folder of NetCDF files, a pattern such as
        ``"cci/*.nc"`` (one file a day, say), or a list of files.
    product : str
        Short name, such as ``"esa_cci_sm"``; for files of ``gee-sm pull`` the name they were
        pulled by.
    bands : sequence of str, optional
        Our names of the variables wanted; by default all that the files hold.
    region : tuple of float, optional
        West, south, east, north in degrees: pixels that touch it are kept.
    start, end : str or date, optional
        First day and the day after the last one, UTC.
    quality : {"good", "usable", "none"}
        Strictness of the product's flags.
    step : {"day"}, optional
        UTC days of 3-hourly GLDAS: means, and the sum of what fell from 00 to 24 UTC, which is
        missing unless all eight steps are there. By default the files' own steps.

    Returns
    -------
    xarray.Dataset (time, y, x)
        Dask-backed float variables with ``units``; time in UTC; y descending, x ascending,
        longitudes from -180 to 180; the reference system as ``spatial_ref``. Steps within a day
        of daily products are averaged to UTC days (totals summed). GLDAS in its own steps has
        ``time_bnds`` and ``cell_methods``: rain is of the three hours before its time, states are
        of the moment. The attribute ``step`` says how long composites are: days that were asked
        for, and files of ``gee-sm pull`` that hold some.

    Raises
    ------
    LocalProductError
        If the product is unknown, nothing is found, or a file does not hold what it should; the
        message says what was found and what was expected.
    ValueError
        If the region, the period, the strictness or the step cannot be.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> time = pd.date_range("2020-07-01", periods=2)
    >>> sm = xr.DataArray(
    ...     [[[20.0, 30.0], [25.0, 15.0]]] * 2,
    ...     coords={"time": time, "lat": [33.0, 33.25], "lon": [91.0, 91.25]},
    ...     dims=("time", "lat", "lon"), name="soil_moisture_c1", attrs={"units": "percent"},
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sm.to_netcdf(f"{folder}/lprm.nc")
    ...     found = open_product(f"{folder}/lprm.nc", "amsr2").load()
    >>> found["soil_moisture"].sel(y=33.0).values[0].tolist()
    [0.2, 0.3]
    """
    strictness = checked_quality(quality)
    if step not in (None, "day"):
        raise ValueError(f"step {step!r} is unknown; use 'day', or leave it out and resample")
    files = files_of(path)
    first, last = checked_period(start, end)
    box = checked_region(region)
    # A day's total may be written at the first moment of the next.
    reach = None if last is None else last + ONE_DAY
    entry, parts = None, []
    for file in files:
        entry, part = _one_file(file, product, bands, box, strictness, (first, reach))
        if part.sizes["time"]:
            parts.append(part)
    found = joined(parts, files) if parts else None
    if found is not None:
        found = _in_steps(found, entry, step, shown(files))
        found = between(found, first, last)
    if found is None or not found.sizes["time"]:
        raise LocalProductError(
            f"{shown(files)}: no time from {start or 'the first'} to {end or 'the last'} (end "
            "exclusive); widen the period or give other files"
        )
    found["time"].attrs = {"standard_name": "time", "axis": "T"}
    if "time_bnds" in found.coords:
        found["time"].attrs["bounds"] = "time_bnds"
        for name in ("time", "time_bnds"):
            # CF wants one unit for both, and xarray takes one for each unless it is told.
            found[name].encoding = {"units": "minutes since 1970-01-01", "dtype": "int64"}
    found.attrs = {name: found.attrs[name] for name in ("step",) if name in found.attrs}
    return found.assign_attrs(Conventions="CF-1.8", product=product)


def _in_steps(found: xr.Dataset, entry: LocalProduct, step: str | None, where: str) -> xr.Dataset:
    """Bring values to the days that a product has or that are wanted."""
    composites = found.attrs.get("step")
    if step is not None and (composites not in (None, step) or not entry.period_days):
        raise LocalProductError(
            f"{where}: {entry.name} is there in steps of {composites or 'its own'}; expected a "
            "product of days or hours: leave step out, and resample"
        )
    if entry.period_days == 1.0:
        return utc_days(found, entry)
    if composites is not None:
        return found
    if step is not None:
        return utc_days(found, entry).assign_attrs(step=step)
    return with_step_bounds(found, entry) if entry.stamped_at_end else found


def _one_file(
    file: Path,
    product: str,
    bands: Sequence[str] | None,
    box: Region | None,
    quality: Quality,
    period: tuple[np.datetime64 | None, np.datetime64 | None],
) -> tuple[LocalProduct, xr.Dataset]:
    """Open one file in our form, with its own times."""
    raw = open_file(file)
    where = str(file)
    entry = _entry(product, raw, where)
    axes = standard_axes(raw, where)
    crs = reference_system(raw, axes["y"], axes["x"], where)
    raw = _on_standard_axes(raw, axes, file)
    chosen = _stored_variables(entry, raw, bands, where)
    flags = _flag_names(entry, raw, chosen, quality, where)
    keep = [*chosen.values(), *flags]
    cut = between(within(raw[keep], crs, box, where), *period)
    sizes = cut.attrs["pixel_sizes"]
    cut = cut.drop_vars([name for name in cut.coords if name not in ("time", "y", "x")])
    cut = cut if cut.chunks else cut.chunk("auto")
    found = xr.Dataset(attrs={name: raw.attrs[name] for name in ("step",) if name in raw.attrs})
    for name, stored in chosen.items():
        found[name] = _physical(cut[stored], entry, entry.variable(name), where)
    for rule in entry.flags:
        for name in found.data_vars:
            if rule.flag in flags and rule.applies(str(name), quality):
                found[name] = found[name].where(rule.accepts(cut[rule.flag]))
    if _is_derived(entry, chosen, bands):
        found = with_daily_mean(found)
    found = found[[name for name in entry.names if name in found and _wanted(name, bands)]]
    return entry, with_reference_system(found.transpose("time", "y", "x"), crs, sizes)


def _is_derived(
    entry: LocalProduct, chosen: Mapping[str, str], bands: Sequence[str] | None
) -> bool:
    """Return whether SMAP's mean of both overpasses is wanted and not in the file."""
    return (
        entry.name == "smap"
        and _wanted("soil_moisture", bands)
        and "soil_moisture" not in chosen
        and {"soil_moisture_am", "soil_moisture_pm"} <= set(chosen)
    )


def _entry(product: str, raw: xr.Dataset, where: str) -> LocalProduct:
    """Return the product's description, or that of a file that brings its own."""
    if product in PRODUCTS:
        return PRODUCTS[product]
    written_as = raw.attrs.get("product")
    if written_as is None:
        return local_product(product)  # raises, naming the closest
    if written_as != product:
        raise LocalProductError(f"{where}: holds the product {written_as!r}, not {product!r}")
    variables = []
    for name, array in raw.data_vars.items():
        if array.ndim < 2 or "units" not in array.attrs:
            continue
        variables.append(LocalVariable(str(name), str(array.attrs["units"])))
    return LocalProduct(product, product, tuple(variables), period_days=0.0)


def _on_standard_axes(raw: xr.Dataset, axes: Mapping[str, str], file: Path) -> xr.Dataset:
    """Rename to time, y, x; give a file of one time its time; drop axes of length one."""
    raw = raw.rename({old: new for new, old in axes.items() if old != new})
    # A coordinate may be named unlike its dimension.
    for axis in ("time", "y", "x"):
        if axis in raw.coords and raw[axis].ndim == 1 and raw[axis].dims != (axis,):
            raw = raw.swap_dims({raw[axis].dims[0]: axis})
    if "time" not in raw.coords or not raw["time"].ndim:
        time = raw["time"].values if "time" in raw.coords else time_of(raw, file)
        raw = raw.drop_vars("time", errors="ignore").expand_dims(time=np.atleast_1d(time))
    raw = raw.assign_coords(time=utc_times(raw, str(file)))
    for axis in ("y", "x"):
        raw = raw.assign_coords({axis: (axis, clean_values(raw[axis]), raw[axis].attrs)})
    further = [str(d) for d in raw.dims if d not in ("time", "y", "x") and raw.sizes[d] == 1]
    return raw.squeeze(further, drop=True)


def _wanted(name: str, bands: Sequence[str] | None) -> bool:
    return bands is None or name in bands


def _stored_variables(
    entry: LocalProduct, raw: xr.Dataset, bands: Sequence[str] | None, where: str
) -> dict[str, str]:
    """Return our names of the variables to read, and what the file calls them."""
    for band in bands or ():
        entry.variable(band)
    found: dict[str, str] = {}
    for variable in entry.variables:
        for stored in (variable.name, *variable.stored):
            if stored in raw.data_vars:
                found[variable.name] = stored
                break
    needed = list(entry.names if bands is None else bands)
    if entry.name == "smap" and "soil_moisture" in needed and "soil_moisture" not in found:
        needed += ["soil_moisture_am", "soil_moisture_pm"]
    chosen = {name: stored for name, stored in found.items() if name in needed}
    derived = {"soil_moisture"} if {"soil_moisture_am", "soil_moisture_pm"} <= set(found) else set()
    absent = [name for name in bands or () if name not in {*found, *derived}]
    if absent or not chosen:
        expected = "; ".join(
            f"{name} (as {' or '.join((*entry.variable(name).stored, name))})"
            for name in absent or entry.names
        )
        raise LocalProductError(
            f"{where}: has the variables {', '.join(map(str, raw.data_vars)) or 'none'}; expected "
            f"{expected}"
        )
    for name, stored in chosen.items():
        lacking = {"y", "x"} - set(raw[stored].dims)
        further = set(raw[stored].dims) - {"time", "y", "x"}
        if lacking or further:
            sizes = ", ".join(f"{d} ({raw.sizes[d]})" for d in raw[stored].dims)
            raise LocalProductError(
                f"{where}: {stored!r} ({name}) has the dimensions {sizes}; expected time, y and x"
                + ("; select one of the further ones first" if further else "")
            )
    return chosen


def _flag_names(
    entry: LocalProduct, raw: xr.Dataset, chosen: dict[str, str], quality: Quality, where: str
) -> list[str]:
    """Return the flags to read; a provider's file must have them, ours has been screened."""
    found = []
    for rule in entry.flags:
        ruled = [name for name in chosen if rule.applies(name, quality)]
        if not ruled:
            continue
        if rule.flag in raw.data_vars:
            found.append(rule.flag)
        elif any(chosen[name] != name for name in ruled):
            raise LocalProductError(
                f"{where}: has no flag {rule.flag!r}, which says whether {', '.join(ruled)} are "
                "good; give the whole file, or quality='none' to take every value"
            )
    return list(dict.fromkeys(found))


def _physical(
    array: xr.DataArray, entry: LocalProduct, variable: LocalVariable, where: str
) -> xr.DataArray:
    """Return a variable in our unit, values out of range missing."""
    stated = str(array.attrs.get("units", array.attrs.get("unit", "")))
    stated = stated or variable.stored_unit
    if variable.unit == "m3 m-3" and is_saturation(array):
        raise LocalProductError(
            f"{where}: {array.name!r} is a share of saturation "
            f"({array.attrs.get('long_name', stated)}); expected volumes, m3 m-3: use the passive "
            "or combined product, or multiply by the porosity of the soil"
        )
    if not stated:
        raise LocalProductError(
            f"{where}: {array.name!r} states no units; expected {variable.unit} or what becomes it"
        )
    try:
        factor, offset = conversion(
            stated,
            variable.unit,
            layer_cm=variable.layer_cm,
            period_days=entry.period_days or 1.0,
        )
    except UnitError as error:
        raise LocalProductError(f"{where}: {array.name!r} is in {error}") from error
    found = array if array.dtype.kind == "f" else array.astype(np.float32)
    if factor != 1.0:
        found = found * np.asarray(factor, found.dtype)
    if offset != 0.0:
        found = found + np.asarray(offset, found.dtype)
    if variable.valid_range is not None:
        low, high = variable.valid_range
        found = found.where((found >= low) & (found <= high))
    attributes = {"units": variable.unit, "stored_name": str(array.name)}
    for name in ("long_name", "cell_methods"):
        if name in array.attrs:
            attributes[name] = str(array.attrs[name])
    found.attrs = attributes
    return found
