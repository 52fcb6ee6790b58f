"""Differences between an estimate and a reference: bias, MAE, RMSE, ubRMSE and the parts of MSE.

The sign is that of the field, and of pytesmo called as ``bias(estimate, reference)``: a positive
bias means that the estimate is too wet. All divisors are ``n`` (``ddof=0``), as in pytesmo, Qu et
al. (2021, eqs. 13-15) and Chang et al. (2022, eqs. 9 and 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from local_core.metrics.moments import PairMoments, pair_moments
from local_core.metrics.reduction import reduce_pair


class MseParts(NamedTuple):
    """Mean square difference and its three additive parts.

    Attributes
    ----------
    mse : float or ndarray or DataArray
        Mean square difference, ``corr + bias + var``.
    corr : float or ndarray or DataArray
        ``2 sd_x sd_y (1 - r)``: what a linear rescaling cannot remove.
    bias : float or ndarray or DataArray
        Squared difference of the means.
    var : float or ndarray or DataArray
        ``(sd_x - sd_y)**2``.
    """

    mse: Any
    corr: Any
    bias: Any
    var: Any


def bias(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Any:
    """Mean of estimate minus reference.

    Parameters
    ----------
    estimate, reference : array_like or xarray.DataArray
        Paired values in one unit; a pair with a gap in either is left out.
    axis : int
        Axis to reduce, for arrays.
    dim : str or sequence of str, optional
        Dimension to reduce, for DataArrays; default ``"time"`` or the only one.

    Returns
    -------
    float, ndarray or xarray.DataArray
        Bias in the unit of the input, NaN where no pair is valid.

    Raises
    ------
    ValueError
        If the two cannot be paired.

    Examples
    --------
    >>> round(bias([0.25, 0.30, float("nan")], [0.20, 0.20, 0.20]), 6)
    0.075
    """
    return _scalar_score(
        lambda m: m.mean_x - m.mean_y, estimate, reference, axis=axis, dim=dim, long_name="bias"
    )


def mae(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Any:
    """Mean absolute difference; parameters as :func:`bias`.

    Examples
    --------
    >>> mae([1.0, 3.0], [2.0, 1.0])
    1.5
    """
    return _scalar_score(
        mean_absolute_difference,
        estimate,
        reference,
        axis=axis,
        dim=dim,
        long_name="mean absolute difference",
    )


def rmse(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Any:
    """Root mean square difference (divisor n); parameters as :func:`bias`.

    Examples
    --------
    >>> rmse([1.0, 3.0], [2.0, 4.0])
    1.0
    """
    return _scalar_score(
        lambda m: np.sqrt(mean_square_difference(m)),
        estimate,
        reference,
        axis=axis,
        dim=dim,
        long_name="root mean square difference",
    )


def ubrmse(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Any:
    """Root mean square difference after removing both means (divisor n); see :func:`bias`.

    ``rmse**2 == ubrmse**2 + bias**2``.

    Examples
    --------
    >>> ubrmse([1.0, 3.0], [2.0, 4.0])
    0.0
    """
    return _scalar_score(
        lambda m: np.sqrt(m.var_d),
        estimate,
        reference,
        axis=axis,
        dim=dim,
        long_name="unbiased root mean square difference",
    )


def mse_decomposition(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> MseParts:
    """Mean square difference split by correlation, bias and variance.

    Gupta et al. (2009), as in pytesmo's ``mse_decomposition``; parameters as :func:`bias`.

    Returns
    -------
    MseParts
        ``(mse, corr, bias, var)``.

    Examples
    --------
    >>> parts = mse_decomposition([1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
    >>> bool(abs(parts.mse - (parts.corr + parts.bias + parts.var)) < 1e-12)
    True
    """
    result = reduce_pair(
        lambda x, y: np.stack(mse_parts(pair_moments(x, y)), axis=-1),
        estimate,
        reference,
        n_outputs=4,
        axis=axis,
        dim=dim,
    )
    return MseParts(*(unpacked(result, k) for k in range(4)))


def mean_absolute_difference(m: PairMoments) -> NDArray[np.float64]:
    """Mean of ``|x - y|`` from centred series and means."""
    difference = (m.x - m.y) + (m.mean_x - m.mean_y)[:, None]
    np.abs(difference, out=difference)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.einsum("ij,ij->i", difference, m.valid.astype(np.float64)) / m.n


def mean_square_difference(m: PairMoments) -> NDArray[np.float64]:
    """Mean of ``(x - y)**2``."""
    return m.var_d + (m.mean_x - m.mean_y) ** 2


def mse_parts(m: PairMoments) -> tuple[NDArray[np.float64], ...]:
    """Return ``(mse, corr, bias, var)`` from moments."""
    sd_x, sd_y = np.sqrt(m.var_x), np.sqrt(m.var_y)
    corr = np.maximum(2 * sd_x * sd_y - 2 * m.cov, 0.0)
    squared_bias = (m.mean_x - m.mean_y) ** 2
    var = (sd_x - sd_y) ** 2
    return corr + squared_bias + var, corr, squared_bias, var


def unpacked(result: Any, k: int) -> Any:
    """Take one score from the last axis of a reduction; a plain float if nothing is left."""
    if isinstance(result, np.ndarray):
        part = result[..., k]
        return float(part) if part.ndim == 0 else part
    return result.isel(score=k)


def _scalar_score(
    score: Any, estimate: Any, reference: Any, *, axis: int, dim: Any, long_name: str
) -> Any:
    def kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            return score(pair_moments(x, y))[:, None]

    result = unpacked(reduce_pair(kernel, estimate, reference, n_outputs=1, axis=axis, dim=dim), 0)
    if not isinstance(result, float | np.ndarray):
        result.attrs["long_name"] = long_name
    return result
