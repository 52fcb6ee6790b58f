"""Variational mode decomposition of any number of series: the entry point."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, DTypeLike

from local_core.masked_values import unmasked
from local_core.vmd.annual import warn_if_not_annual
from local_core.vmd.batch import decompose_array
from local_core.vmd.gaps import GapPolicy
from local_core.vmd.labelled import decompose_labelled, sampling_days
from local_core.vmd.result import VmdResult, varies
from local_core.vmd.settings import Backend, Settings
from local_core.vmd.starts import Start


def decompose(
    series: ArrayLike | xr.DataArray,
    *,
    n_modes: int = 5,
    alpha: float | None = None,
    tau: float = 0.0,
    dc: bool = True,
    init: Start = "annual",
    tol: float = 1e-7,
    max_iter: int | None = None,
    compat: bool = False,
    accelerate: bool = True,
    backend: Backend = "auto",
    dtype: DTypeLike = np.float64,
    gaps: GapPolicy = "raise",
    min_valid_fraction: float = 0.5,
    dt_days: float | None = None,
    n_threads: int | None = None,
) -> VmdResult | xr.Dataset:
    """Decompose series into modes of narrow bandwidth, highest frequency first.

    The defaults part the annual cycle from the trend (:data:`local_core.vmd.ANNUAL_TREND`, argued
    in docs/vmd-defaults.md); the settings of the reference codes are
    :data:`local_core.vmd.LITERATURE`.

    Parameters
    ----------
    series
        Array of shape (..., time), or a DataArray with a dimension ``time``. Any unit.
    n_modes
        Number of modes K.
    alpha
        Penalty on bandwidth, in samples squared: a mode's filter has half its gain
        ``1 / sqrt(alpha)`` cycles a sample off its centre. By default that is one cycle a year
        (133,408 for daily series).
    tau
        Step of the multiplier that enforces the sum of the modes; 0 lets noise remain.
    dc
        Hold the lowest mode at zero frequency. The result is then the same but for the lowest mode
        when a constant is added to the series.
    init
        Start of the centre frequencies: ``"annual"`` (trend, year, octaves above the year),
        ``"zero"``, ``"uniform"``, or K periods in days.
    tol
        Stop when the modes change by less than this share of the energy of the series about its
        mean in one pass. With ``compat``: vmdpy's absolute change, which depends on the unit.
    max_iter
        Cap on the passes; by default 5000 (500 with ``compat``, which makes 499 as vmdpy does).
    compat
        Equal vmdpy to rounding: its stop rule and count, its last but one iterate, its Nyquist
        bin.
    accelerate
        Finish by descent in the centre frequencies (see :mod:`local_core.vmd.newton`): the fixed
        point of the plain passes, reached to rounding and in fewer of them. Not used with
        ``compat`` or a multiplier.
    backend
        ``"auto"`` takes numba where it is installed and numpy elsewhere; ``"vmdpy"`` calls the
        package vmdpy series by series.
    dtype
        float64 or float32.
    gaps
        ``"raise"`` refuses missing samples, ``"interpolate"`` and ``"harmonic"`` fill them for the
        decomposition (see :func:`local_core.vmd.gaps.fill_gaps`); what was filled is NaN in the
        result. Series without a valid sample never raise: they get a status.
    min_valid_fraction
        Series with a smaller share of valid samples are not decomposed, and get a status.
    dt_days
        Sampling interval in days; by default 1 for arrays, and read from the time coordinate of a
        DataArray.
    n_threads
        Threads over series; by default all cores this process may use. Chunked DataArrays use the
        threads of dask instead.

    Returns
    -------
    VmdResult or xarray.Dataset
        A :class:`VmdResult` for an array; for a DataArray a Dataset with variables of the same
        names and a new dimension ``mode`` (1 = highest frequency, the paper's IMF1).

    Raises
    ------
    ValueError
        If an argument is out of its range, the series is too short, holds infinite values, or has
        gaps that ``gaps="raise"`` refuses.
    ImportError
        If the backend asked for is not installed.

    Warns
    -----
    ModePeriodWarning
        If ``init="annual"`` and the second lowest mode of a series does not have a period of 300 to
        430 days. Lazy results carry the flag ``annual_mode_found`` instead.

    Notes
    -----
    Dragomiretskiy and Zosso (2014); used on the difference of in-situ and reanalysis soil moisture
    by Chang et al. (2022), section III-A, eqs. 1-2.

    Examples
    --------
    >>> import numpy as np
    >>> days = np.arange(3650)
    >>> annual = 0.05 * np.sin(2 * np.pi * days / 365)
    >>> trend = 0.1 + 1e-5 * days
    >>> result = decompose(trend + annual, n_modes=3)
    >>> result.modes.shape
    (3, 3650)
    >>> bool(result.annual_mode_found)
    True
    """
    labelled = isinstance(series, xr.DataArray)
    if dt_days is None:
        dt_days = sampling_days(series) if labelled else 1.0
    settings = Settings(
        n_modes=n_modes,
        alpha=alpha,
        tau=tau,
        dc=dc,
        init=init,
        tol=tol,
        max_iter=max_iter,
        compat=compat,
        accelerate=accelerate,
        backend=backend,
        dtype=dtype,
        gaps=gaps,
        min_valid_fraction=min_valid_fraction,
        dt_days=dt_days,
        n_threads=n_threads,
    )
    if labelled:
        dataset = decompose_labelled(series, settings)
        if settings.names_annual_mode and series.chunks is None:
            warn_if_not_annual(dataset["center_periods"].values, varies(dataset["status"].values))
        return dataset
    values = unmasked(series)
    if values.ndim == 0:
        raise ValueError("series is a single number; expected an array of shape (..., time)")
    result = decompose_array(values, settings)
    if settings.names_annual_mode:
        warn_if_not_annual(result.center_periods, varies(result.status))
    return result
