"""Reduce paired arrays along one axis (numpy) or dimension (xarray) with one kernel.

Every score is written once, as a kernel on ``(series, time)`` blocks. This module brings whatever
the caller has (1-D series, cubes, DataArrays, dask) into that form and back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from local_core.masked_values import unmasked

#: Values per block: keeps the temporaries of a kernel inside the processor's cache.
_BLOCK_VALUES = 131_072

PairKernel = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def reduce_pair(
    kernel: PairKernel,
    estimate: Any,
    reference: Any,
    *,
    n_outputs: int,
    axis: int = -1,
    dim: str | Sequence[str] | None = None,
) -> Any:
    """Apply ``kernel`` along one axis of two arrays.

    Parameters
    ----------
    kernel : callable
        Takes two ``(series, time)`` float arrays, returns ``(series, n_outputs)``.
    estimate, reference : array_like or xarray.DataArray
        Broadcast against each other. If one of them is a DataArray, the result is one.
    n_outputs : int
        Length of the new last axis (``"score"`` for xarray).
    axis : int
        Axis to reduce, for arrays.
    dim : str or sequence of str, optional
        Dimension(s) to reduce, for DataArrays. Default: ``"time"`` if there is one, otherwise the
        only dimension.

    Returns
    -------
    ndarray or xarray.DataArray
        The reduced shape with ``n_outputs`` as the last axis.

    Raises
    ------
    ValueError
        If shapes do not fit together, or the coordinates of the DataArrays differ.
    """
    if isinstance(estimate, xr.DataArray) or isinstance(reference, xr.DataArray):
        return _reduce_dataarrays(kernel, estimate, reference, n_outputs=n_outputs, dim=dim)
    if (
        isinstance(estimate, pd.Series)
        and isinstance(reference, pd.Series)
        and not estimate.index.equals(reference.index)
    ):
        raise ValueError(
            "estimate and reference are Series with different indices: collocate them first, for "
            "example with local_core.validation.collocate_time"
        )
    return _reduce_arrays(kernel, estimate, reference, n_outputs=n_outputs, axis=axis)


def _reduce_arrays(
    kernel: PairKernel, estimate: ArrayLike, reference: ArrayLike, *, n_outputs: int, axis: int = -1
) -> NDArray[np.float64]:
    x, y = unmasked(estimate), unmasked(reference)
    if x.ndim == 0 or y.ndim == 0:
        raise ValueError(
            f"estimate and reference must be series, got shapes {x.shape} and {y.shape}: "
            "pass arrays with at least one axis"
        )
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        raise ValueError(
            f"estimate has shape {x.shape}, reference has shape {y.shape}: the two must be paired "
            "value by value (collocate them first) or broadcast against each other"
        ) from None
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    lead, length = x.shape[:-1], x.shape[-1]
    n_series = int(np.prod(lead))
    out = np.empty((n_series, n_outputs))
    step = max(1, _BLOCK_VALUES // max(length, 1))
    for start in range(0, n_series, step):
        # Blocks are gathered one by one: reshaping a moved or broadcast array would copy all of it.
        flat = np.arange(start, min(start + step, n_series))
        rows = np.unravel_index(flat, lead) if lead else (None,)
        out[flat] = kernel(
            np.ascontiguousarray(x[rows], dtype=np.float64),
            np.ascontiguousarray(y[rows], dtype=np.float64),
        )
    return out.reshape(*lead, n_outputs)


def _reduce_dataarrays(
    kernel: PairKernel,
    estimate: Any,
    reference: Any,
    *,
    n_outputs: int,
    dim: str | Sequence[str] | None,
) -> xr.DataArray:
    x, y = _as_dataarrays(estimate, reference)
    dims = _core_dims(x, y, dim)
    if len(dims) > 1:
        x, y = xr.broadcast(x, y)
        x, y = x.stack(_pair=dims), y.stack(_pair=dims)
        core = "_pair"
    else:
        core = dims[0]
    x, y = _whole_along(x, core), _whole_along(y, core)
    try:
        return xr.apply_ufunc(
            lambda a, b: _reduce_arrays(kernel, a, b, n_outputs=n_outputs),
            x,
            y,
            input_core_dims=[[core], [core]],
            output_core_dims=[["score"]],
            join="exact",
            dask="parallelized",
            output_dtypes=[np.float64],
            dask_gufunc_kwargs={"output_sizes": {"score": n_outputs}},
        )
    except xr.AlignmentError as error:
        raise ValueError(
            f"estimate and reference do not have the same coordinates ({error}): collocate them "
            "first, for example with local_core.validation.collocate_time"
        ) from None


def _as_dataarrays(estimate: Any, reference: Any) -> tuple[xr.DataArray, xr.DataArray]:
    """Give a bare array the labels of its labelled partner, if it has the same shape."""
    if not isinstance(estimate, xr.DataArray):
        return _like(estimate, reference, "estimate"), reference
    if not isinstance(reference, xr.DataArray):
        return estimate, _like(reference, estimate, "reference")
    return estimate, reference


def _like(values: ArrayLike, template: xr.DataArray, name: str) -> xr.DataArray:
    array = unmasked(values)
    if array.shape != template.shape:
        raise ValueError(
            f"{name} is a bare array of shape {array.shape} beside a DataArray of shape "
            f"{template.shape}: pass two DataArrays, or two arrays"
        )
    return template.copy(data=array)


def _core_dims(x: xr.DataArray, y: xr.DataArray, dim: str | Sequence[str] | None) -> list[str]:
    if dim is None:
        if "time" in x.dims and "time" in y.dims:
            return ["time"]
        if x.dims == y.dims and x.ndim == 1:
            return [str(x.dims[0])]
        raise ValueError(
            f"which dimension to score over is not clear (estimate has {x.dims}, reference has "
            f"{y.dims}): pass dim="
        )
    dims = [dim] if isinstance(dim, str) else list(dim)
    for name in dims:
        if name not in x.dims and name not in y.dims:
            raise ValueError(f"dim {name!r} is in neither estimate {x.dims} nor reference {y.dims}")
    if len(dims) == 1 and not (dims[0] in x.dims and dims[0] in y.dims):
        raise ValueError(
            f"dim {dims[0]!r} must be in both arrays, got estimate {x.dims}, reference {y.dims}"
        )
    return dims


def _whole_along(array: xr.DataArray, core: str) -> xr.DataArray:
    """Rechunk dask arrays so that every block holds the whole core dimension."""
    return array.chunk({core: -1}) if array.chunks is not None else array
