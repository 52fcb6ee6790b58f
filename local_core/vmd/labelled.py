"""Decomposition of xarray objects, in memory or in dask chunks."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from local_core.status_flags import flag_attributes
from local_core.vmd.annual import ANNUAL_PERIOD_DAYS, annual_mode_found
from local_core.vmd.batch import decompose_array
from local_core.vmd.result import VmdStatus
from local_core.vmd.settings import Settings


def sampling_days(series: xr.DataArray) -> float:
    """Sampling interval of the dimension ``time`` in days.

    Returns
    -------
    float
        1.0 where ``time`` has no coordinate of dates.

    Raises
    ------
    ValueError
        If there is no dimension ``time`` or its dates are not equally spaced.
    """
    if "time" not in series.dims:
        raise ValueError(f"series has dimensions {series.dims}; one of them must be 'time'")
    if "time" not in series.coords or not np.issubdtype(series["time"].dtype, np.datetime64):
        return 1.0
    steps = np.diff(series["time"].values)
    if steps.size == 0:
        return 1.0
    if not (steps == steps[0]).all() or steps[0] <= np.timedelta64(0, "ns"):
        raise ValueError(
            f"time is not equally spaced (steps from {steps.min()} to {steps.max()}); bring the "
            "series to a regular axis first, e.g. series.resample(time='1D').mean(), and choose "
            "how gaps are filled"
        )
    return steps[0] / np.timedelta64(1, "D")


def decompose_labelled(series: xr.DataArray, settings: Settings) -> xr.Dataset:
    """Decompose a DataArray along ``time``; lazily where it is chunked.

    Parameters
    ----------
    series
        With a dimension ``time``. Chunks in time are joined; every other chunk is one task.
    settings
        What to do. With dask, each task runs on one thread.

    Returns
    -------
    xarray.Dataset
        ``modes (..., mode, time)``, ``center_periods (..., mode)``, ``converged``, ``n_iter``,
        ``residual (..., time)``, ``status`` and ``annual_mode_found``, with CF attributes.
    """
    if series.chunks is not None:
        series = series.chunk({"time": -1})
        settings = settings.with_threads(1)
    outputs = xr.apply_ufunc(
        _fields,
        series,
        kwargs={"settings": settings},
        input_core_dims=[["time"]],
        output_core_dims=[["mode", "time"], ["mode"], [], [], ["time"], []],
        dask="parallelized",
        output_dtypes=[settings.float_type, float, bool, np.int32, settings.float_type, np.int8],
        dask_gufunc_kwargs={"output_sizes": {"mode": settings.n_modes}},
        keep_attrs=False,
    )
    names = ("modes", "center_periods", "converged", "n_iter", "residual", "status")
    dataset = xr.Dataset(dict(zip(names, outputs)))
    dataset["annual_mode_found"] = xr.apply_ufunc(
        annual_mode_found,
        dataset["center_periods"],
        input_core_dims=[["mode"]],
        dask="parallelized",
        output_dtypes=[bool],
    )
    dataset = dataset.assign_coords(mode=np.arange(1, settings.n_modes + 1))
    _describe(dataset, series, settings)
    return dataset


def _fields(values: NDArray[np.generic], settings: Settings) -> tuple[NDArray[np.generic], ...]:
    """Decompose an array (..., time) and return the fields in the order of the Dataset."""
    result = decompose_array(values, settings)
    return (
        result.modes,
        result.center_periods,
        result.converged,
        result.n_iter,
        result.residual,
        result.status,
    )


def _describe(dataset: xr.Dataset, series: xr.DataArray, settings: Settings) -> None:
    """Write CF attributes: what each variable is, its unit, how it was made."""
    unit = {"units": series.attrs["units"]} if "units" in series.attrs else {}
    what = series.attrs.get("long_name", series.name or "series")
    problem = settings.problem
    dataset["mode"].attrs = {
        "long_name": "intrinsic mode function, 1 = highest centre frequency",
        "units": "1",
    }
    dataset["modes"].attrs = {"long_name": f"modes of {what}", **unit}
    dataset["residual"].attrs = {"long_name": f"{what} minus the sum of its modes", **unit}
    dataset["center_periods"].attrs = {
        "long_name": "period of the centre frequency of the mode",
        "units": "days",
    }
    dataset["converged"].attrs = {"long_name": "iteration met its tolerance"}
    dataset["annual_mode_found"].attrs = {
        "long_name": "second lowest mode has a period of {:.0f} to {:.0f} days".format(
            *ANNUAL_PERIOD_DAYS
        )
    }
    dataset["n_iter"].attrs = {"long_name": "passes made", "units": "1"}
    dataset["status"].attrs = flag_attributes(VmdStatus, "what became of the series")
    dataset.attrs = {
        "source": "variational mode decomposition (gee-sm, local_core.vmd)",
        "vmd_alpha": problem.alpha,
        "vmd_tau": problem.tau,
        "vmd_dc": int(problem.dc),
        "vmd_start_periods_days": [
            float(np.inf) if frequency == 0 else settings.dt_days / float(frequency)
            for frequency in problem.start
        ],
        "vmd_tol": problem.tol,
        "vmd_max_iter": problem.max_iter,
        "vmd_compat": int(problem.compat),
        "vmd_gaps": settings.gaps,
    }
