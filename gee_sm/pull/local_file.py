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
from gee_sm.catalog.products import PRODUCTS, as_day
from gee_sm.pull.cf_dataset import add_places, add_time, variable_attributes
from gee_sm.pull.status import PullStatus, flag_attributes
from gee_sm.pull.time_axis import DAY_MS, TimeAxis, composite_axis, native_axis
from local_core.gridded import PointStatus, at_points, open_product
from local_core.gridded.coordinates import SPATIAL_REF, reference_system

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
        If composites other than days are asked for.
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
        If composites other than days are asked for.
    """
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
    if step not in (None, "day"):
        raise ValueError(
            f"file= gives the file's own time steps, or days; got the step {step!r}: leave it out, "
            "and resample"
        )
    return open_product(os.fspath(file), product, start=start, end=end, step=step, **options)


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
    step = taken.attrs.get("step")
    axis, times = _axis(taken["time"].values, product, step, start, end)
    found = taken.assign_coords(time=times).reindex(time=axis.starts).astype(np.float32)
    found = found.assign_coords(status=_status(found, np.isin(axis.starts, times), outside))
    found["status"].attrs = flag_attributes()
    entry = PRODUCTS.get(product)
    area = "" if outside is None else _area(taken)
    for name in found.data_vars:
        known = {}
        if entry is not None and name in entry.band_names:
            known = variable_attributes(entry, str(name), step=step, area=area)
        found[name].attrs = {**taken[name].attrs, **known, "ancillary_variables": "status"}
    if outside is None:
        for name in ("x", "y", SPATIAL_REF):
            found[name].attrs = taken[name].attrs
        found = add_places(found, reference_system(taken, "y", "x"))
    found = add_time(found, axis, entry, step=step)
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found.attrs = {
        "Conventions": "CF-1.11",
        "title": product if entry is None else entry.title,
        "product": product,
        "source": "files of the user",
        "quality": quality,
        "engine": "local files",
        "gee_sm_version": gee_sm.__version__,
        "history": f"{now} gee-sm {gee_sm.__version__}: {product} from {os.path.basename(file)}",
        "time_coverage_start": str(axis.starts[0])[:10],
        "time_coverage_end": str(axis.bounds[-1, 1])[:10],
        **({} if step is None else {"step": step}),
    }
    return found


def _axis(
    times: np.ndarray,
    product: str,
    step: str | None,
    start: str | dt.date | None,
    end: str | dt.date | None,
) -> tuple[TimeAxis, np.ndarray]:
    """Return the steps of a period, and on which of them some times are.

    Steps are those of the product, or of the composites; where the times are of neither, they are
    steps themselves, each up to the next.
    """
    times_ms = times.astype("datetime64[ms]").astype(np.int64)
    first = as_day(str(times[0])[:10] if start is None else start)
    last = as_day(str(times[-1])[:10]) + dt.timedelta(days=1) if end is None else as_day(end)
    axis = None
    if step is not None:
        axis = composite_axis(first, last, step)
    elif product in PRODUCTS:
        axis = native_axis(PRODUCTS[product], first, last, times_ms)
    if axis is not None:
        at = axis.steps_of(times_ms)
        if (at >= 0).all() and np.unique(at).size == at.size:
            return axis, axis.starts[at]
    length = times_ms[-1] - times_ms[-2] if times_ms.size > 1 else DAY_MS
    return TimeAxis(times_ms, np.append(times_ms[1:], times_ms[-1] + length)), times


def _status(found: xr.Dataset, has_image: np.ndarray, outside: np.ndarray | None) -> xr.DataArray:
    missing = [found[name].isnull() for name in found.data_vars]
    absent = sum(array.astype(np.int16) for array in missing)
    some = int(PullStatus.SOME_BANDS_MISSING)
    none = int(PullStatus.NO_VALID_VALUE)
    status = xr.where(absent == len(missing), none, xr.where(absent > 0, some, int(PullStatus.OK)))
    status = status.where(xr.DataArray(has_image, dims="time"), int(PullStatus.NO_IMAGE))
    if outside is not None:
        off = xr.DataArray(outside, dims="station")
        status = xr.where(off > 0, off, status)
    return status.astype(np.uint8)


def _area(taken: xr.Dataset) -> str:
    return "mean" if "footprint_diameter_m" in taken.attrs else "point"
