"""Association of an estimate and a reference: Pearson, Spearman, R2, regression line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from local_core.metrics.deviation import mean_square_difference, unpacked
from local_core.metrics.moments import PairMoments, pair_moments
from local_core.metrics.reduction import reduce_pair


class Correlation(NamedTuple):
    """A correlation coefficient and its two-sided p-value.

    Attributes
    ----------
    r : float or ndarray or DataArray
        The coefficient, NaN where a series is constant or fewer than two pairs are valid.
    p : float or ndarray or DataArray
        Probability of a coefficient at least this far from zero, were the truth zero; NaN for
        fewer than three pairs.
    """

    r: Any
    p: Any


def pearson_r(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Correlation:
    """Pearson's linear correlation and its p-value.

    Parameters
    ----------
    estimate, reference : array_like or xarray.DataArray
        Paired values; a pair with a gap in either is left out.
    axis : int
        Axis to reduce, for arrays.
    dim : str or sequence of str, optional
        Dimension to reduce, for DataArrays; default ``"time"`` or the only one.

    Returns
    -------
    Correlation
        ``(r, p)``; p counts every pair as independent (see :func:`scores` for autocorrelation).

    Raises
    ------
    ValueError
        If the two cannot be paired.

    Examples
    --------
    >>> r, p = pearson_r([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.1])
    >>> r > 0.999, p < 0.001
    (True, True)
    """

    def kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        m = pair_moments(x, y)
        r = pearson_from_moments(m)
        return np.stack([r, correlation_p_value(r, m.n)], axis=-1)

    result = reduce_pair(kernel, estimate, reference, n_outputs=2, axis=axis, dim=dim)
    return Correlation(unpacked(result, 0), unpacked(result, 1))


def spearman_r(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Correlation:
    """Spearman's rank correlation (mid-ranks for ties) and its p-value; see :func:`pearson_r`.

    Examples
    --------
    >>> r, p = spearman_r([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 4.0, 9.0, 16.0, 25.0])
    >>> round(r, 6)
    1.0
    """

    def kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        m = pair_moments(x, y)
        rho = spearman_from_pairs(x, y, m)
        return np.stack([rho, correlation_p_value(rho, m.n)], axis=-1)

    result = reduce_pair(kernel, estimate, reference, n_outputs=2, axis=axis, dim=dim)
    return Correlation(unpacked(result, 0), unpacked(result, 1))


def r2(
    estimate: Any, reference: Any, *, axis: int = -1, dim: str | Sequence[str] | None = None
) -> Any:
    """Coefficient of determination ``1 - sum((ref - est)**2) / sum((ref - mean(ref))**2)``.

    This is scikit-learn's ``r2_score(reference, estimate)`` and the Nash-Sutcliffe efficiency: it
    punishes bias and can be negative. It is the square of Pearson's r only for a least-squares fit
    scored on its own training data. Parameters as :func:`pearson_r`.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """

    def kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return r2_from_moments(pair_moments(x, y))[:, None]

    return unpacked(reduce_pair(kernel, estimate, reference, n_outputs=1, axis=axis, dim=dim), 0)


def pearson_from_moments(m: PairMoments) -> NDArray[np.float64]:
    """Pearson's r, clipped to [-1, 1] against rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        r = m.cov / (np.sqrt(m.var_x) * np.sqrt(m.var_y))
    r = np.clip(r, -1.0, 1.0)
    r[m.constant_x | m.constant_y | (m.n < 2)] = np.nan
    return r


def spearman_from_pairs(
    x: NDArray[np.float64], y: NDArray[np.float64], m: PairMoments
) -> NDArray[np.float64]:
    """Spearman's rho: Pearson's r of mid-ranks among the valid pairs."""
    # The raw values are ranked: centring could merge values that differ by less than rounding.
    rho = pearson_from_moments(pair_moments(midranks(x, m.valid), midranks(y, m.valid)))
    rho[m.constant_x | m.constant_y] = np.nan
    return rho


def r2_from_moments(m: PairMoments) -> NDArray[np.float64]:
    """Coefficient of determination of x as a prediction of y."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 1.0 - mean_square_difference(m) / m.var_y
    value[m.constant_y | (m.n < 2)] = np.nan
    return value


def regression_line(m: PairMoments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least-squares ``estimate = slope * reference + intercept``."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = m.cov / m.var_y
    slope[m.constant_y | (m.n < 2)] = np.nan
    return slope, m.mean_x - slope * m.mean_y


def correlation_p_value(
    r: NDArray[np.float64], n: NDArray[np.floating] | NDArray[np.integer]
) -> NDArray[np.float64]:
    """Two-sided p-value of a correlation of ``n`` independent normal pairs (t with n - 2)."""
    df = np.asarray(n, dtype=np.float64) - 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        t2 = r * r * df / ((1.0 - r) * (1.0 + r))
        p = special.betainc(0.5 * df, 0.5, np.clip(df / (df + t2), 0.0, 1.0))
    p = np.where(np.abs(r) == 1.0, 0.0, p)
    return np.where(np.isnan(r) | (df < 1.0), np.nan, p)


def midranks(values: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Ranks from 1 along the last axis, ties sharing their mean rank, NaN where not valid."""
    length = values.shape[-1]
    if length == 0:
        return np.full(values.shape, np.nan)
    keyed = np.where(valid, values, np.inf)
    # Equal values share their rank, so their order among each other does not matter.
    order = np.argsort(keyed, axis=-1)
    ordered = np.take_along_axis(keyed, order, axis=-1)
    equal_to_next = ordered[:, 1:] == ordered[:, :-1]
    equal_to_next &= np.isfinite(ordered[:, 1:])
    ranked = np.broadcast_to(np.arange(1.0, length + 1.0), ordered.shape)
    if equal_to_next.any():
        ranked = _shared_ranks(equal_to_next)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, ranked, axis=-1)
    ranks[~valid] = np.nan
    return ranks


def _shared_ranks(equal_to_next: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean rank of each run of equal values, from which sorted neighbours are equal."""
    n_series, length = equal_to_next.shape[0], equal_to_next.shape[1] + 1
    position = np.broadcast_to(np.arange(1, length + 1), (n_series, length))
    starts, ends = np.ones((2, n_series, length), dtype=bool)
    starts[:, 1:] = ~equal_to_next
    ends[:, :-1] = ~equal_to_next
    first = np.maximum.accumulate(np.where(starts, position, 0), axis=-1)
    last = np.where(ends, position, length)[:, ::-1]
    last = np.minimum.accumulate(last, axis=-1)[:, ::-1]
    return 0.5 * (first + last)
