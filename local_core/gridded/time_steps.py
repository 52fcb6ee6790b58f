"""Times of files: cut to a period, brought to UTC days, and put together in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from local_core.gridded.coordinates import SPATIAL_REF
from local_core.gridded.product_files import shown
from local_core.gridded.products import LocalProduct, LocalProductError

ONE_DAY = np.timedelta64(1, "D")

_OVER_TIME = {"state": "time: mean", "total": "time: sum"}


def between(
    dataset: xr.Dataset, first: np.datetime64 | None, last: np.datetime64 | None
) -> xr.Dataset:
    """Return the times from `first` on and before `last`; None is no limit."""
    time = dataset["time"].values
    kept = np.ones(time.size, bool)
    if first is not None:
        kept &= time >= first
    if last is not None:
        kept &= time < last
    return dataset if kept.all() else dataset.isel(time=np.flatnonzero(kept))


def utc_days(found: xr.Dataset, entry: LocalProduct) -> xr.Dataset:
    """Bring a product to UTC days; days without any step stay away.

    Means and sums are of the values that are there; only where the product says how many steps a
    day has, a sum needs them all.
    """
    time = found["time"].values
    of_step = _day_of(time)
    days = np.unique(of_step)
    accumulating = [str(n) for n, a in found.data_vars.items() if _accumulates(a, entry)]
    if days.size == time.size and not accumulating and not entry.stamped_at_end:
        return found.assign_coords(time=days)
    step = _step(entry)
    parts = {}
    for name, array in found.data_vars.items():
        variable = entry.variable(str(name))
        if name in accumulating:
            # What fell since 00 UTC of a day is complete at 00 UTC of the next.
            midnight = array.isel(time=np.flatnonzero(time == of_step))
            reduced = midnight.assign_coords(time=midnight["time"].values - ONE_DAY)
            reduced = reduced.clip(min=0.0)
        else:
            day = _day_of(time - step) if variable.stamped_at_end else of_step
            grouped = array.assign_coords(time=day).groupby("time")
            least = int(ONE_DAY / step)
            reduced = grouped.sum(min_count=least) if variable.kind == "total" else grouped.mean()
        about = {**array.attrs, "cell_methods": _OVER_TIME[variable.kind]}
        parts[name] = reduced.reindex(time=days).assign_attrs(about)
        parts[name].encoding = array.encoding
    return xr.Dataset(parts).assign_coords(found[[SPATIAL_REF]].coords).transpose("time", "y", "x")


def with_step_bounds(found: xr.Dataset, entry: LocalProduct) -> xr.Dataset:
    """Say by the CF conventions that steps end at their times, and which values are of a moment.

    The bounds are those that NASA's files of GLDAS have.
    """
    time = found["time"].values
    bounds = np.stack([time - _step(entry), time], axis=1)
    found = found.assign_coords(time_bnds=(("time", "nv"), bounds))
    for name in found.data_vars:
        variable = entry.variable(str(name))
        found[name].attrs["cell_methods"] = (
            _OVER_TIME[variable.kind] if variable.stamped_at_end else "time: point"
        )
    return found


def _accumulates(array: xr.DataArray, entry: LocalProduct) -> bool:
    """Return whether values are what came since 00 UTC: not in our files, nor in daily sums."""
    own = array.attrs.get("stored_name", array.name) == array.name
    summed = "time: sum" in array.attrs.get("cell_methods", "")
    return entry.variable(str(array.name)).accumulates and not own and not summed


def _day_of(time: np.ndarray) -> np.ndarray:
    return time.astype("datetime64[D]").astype("datetime64[ns]")


def _step(entry: LocalProduct) -> np.timedelta64:
    return np.timedelta64(round(entry.period_days * 86_400), "s")


def joined(parts: list[xr.Dataset], files: Sequence[Path]) -> xr.Dataset:
    """Put files of different times together, in the order of time.

    Raises
    ------
    LocalProductError
        If their grids differ or a time is there twice.
    """
    first = parts[0]
    for part in parts[1:]:
        for axis in ("y", "x"):
            if not np.array_equal(part[axis].values, first[axis].values):
                raise LocalProductError(
                    f"{shown(files)}: {axis} differs between files ({first.sizes[axis]} from "
                    f"{first[axis].values[0]:g}, {part.sizes[axis]} from "
                    f"{part[axis].values[0]:g}); expected one grid"
                )
    if len(parts) > 1:
        first = xr.concat(
            parts,
            "time",
            data_vars="minimal",
            coords="minimal",
            compat="override",
            join="override",
            combine_attrs="override",
        )
    time = first["time"].values
    order = np.argsort(time, kind="stable")
    if not (np.diff(order) == 1).all():
        first = first.isel(time=order)
        time = first["time"].values
    twice = time[1:][np.diff(time) == np.timedelta64(0)]
    if twice.size:
        raise LocalProductError(
            f"{shown(files)}: {twice.size} times are there twice, the first "
            f"{np.datetime_as_string(twice[0], 'm')}; expected one file for each (versions of a "
            "product do not mix)"
        )
    return first


def checked_period(
    start: str | dt.date | None, end: str | dt.date | None
) -> tuple[np.datetime64 | None, np.datetime64 | None]:
    """Return the first day and the day after the last as times, or raise ValueError."""
    try:
        first = None if start is None else np.datetime64(pd.Timestamp(start), "ns")
        last = None if end is None else np.datetime64(pd.Timestamp(end), "ns")
    except ValueError as error:
        raise ValueError(f"days are written YYYY-MM-DD; got {start!r}, {end!r}") from error
    if first is not None and last is not None and not first < last:
        raise ValueError(f"a period must end after it starts; got {start} to {end}")
    return first, last
