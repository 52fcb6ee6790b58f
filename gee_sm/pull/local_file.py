"""The user's own files in the place of Earth Engine, in the form of a pull."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import gee_sm
from gee_sm.catalog.products import as_day
from gee_sm.pull.cf_dataset import add_time
from gee_sm.pull.status import PullStatus, flag_attributes
from gee_sm.pull.time_axis import DAY_MS, TimeAxis

__all__ = ["cube_of_file", "stations_of_file"]


def cube_of_file(
    file: str | os.PathLike[str],
    product: str,
    region: Sequence[float],
    start: str | dt.date | None,
    end: str | dt.date | None,
    *,
    bands: Sequence[str] | None,
    quality: str,
    step: str | None,
) -> xr.Dataset:
    """Return the user's files as :func:`gee_sm.pull.cube` returns a product.

    Raises
    ------
    LocalProductError
        If the files are not what they are said to be.
    ValueError
        If composites are asked for.
    """
    opened = _opened(
        file, product, start, end, bands=bands, quality=quality, step=step, region=tuple(region)
    )
    return _in_form(opened, file, product, start, end, quality, outside=None)


def stations_of_file(
    file: str | os.PathLike[str],
    product: str,
    places: pd.DataFrame,
    start: str | dt.date | None,
    end: str | dt.date | None,
    *,
    bands: Sequence[str] | None,
    quality: str,
    step: str | None,
    how: str,
    footprint_m: float | None,
) -> xr.Dataset:
    """Return the user's files as :func:`gee_sm.pull.stations` returns a product.

    Raises
    ------
    LocalProductError
        If the files are not what they are said to be.
    ValueError
        If composites are asked for.
    """
    from local_core.gridded import PointStatus, at_points

    opened = _opened(file, product, start, end, bands=bands, quality=quality, step=step)
    taken = at_points(opened, places.reset_index(), how, diameter_m=footprint_m)
    where = taken["point_status"].values
    outside = np.zeros(where.shape, dtype=np.uint8)
    outside[where == PointStatus.OUTSIDE_GRID] = PullStatus.OUTSIDE_COVERAGE
    outside[where == PointStatus.NO_COORDINATES] = PullStatus.NO_COORDINATES
    known = {
        name: ("station", places[name].to_numpy())
        for name in places.columns.difference(["longitude", "latitude"])
    }
    taken = taken.drop_vars("point_status").assign_coords(known)
    found = _in_form(taken, file, product, start, end, quality, outside=outside)
    return found.transpose("station", "time", ...)


def _opened(
    file: str | os.PathLike[str],
    product: str,
    start: str | dt.date | None,
    end: str | dt.date | None,
    *,
    step: str | None,
    **options: Any,
) -> xr.Dataset:
    from local_core.gridded import open_product

    if step is not None:
        raise ValueError("file= gives the file's own time steps: leave step out, and resample")
    return open_product(os.fspath(file), product, start=start, end=end, **options)


def _in_form(
    taken: xr.Dataset,
    file: str | os.PathLike[str],
    product: str,
    start: str | dt.date | None,
    end: str | dt.date | None,
    quality: str,
    *,
    outside: np.ndarray | None,
) -> xr.Dataset:
    """Put every step on the time axis, and say of each value why it is there or not."""
    from local_core.gridded import local_product

    length_ms = round(local_product(product).period_days * DAY_MS)
    times = taken["time"].values.astype("datetime64[ms]").astype(np.int64)
    first = times[0] if start is None else _ms(start)
    last = times[-1] + length_ms if end is None else _ms(end)
    starts = np.arange(first, last, length_ms, dtype=np.int64)
    axis = TimeAxis(starts, starts + length_ms)
    has_image = np.isin(starts, times)
    found = taken.reindex(time=axis.starts).astype(np.float32)
    missing = [found[name].isnull() for name in found.data_vars]
    absent = sum(array.astype(np.int16) for array in missing)
    some = int(PullStatus.SOME_BANDS_MISSING)
    none = int(PullStatus.NO_VALID_VALUE)
    status = xr.where(absent == len(missing), none, xr.where(absent > 0, some, int(PullStatus.OK)))
    status = status.where(xr.DataArray(has_image, dims="time"), int(PullStatus.NO_IMAGE))
    if outside is not None:
        off = xr.DataArray(outside, dims="station")
        status = xr.where(off > 0, off, status)
    found = found.assign_coords(status=status.astype(np.uint8))
    found["status"].attrs = flag_attributes()
    for name in found.data_vars:
        found[name].attrs = {**taken[name].attrs, "ancillary_variables": "status"}
    found = add_time(found, axis)
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found.attrs = {
        "Conventions": "CF-1.11",
        "title": local_product(product).title,
        "product": product,
        "source": "files of the user",
        "quality": quality,
        "engine": "local files",
        "gee_sm_version": gee_sm.__version__,
        "history": f"{now} gee-sm {gee_sm.__version__}: {product} from {os.path.basename(file)}",
    }
    return found


def _ms(day: str | dt.date) -> int:
    return int(np.datetime64(as_day(day), "ms").astype(np.int64))
